"""What a scan takes for somebody's identity number."""

from __future__ import annotations

import pytest

from ckanext.govdata.cases.identities import has_number
from ckanext.govdata.cases.withdrawal.scanning import numbers_in
from ckanext.govdata.tables.domain import Sheet

# Made up: nobody who was born in 1850 ever had one.
NUMBER = "110101185003070010"


def right(number: str) -> str:
    """The number with the check digit that it has to have."""
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True)) % 11
    return number[:17] + "10X98765432"[rest]


@pytest.mark.requirement("LYG-14", "LYG-26")
@pytest.mark.parametrize(
    ("cell", "is_one"),
    [
        (right(NUMBER), True),
        (f"张某（{right(NUMBER)}）", True),
        (right(NUMBER).lower(), True),
        (right(NUMBER)[:-1] + ("1" if right(NUMBER)[-1] != "1" else "2"), False),
        (right(NUMBER) + "7", False),
        ("913207001388888888", False),
        ("13800000000", False),
        ("2026-11-28", False),
        (None, False),
    ],
)
def test_a_number_of_a_person_is_told_from_other_numbers(cell: str | None, is_one: bool) -> None:
    assert numbers_in(Sheet(("备注", "名称"), ((cell, "甲"),))) == ({"备注": 1} if is_one else {})


@pytest.mark.requirement("LYG-20", "LYG-18")
def test_a_number_in_wide_digits_is_one_too() -> None:
    number = right(NUMBER)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    assert [has_number(f"张某{one}号") for one in (number, wide, number[:-1])] == [True, True, False]
