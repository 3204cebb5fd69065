"""Whole journeys: a correction reaches whoever has the data; a leak is reported, withdrawn, confirmed and opened again by two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..beside import CKAN, run
from .conftest import LANGUAGES, WIDTHS
from .portal import Portal
from .sample_city import ADMIN, AUTHORITY, CSV, DATA_USER, DECIDER, OPERATOR
from .test_accessible import check as check_page

Open = Callable[..., Any]
# What the link, button or field says that has the focus, with the notice it belongs to. In between the page itself has it.
_SAID = """(at => at.matches('a, button, input, textarea, summary')
    ? (at.closest('article') || at).textContent || at.value || at.id : '')
    (document.activeElement)"""
LOOK = "查看"  # on the button of a notice that leads to what it is about


def upload(page: Any, base: str, dataset: str) -> str:
    """Give a dataset a file, as the administrator; answers the file's address."""
    fields = {"package_id": dataset, "name": "名录", "format": "CSV", "url": "f"}
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    headers = {"X-CSRFToken": page.get_attribute("meta[name=_csrf_token]", "content")}
    order = {**fields, "upload": file}
    answer = page.request.post(f"{base}/api/3/action/resource_create", multipart=order, headers=headers)
    assert answer.status == 200, answer.status_text
    return f"/dataset/{dataset}/resource/{answer.json()['result']['id']}/download/list.csv"


def seen_by_all(open_page: Open, path: str, user: str) -> None:
    """The page is sound at both widths and in both languages."""
    for width in WIDTHS:
        page = open_page(path, width=width, user=user)
        base = page.url.removesuffix(path)
        for prefix in LANGUAGES.values():
            page.goto(base + prefix + path)
            check_page(page, width)


def tab_to(page: Any, *words: str, most: int = 150) -> None:
    """Press Tab until what has the focus says all of these words, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(_SAID)
        if all(word in said for word in words):
            return
    raise AssertionError(f"no {most} steps of Tab lead to {words}")


def by_keyboard(open_page: Open, user: str, words: str, to: str) -> Any:
    """Come from the front page to a notice and to the address it leads to, without a mouse; answers the page."""
    page = open_page("/", user=user)
    tab_to(page, "消息")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notices*")
    tab_to(page, LOOK, words)
    page.keyboard.press("Enter")
    page.wait_for_url(to, timeout=15_000)
    return page


@pytest.mark.requirement("LYG-20", "GY-c5")
def test_a_correction_is_told_to_a_holder_who_acknowledges_it(open_page: Open, running_portal: Portal) -> None:
    dataset = "bus-line-5"
    file = upload(open_page("/", user=ADMIN), running_portal.url, dataset)
    holder = open_page(f"/dataset/{dataset}", user=DATA_USER)
    assert holder.request.get(running_portal.url + file).status == 200
    citizen = open_page(f"/dataset/{dataset}/object", width=390)
    citizen.check("input[name=reason][value=outdated]")
    citizen.fill("#objection-text", "站点已改名")
    citizen.click("main form button[type=submit]")
    number = citizen.locator("#objection-number").inner_text()
    desk = open_page("/desk/objections", user=DECIDER)
    desk.click(f"text={number}")
    desk.click("#do-accept button")
    desk.fill("#reason-correct", "已更新站名")
    desk.fill("#version-correct", "2026-11")
    desk.click("#do-correct button")
    told = by_keyboard(open_page, DATA_USER, number, "**/corrections/*")
    assert "已更新站名" in told.locator("main").inner_text()
    path = told.url.removeprefix(running_portal.url)
    seen_by_all(open_page, path, DATA_USER)
    button = told.locator("main form button[type=submit]").inner_text()
    tab_to(told, button)
    told.keyboard.press("Enter")
    assert "谢谢" in told.locator("#acknowledged").inner_text()
    desk.reload()
    assert "1 方已确认" in desk.locator("main").inner_text()
    holder.reload()
    holder.click("#follow-data")
    assert "取消关注" in holder.locator("#follow-data").inner_text()


def reported(open_page: Open, dataset: str) -> None:
    """A visitor with a phone reports a leak."""
    reporter = open_page(f"/dataset/{dataset}/report-leak", width=390)
    reporter.fill("#leak-text", "名称列里有手机号")
    reporter.check("input[name=personal]")
    reporter.click("main form button[type=submit]")


def withdrawn(open_page: Open, base: str, title: str, notice: str) -> str:
    """The operator reads the report, withdraws the data and gives the notice a title of its own; answers the case's address."""
    desk = open_page("/desk/withdrawals", user=OPERATOR)
    desk.locator("main table a", has_text=title).first.click()
    path = desk.url.removeprefix(base)
    assert "名称列里有手机号" in desk.locator("main").inner_text()
    desk.fill("#what-withdraw", "误含司机电话")
    assert desk.input_value("#notice-title") == title
    desk.fill("#notice-title", notice)
    desk.fill("#reason-withdraw", "经核查属实")
    desk.click("#do-withdraw button")
    return path


