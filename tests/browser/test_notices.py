"""The box of notices, the calendar and the reasons of a date: read, marked and understood in both languages and widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .sample_city import TOLD, UNTOLD
from .test_parties import check

PAGES = ["/calendar", "/calendar?year=2027", "/calendar/why/open_application_answer"]


def test_a_notice_is_counted_in_the_header_read_and_led_to_what_it_is_about(open_page: Callable[..., Any]) -> None:
    page = open_page("/notices", user=TOLD)
    assert page.locator(".gd-header .gd-unread").inner_text().startswith("2")
    assert page.locator("article.gd-case").count() == 2
    first = page.locator("article.gd-case").first
    assert first.locator("h2").inner_text().endswith("申请：公交刷卡客流：请按期办结")
    assert "请于 2026年12月4日 24 时前办结（法定期限）。" in first.inner_text()
    first.get_by_role("button", name="查看").click()
    page.wait_for_url("**/dataset/bus-cards")
    assert page.locator(".gd-header .gd-unread").inner_text().startswith("1")
    page.goto(page.url.replace("/dataset/bus-cards", "/notices?unread=1"))
    assert page.locator("article.gd-case").count() == 1
    check(page, ["/notices", "/notices?unread=1"])
    page.goto(page.url.split("/en/")[0] + "/notices")
    page.get_by_role("button", name="全部标为已读").click()
    assert page.locator(".gd-header .gd-unread").count() == 0


def test_a_visitor_is_asked_to_sign_in_before_the_box(open_page: Callable[..., Any]) -> None:
    assert "/user/login" in open_page("/notices").url


def test_somebody_without_notices_reads_what_will_stand_here(open_page: Callable[..., Any]) -> None:
    assert "还没有消息" in open_page("/notices", user=UNTOLD).locator("main").inner_text()


@pytest.mark.requirement("LYG-19")
def test_the_calendar_and_the_reasons_of_a_date_are_there_for_everybody(open_page: Callable[..., Any]) -> None:
    page = open_page("/calendar?year=2026", javascript=False)
    row = page.locator("tr", has_text="春节").inner_text()
    assert "2026年2月15日" in row
    assert "2026年2月28日" in row
    page.goto(page.url.replace("/calendar?year=2026", "/calendar/why/open_application_answer"))
    text = page.locator("main").inner_text()
    assert "至迟" in text
    assert "LYG-19" in text
    assert "法定期限" in text
    assert page.locator("main tbody tr").count() >= 11
    check(open_page("/calendar"), PAGES)  # axe is a script: it runs where scripts do
