"""What a visitor does: search, narrow, open, download, read a list; with JavaScript switched off."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from .portal import PAGE
from .test_accessible import _violations


@pytest.fixture
def plain(open_page: Callable[..., Any]) -> Callable[[str], Any]:
    return lambda path: open_page(path, javascript=False)


def test_a_visitor_searches_narrows_and_opens_without_javascript(plain: Callable[[str], Any]) -> None:
    page = plain("/")
    page.fill("#field-main-search", "停车场")
    page.click(".gd-hero button[type=submit]")
    assert page.locator(".gd-card mark").first.inner_text() == "停车场"
    page.click(".gd-facet a:has-text('交通运输局')")
    page.click(".gd-facet a:has-text('无条件开放')")
    assert page.locator(".gd-chips li").count() == 3
    page.click(".gd-card h2 a:has-text('城区公共停车场名录')")
    assert page.locator("h1").inner_text() == "城区公共停车场名录"


def test_a_filter_is_taken_off_by_its_chip(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/?open_tier=conditional&theme=transport")
    assert page.locator(".gd-card").count() == 1
    page.click(".gd-chips a:has-text('有条件开放')")
    assert page.locator(".gd-card").count() == PAGE


def test_pages_of_results_have_numbers_and_addresses(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/?theme=transport")
    page.click(".gd-pager a:has-text('2')")
    assert "page=2" in page.url and "theme=transport" in page.url
    assert page.locator(".gd-card").count() > 0


def test_nothing_found_says_what_to_do(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/?q=zzzz&open_tier=conditional")
    page.click(".gd-empty-state a:has-text('取消筛选')")
    assert "q=zzzz" in page.url and "open_tier" not in page.url


def test_an_unconditional_file_is_downloaded_from_the_page(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/parking")
    with page.expect_download() as waiting:
        page.click(".gd-file:has-text('停车场名录') a:has-text('下载')")
    assert "第1停车场" in waiting.value.path().read_text(encoding="utf-8")


@pytest.mark.requirement("LYG-10")
def test_a_conditional_dataset_shows_its_conditions_and_no_download(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/bus-cards")
    assert "用途限于交通规划研究" in page.locator(".gd-access").inner_text()
    assert page.locator("#files a:has-text('下载'), .gd-access a:has-text('下载')").count() == 0
    page.click(".gd-access .gd-button-main")
    assert page.url.endswith("/user/login?came_from=/dataset/bus-cards/apply"), "whoever applies signs in first"


@pytest.mark.requirement("GY-c2")
def test_a_visitor_sees_of_closed_data_only_its_row_in_the_negative_list(plain: Callable[[str], Any]) -> None:
    page = plain("/negative-list")
    row = page.locator("tbody tr").inner_text()
    assert "道路重点部位防护信息" in row and "交通运输局" in row and "第七条" in row
    assert page.goto(page.url.replace("/negative-list", "/dataset/road-works")).status == 404
    page.goto(page.url.replace("/dataset/road-works", "/dataset/held-list"))
    assert "待定数据" not in page.content()


@pytest.mark.requirement("LYG-11", "DCF-23")
def test_an_agencys_list_has_its_two_views(plain: Callable[[str], Any]) -> None:
    page = plain("/organization/transport")
    page.click(".gd-tabs a:has-text('有条件开放')")
    assert page.locator("tbody tr").count() == 1
    assert "公交刷卡客流" in page.locator("tbody").inner_text()
    with page.expect_download() as waiting:
        page.click(".gd-downloads a:has-text('CSV')")
    assert waiting.value.suggested_filename.endswith(".csv")
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == 2 and "公交刷卡客流" in rows[1]


def test_the_page_describes_the_dataset_for_machines_and_only_public_ones(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/parking")
    described = json.loads(page.locator("script[type='application/ld+json']").inner_text())
    assert described["@type"] == "Dataset" and described["name"] == "城区公共停车场名录"
    assert described["isAccessibleForFree"] is True and len(described["distribution"]) == 2


def test_our_pages_have_no_scripts_or_handlers_in_them(plain: Callable[[str], Any]) -> None:
    page = plain("/")
    base = page.url.rstrip("/")
    for path in ("/", "/dataset/", "/dataset/parking", "/organization/transport", "/dataset/parking/api"):
        page.goto(base + path)
        inline = page.locator("script:not([src]):not([type='application/ld+json'])")
        assert inline.count() == 0, path
        handlers = (
            "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
        )
        assert page.evaluate(handlers) == [], path


@pytest.mark.requirement("LYG-16")
def test_suggestions_are_chosen_with_the_keyboard_and_announced(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/")
    box = page.locator("#field-main-search")
    assert box.get_attribute("role") == "combobox"
    box.focus()
    box.press_sequentially("tingchechang", delay=5)
    options = page.locator(".gd-search-page [role=option]")
    options.first.wait_for()
    assert all("停车场" in text for text in options.all_inner_texts())
    assert box.get_attribute("aria-expanded") == "true"
    assert str(options.count()) in page.locator(".gd-search-page [role=status]").inner_text()
    assert _violations(page) == []
    box.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "tingchechang"
    box.press("ArrowDown")
    options.first.wait_for()
    chosen = options.first.inner_text()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/dataset/*")
    assert page.locator("h1").inner_text() == chosen


def test_no_suggestion_is_asked_for_while_a_word_is_composed(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "autocomplete" in request.url else None)
    fire = (
        "([type, composing]) => { const box = document.querySelector('#field-main-search'); box.focus();"
        " box.value = composing ? 'ting' : '停车'; box.dispatchEvent(new InputEvent(type, {isComposing: composing})) }"
    )
    page.evaluate(fire, ["input", True])
    page.wait_for_timeout(400)
    assert asked == []
    page.evaluate(fire, ["compositionend", False])
    page.locator(".gd-search-page [role=option]").first.wait_for()
    assert len(asked) == 1


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_slip_is_answered_with_what_may_have_been_meant(plain: Callable[[str], Any], language: str) -> None:
    page = plain(f"{language}/dataset/?q=停车厂")
    assert ("您是不是要找" if not language else "Did you mean") in page.locator(".gd-meant").inner_text()
    page.click(".gd-meant a:has-text('停车场')")
    assert page.locator(".gd-card mark").first.inner_text() == "停车场"


@pytest.mark.parametrize("number", [99, 500_000_000])
def test_a_page_past_the_last_one_says_so_and_leads_back(plain: Callable[[str], Any], number: int) -> None:
    page = plain(f"/dataset/?q=停车场&page={number}")
    assert "没有这一页" in page.locator("#past-the-end").inner_text()
    page.click("#past-the-end a")
    assert page.locator(".gd-card mark").first.inner_text() == "停车场"


@pytest.mark.parametrize("language", ["", "/en"])
def test_what_merely_comes_nearest_is_called_so_and_the_data_can_be_asked_for(
    plain: Callable[[str], Any], language: str
) -> None:
    assert plain(f"{language}/dataset/?q=停车场").locator("#nearest").count() == 0
    page = plain(f"{language}/dataset/?q=食堂停车场")
    assert page.locator(".gd-card").count() > 0
    assert ("最接近" if not language else "come nearest") in page.locator("#nearest").inner_text()
    page.click("#nearest a")
    assert page.input_value("input[name=title]") == "食堂停车场"


def test_what_was_found_is_marked_by_its_own_words(plain: Callable[[str], Any]) -> None:
    page = plain("/dataset/?q=停車場信息")
    assert page.locator(".gd-card h2 mark").first.inner_text() == "停车场"
