"""Every page, in both languages and at both widths: axe finds nothing, and nothing scrolls the page sideways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LANGUAGES, WIDTHS
from .sample_city import ADMIN, DECIDER

PUBLIC = {
    "home": "/",
    "search": "/dataset/?q=停车",
    "nothing found": "/dataset/?q=zzzz&open_tier=conditional",
    "something else meant": "/dataset/?q=停车厂",
    "unconditional dataset": "/dataset/parking",
    "conditional dataset": "/dataset/bus-cards",
    "API": "/dataset/parking/api",
    "agencies": "/organization/",
    "agency": "/organization/transport",
    "open list": "/open-list",
    "negative list": "/negative-list",
    "about": "/about",
    "terms": "/about/terms",
    "accessibility": "/about/accessibility",
    "sign-in": "/user/login",
    "no such page": "/no-such-page",
}
OFFICERS = {
    "desk": "/desk",
    "dataset that is not open": "/dataset/road-works",
    "held dataset": "/dataset/held-list",
    "change of tier": "/dataset/bus-cards/tier",
    "own uses": "/uses",
    "leaked file": "/desk/leaks",
    "an agency's uses": "/desk/uses?agency=transport",
}


def _violations(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for rule in found for node in rule["nodes"]
    ]


def check(page: Any, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert _violations(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_public_pages(open_page: Callable[..., Any], language: str, width: int) -> None:
    page = open_page("/about", width=width)
    base = page.url.removesuffix("/about")
    for name, path in PUBLIC.items():
        page.goto(base + LANGUAGES[language] + path)
        assert page.locator("h1").count() == 1, name
        check(page, width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_a_files_page_with_its_preview(
    open_page: Callable[..., Any], language: str, width: int
) -> None:
    page = open_page(LANGUAGES[language] + "/dataset/parking", width=width)
    page.locator(".gd-file h3 a").first.click()
    page.wait_for_load_state()
    assert page.locator("iframe.gd-preview").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is inside the frame is CKAN's own table view.
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, context={"exclude": [["iframe"]]}).response["violations"]
    assert [rule["id"] for rule in found] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_officers_pages(open_page: Callable[..., Any], language: str, width: int) -> None:
    page = open_page("/about", width=width, user=DECIDER if width == WIDTHS[0] else ADMIN)
    base = page.url.removesuffix("/about")
    for path in OFFICERS.values():
        page.goto(base + LANGUAGES[language] + path)
        check(page, width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_pages_of_tracing(open_page: Callable[..., Any], language: str, width: int) -> None:
    page = open_page("/about", width=width, user=ADMIN)
    base = page.url.removesuffix("/about")
    for path in (
        "/desk/trace",
        "/desk/trace?dataset=parking",
        "/desk/trace?dataset=parking&reason=check",
        "/desk/ledger",
    ):
        page.goto(base + LANGUAGES[language] + path)
        assert page.locator("h1").count() == 1, path
        check(page, width)


def test_the_first_tab_stop_jumps_to_the_content(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "gd-skip"
    assert page.locator(".gd-skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_large_type_is_kept_from_page_to_page_and_can_be_taken_back(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking")
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.get_by_text("关怀版").click()
    page.wait_for_load_state()
    assert page.url.endswith("/dataset/parking")
    page.get_by_text("开放清单").first.click()
    page.wait_for_load_state()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= before * 1.25
    page.get_by_text("标准版").click()
    page.wait_for_load_state()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == before


def test_large_type_stands_on_a_phone_too(open_page: Callable[..., Any]) -> None:
    page = open_page("/type-size?size=large&from=/dataset/parking", width=390)
    check(page, 390)


@pytest.mark.parametrize("address", ["https://example.org/", "//example.org/", "/\\example.org/"])
def test_the_switch_of_type_size_leads_nowhere_else(open_page: Callable[..., Any], address: str) -> None:
    page = open_page(f"/type-size?size=large&from={address}")
    assert "example.org" not in page.url


def test_on_a_phone_what_can_be_tapped_is_44_pixels_high(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking", width=390)
    heights = page.eval_on_selector_all(
        ".gd-button, .gd-nav a, .gd-utility a, .gd-tabs a", "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert heights and min(heights) >= 44