def confirmed(open_page: Open, path: str, title: str) -> None:
    """A holder is told, and confirms by the keyboard alone that the data is deleted."""
    told = by_keyboard(open_page, DATA_USER, title, "**/withdrawals/*")
    assert "误含司机电话" in told.locator("main").inner_text()
    seen_by_all(open_page, path, DATA_USER)
    button = told.locator("main form button[type=submit]").inner_text()
    tab_to(told, "holder-answer")
    told.keyboard.type("已删除")
    tab_to(told, button)
    told.keyboard.press("Enter")
    assert "谢谢" in told.locator("main p[role=status]").inner_text()


def opened_again(open_page: Open, path: str, dataset: str) -> None:
    """The agency works it over, tells the persons concerned and proposes; the authority opens."""
    agency = open_page(path, user=DECIDER)
    assert agency.locator("#fill-anew a").get_attribute("href").endswith(f"/dataset/edit/{dataset}")
    assert "1" in agency.locator("#holders-title + p").inner_text()
    agency.fill("#reason-rework", "已去除电话列")
    agency.click("#do-rework button")
    agency.check("#do-persons input[value=each]")
    agency.fill("#persons-reason", "已逐一电话告知")
    agency.click("#do-persons button")
    seen_by_all(open_page, path, DECIDER)
    agency.check("#do-propose input[value=unconditional]")
    agency.fill("#reason-propose", "已脱敏")
    agency.click("#do-propose button")
    assert agency.locator("#do-open-again").count() == 0, "the second person opens"
    second = open_page(path, width=390, user=AUTHORITY)
    second.click("#do-open-again button")
    assert "重新开放" in second.locator("main").inner_text()


@pytest.mark.requirement("LYG-26")
def test_a_leak_is_reported_withdrawn_confirmed_and_opened_again_by_two(
    open_page: Open, running_portal: Portal
) -> None:
    dataset, title, notice = "bus-line-6", "公交线路站点 6", "公交数据 6"
    file = upload(open_page("/", user=ADMIN), running_portal.url, dataset)
    holder = open_page("/", user=DATA_USER)
    assert holder.request.get(running_portal.url + file).status == 200
    reported(open_page, dataset)
    path = withdrawn(open_page, running_portal.url, title, notice)
    assert holder.request.get(running_portal.url + file).status in (403, 404)
    for width in WIDTHS:
        shut = open_page(f"/dataset/{dataset}", width=width)
        assert "司机" not in shut.content()
        check_page(shut, width)
    confirmed(open_page, path, notice)
    run(*CKAN, "-c", str(running_portal.ini), "jobs", "worker", "--burst")
    assert open_page(f"/dataset/{dataset}").locator("h1").inner_text().strip() == notice
    opened_again(open_page, path, dataset)
    assert open_page(f"/dataset/{dataset}").locator(".gd-banner").count() == 0
