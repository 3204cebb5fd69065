"""A request for data is joined, agreed and fulfilled; the pages of what people say are clean, at both widths, in zh and en."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import LANGUAGES, WIDTHS
from .sample_city import APPLICANT, DATA_USER, DECIDER, OPERATOR
from .test_accessible import check as check_page

VOICES = ("/showcase", *(f"/dataset/parking/voices?kind={kind}" for kind in ("rating", "question", "reuse")))


def _do(page: Any, command: str) -> None:
    """Open a step's form, by keyboard."""
    page.focus(f"details:has(#do-{command}) summary")
    page.keyboard.press("Enter")


@pytest.mark.requirement("YZ-28", "GY-c5", "LYG-18")
def test_a_request_for_data_is_joined_agreed_and_fulfilled(open_page: Callable[..., Any]) -> None:
    page = open_page("/requests/new", width=390, user=APPLICANT)
    page.fill("#ask-title", "停车场")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "城区公共停车场名录" in page.locator("main").inner_text(), "what is there comes first"
    check_page(page, 390)
    page.fill("#ask-short", "停车场空闲车位")
    page.fill("#ask-text", "各停车场每五分钟的空闲车位数")
    page.click("#ask-form button[type=submit]")
    address = page.url
    check_page(page, 390)
    desk = open_page("/requests", user=OPERATOR)
    desk.goto(address)
    check_page(desk, 1280)
    _do(desk, "show")
    desk.select_option("#agency-show", "transport")
    check_page(desk, 1280)
    desk.click("#do-show button")
    other = open_page("/requests?q=空闲车位", width=390, user=DATA_USER)
    check_page(other, 390)
    other.click(".gd-ask a")
    other.click("#support button")
    assert "2 人需要" in other.locator("main").inner_text()
    check_page(other, 390)
    agency = open_page("/requests", user=DECIDER)
    agency.goto(address)
    _do(agency, "agree")
    agency.fill("#promised-agree", "2027-06-30")
    agency.fill("#reason-agree", "正在整理接口")
    agency.click("#do-agree button")
    other.reload()
    assert "2027年6月30日" in other.locator("main").inner_text()
    _do(agency, "fulfil")
    agency.fill("#dataset-fulfil", "parking")
    agency.click("#do-fulfil button")
    check_page(agency, 1280)
    told = open_page("/notices", width=390, user=DATA_USER)
    assert "您需要的数据已有" in told.locator("main").inner_text()
    last = open_page("/requests", width=390)
    last.goto(address)
    assert "已满足" in last.locator("main").inner_text()
    check_page(last, 390)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_pages_of_voices(open_page: Callable[..., Any], language: str, width: int) -> None:
    page = open_page("/about", width=width)
    base = page.url.removesuffix("/about")
    for path in (
        "/requests",
        "/requests?q=zzzz",
        "/requests/new",
        "/requests/new?title=停车场",
        "/misuse",
        "/misuse/follow",
        *VOICES,
    ):
        page.goto(base + LANGUAGES[language] + path)
        check_page(page, width)


@pytest.mark.requirement("LYG-25", "LYG-38")
def test_misuse_is_reported_without_a_name_and_answered_by_number_and_code(open_page: Callable[..., Any]) -> None:
    page = open_page("/misuse?dataset=bus-cards", width=390)
    check_page(page, 390)
    page.focus("input[name=kind][value=agreement_duties]")
    page.keyboard.press("Space")
    page.focus("#misuse-text")
    page.keyboard.type("客流数据被转卖")
    page.focus("main form button[type=submit]")
    page.keyboard.press("Enter")
    number, code = page.locator("#misuse-number").inner_text(), page.locator("#misuse-code").inner_text()
    check_page(page, 390)
    desk = open_page("/desk/misuse", user=OPERATOR)
    check_page(desk, 1280)
    desk.click(f"text={number}")
    assert "客流数据被转卖" not in desk.locator("main").inner_text()
    desk.click("#do-examine button")
    assert "客流数据被转卖" in desk.locator("main").inner_text()
    desk.fill("#party-name", "江海䶮")
    desk.press("#party-name", "Enter")
    desk.click("text=涉及江海䶮数据有限公司")
    check_page(desk, 1280)
    desk.fill("#text-ask", "能说明转卖给了谁吗？")
    desk.click("#do-ask button")
    follow = open_page("/misuse/follow", width=390)
    follow.fill("#follow-number", number)
    follow.fill("#follow-code", code)
    follow.click("main form button[type=submit]")
    assert "能说明转卖给了谁吗" in follow.locator("main").inner_text()
    check_page(follow, 390)


@pytest.mark.requirement("LYG-18", "LYG-29", "GY-c6")
def test_a_question_is_asked_shown_and_answered(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking/voices?kind=question", width=390, user=APPLICANT)
    check_page(page, 390)
    page.fill("#say-text", "泊位数多久更新一次？")
    page.click("#say button[type=submit]")
    address = page.url
    check_page(page, 390)
    operator = open_page("/about", user=OPERATOR)
    operator.goto(address)
    _do(operator, "show")
    operator.click("#do-show button")
    agency = open_page("/about", user=DECIDER)
    agency.goto(address)
    _do(agency, "answer")
    check_page(agency, 1280)
    agency.fill("#reason-answer", "每月一日更新")
    agency.click("#do-answer button")
    read = open_page("/dataset/parking", width=390)
    said = read.locator("#voices").inner_text()
    assert "泊位数多久更新一次" in said
    assert "单位答复" in said
    assert APPLICANT not in said
    check_page(read, 390)
