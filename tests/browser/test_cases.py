"""A citizen objects without an account and follows it by number and code; the agency answers; a leak is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LANGUAGES, WIDTHS
from .sample_city import ADMIN, DECIDER
from .test_accessible import check as check_page

PATH = "/dataset/parking"


@pytest.mark.requirement("LYG-20", "GY-c5")
def test_a_citizen_objects_by_keyboard_and_the_agency_answers(open_page: Callable[..., Any]) -> None:
    page = open_page(PATH + "/object", width=390)
    check_page(page, 390)
    page.focus("input[name=reason][value=wrong]")
    page.keyboard.press("Space")
    page.focus("#objection-text")
    page.keyboard.type("泊位数不对")
    page.focus("main form button[type=submit]")
    page.keyboard.press("Enter")
    number, code = page.locator("#objection-number").inner_text(), page.locator("#objection-code").inner_text()
    desk = open_page("/desk/objections", user=DECIDER)
    check_page(desk, 1280)
    desk.click(f"text={number}")
    assert "泊位数不对" in desk.locator("main").inner_text()
    check_page(desk, 1280)
    desk.click("#do-accept button")
    assert "核查中" in open_page(PATH).locator(".gd-banner").first.inner_text()
    desk.fill("#reason-correct", "已更正泊位数")
    desk.fill("#version-correct", "2026-11")
    desk.click("#do-correct button")
    follow = open_page("/objections/follow", width=390)
    follow.fill("#follow-number", number)
    follow.fill("#follow-code", code)
    follow.click("main form button[type=submit]")
    assert "已更正泊位数" in follow.locator("main").inner_text()
    check_page(follow, 390)
    assert open_page(PATH).locator(".gd-banner").count() == 0


def test_a_button_that_is_pressed_twice_files_one_objection(open_page: Callable[..., Any]) -> None:
    def waiting() -> int:
        return open_page("/desk/objections", user=DECIDER).locator("main table tbody tr").count()

    before = waiting()
    page = open_page(PATH + "/object", width=390)
    page.check("input[name=reason][value=missing]")
    page.fill("#objection-text", "缺少夜间泊位")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    button = page.locator("main form button[type=submit]")
    button.evaluate("button => { button.click(); setTimeout(() => button.click(), 30); }")
    page.wait_for_selector("#objection-number")
    assert sent == ["POST"]
    page.go_back()
    page.fill("#objection-text", "另外缺少收费标准")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#objection-number")
    assert waiting() == before + 2


@pytest.mark.requirement("LYG-26")
def test_a_leak_is_reported_and_found_to_be_none(open_page: Callable[..., Any]) -> None:
    page = open_page(PATH + "/report-leak", width=390)
    check_page(page, 390)
    page.fill("#leak-text", "第三列有手机号")
    page.click("main form button[type=submit]")
    assert "谢谢" in page.locator("main").inner_text()
    check_page(page, 390)
    number, code = page.locator("#objection-number").inner_text(), page.locator("#objection-code").inner_text()
    desk = open_page("/desk/withdrawals", user=ADMIN)
    check_page(desk, 1280)
    desk.locator("main table a").first.click()
    assert "第三列有手机号" in desk.locator("main").inner_text()
    check_page(desk, 1280)
    desk.click("#do-assess button")
    desk.fill("#reason-dismiss", "是公开电话")
    desk.click("#do-dismiss button")
    assert "未发现泄露" in desk.locator("main").inner_text()
    follow = open_page("/objections/follow", width=390)
    follow.fill("#follow-number", number)
    follow.fill("#follow-code", code)
    follow.click("main form button[type=submit]")
    assert "未发现泄露" in follow.locator("main section").inner_text()
    check_page(follow, 390)
    follow.fill("#follow-code", code)
    follow.fill("#follow-reason", "不是公开电话")
    follow.click("main form button[type=submit]")
    assert "主管部门复核中" in follow.locator("main section").inner_text()
    desk.reload()
    assert "不是公开电话" in desk.locator("main").inner_text()
    check_page(desk, 1280)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_pages_of_cases(open_page: Callable[..., Any], language: str, width: int) -> None:
    page = open_page("/about", width=width)
    base = page.url.removesuffix("/about")
    for path in ("/objections", "/objections/follow", PATH + "/object", PATH + "/report-leak"):
        page.goto(base + LANGUAGES[language] + path)
        check_page(page, width)
