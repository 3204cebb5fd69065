"""Which passwords are taken, and how telephone numbers are kept."""

from __future__ import annotations

import pytest

from ckanext.govdata_login.contacts import plain
from ckanext.govdata_login.passwords import known, problem


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("nine-char", "short"),
        ("qwertyuiop", "known"),
        ("QwertyUiop", "known"),
        ("aabbaabbaabb", "known"),
        ("x" * 1001 + "yzw", "long"),
        ("zhang.san@example.org", "own"),
        ("Zhang.San@example.org ", "own"),
        ("bridge-of-five-arches", ""),
        ("春江潮水连海平海上明月共潮生", ""),
    ],
)
def test_a_password_is_judged_by_length_and_by_what_everybody_tries(password: str, found: str) -> None:
    assert problem(password, 10, ["zhang-san", "zhang.san@example.org"]) == found


def test_the_list_of_known_passwords_is_a_long_one() -> None:
    assert len(known()) > 25_000 and {"password123", "iloveyou", "1234567890"} <= known()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13912345678", "13912345678"),
        ("+86 139-1234-5678", "13912345678"),
        ("008613912345678", "13912345678"),
        ("+85291234567", "+85291234567"),
        ("12345678901", ""),
        ("0518-12345678", ""),
        ("139123456789", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_is_kept_in_one_shape(given: str, kept: str) -> None:
    assert plain(given) == kept
