"""Codes of apps and recovery codes, by the clock alone."""

from __future__ import annotations

import pytest
from pyotp.totp import TOTP

from ckanext.govdata_login.factors import codes

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_000
STEP = NOW // 30


@pytest.mark.parametrize(("away", "step"), [(-1, STEP - 1), (0, STEP), (1, STEP + 1), (-2, None), (2, None)])
def test_clocks_may_differ_by_one_step(away: int, step: int | None) -> None:
    assert codes.step_of(SECRET, TOTP(SECRET).at(NOW + away * 30), 0, NOW) == step


def test_a_step_once_used_and_those_before_it_count_no_more() -> None:
    assert codes.step_of(SECRET, TOTP(SECRET).at(NOW), STEP, NOW) is None
    assert codes.step_of(SECRET, TOTP(SECRET).at(NOW - 30), STEP, NOW) is None
    assert codes.step_of(SECRET, TOTP(SECRET).at(NOW + 30), STEP, NOW) == STEP + 1


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "0" * 100])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert codes.step_of(SECRET, code, 0, NOW) is None


def test_recovery_codes_differ_and_are_known_however_they_are_typed() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == 10
    assert codes.plain(f" {made[0].upper()} ") == codes.plain(made[0]) and codes.looks_like_recovery(made[0])
    assert not codes.looks_like_recovery("123456")
