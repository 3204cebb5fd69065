"""The account's menu: one row of the bar, opened and left by keyboard, whole without scripts; where the services lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LANGUAGES, WIDTHS
from .sample_city import AUTHORITY, DATA_USER
from .test_accessible import check

Open = Callable[..., Any]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officers_menu_opens_and_closes_by_keyboard_and_axe_finds_nothing_in_it(
    open_page: Open, language: str, width: int
) -> None:
    page = open_page(LANGUAGES[language] + "/about", width=width, user=AUTHORITY)
    bar = page.locator(".gd-utility")
    assert bar.bounding_box()["height"] <= (40 if width == WIDTHS[0] else 96), "the bar is one row, on a phone two"
    page.focus(".gd-menu summary")
    page.keyboard.press("Enter")
    assert page.locator(".gd-menu-panel").is_visible()
    check(page, width)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.gd-menu-panel') !== null")
    page.keyboard.press("Escape")
    assert not page.locator(".gd-menu-panel").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_without_scripts_the_menu_opens_and_somebody_without_office_has_no_officers_tools(open_page: Open) -> None:
    page = open_page("/about", user=DATA_USER, javascript=False)
    page.locator(".gd-menu summary").click()
    words = page.locator(".gd-menu-panel").inner_text()
    assert "我的需求" in words and "退出登录" in words
    assert "全部事项" not in words and page.locator(".gd-utility a[href$='/desk']").count() == 0


def test_every_service_of_the_home_page_and_the_footer_answers(open_page: Open) -> None:
    page = open_page("/")
    addresses = set(
        page.eval_on_selector_all(".gd-services a, .gd-footer-services a, .gd-nav a", "all => all.map(one => one.href)")
    )
    assert len(addresses) >= 14
    answers = {address: page.request.get(address).status for address in sorted(addresses)}
    assert {address: status for address, status in answers.items() if status != 200} == {}
