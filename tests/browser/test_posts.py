"""Officers in a real browser: a post handed over when somebody leaves, last days, training, the register and its export."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .sample_city import ADMIN, AUTHORITY, DECIDER, HEIR, LEAVING, OPERATOR
from .test_parties import check


@pytest.mark.requirement("LYG-35", "ZB-6", "GY-c1")
def test_a_post_is_handed_over_when_an_officer_leaves(open_page: Callable[..., Any]) -> None:
    leaving = open_page("/login/account/", user=LEAVING)
    assert leaving.locator("#open-sessions").count() == 1
    page = open_page("/desk", user=AUTHORITY)
    page.get_by_role("link", name="工作人员").first.click()
    assert page.get_by_role("row").filter(has_text=LEAVING).count() == 1
    page.goto(page.url.split("?")[0] + "?agency=health")
    row = page.get_by_role("row").filter(has_text=LEAVING)
    row.get_by_role("textbox").fill("nobody-there")
    row.get_by_role("button").click()
    assert page.get_by_role("row").filter(has_text=LEAVING).count() == 1, "a refused hand-over changes nothing"
    row = page.get_by_role("row").filter(has_text=LEAVING)
    row.get_by_role("textbox").fill(HEIR)
    row.get_by_role("button").click()
    page.wait_for_load_state()
    assert page.get_by_role("row").filter(has_text=LEAVING).count() == 0
    new = page.get_by_role("row").filter(has_text=HEIR).inner_text()
    assert "数据专员" in new and "2099-12-31" in new
    leaving.reload()
    assert "/user/login" in leaving.url, "what the one who left had open is closed"
    page.fill("#training-user", HEIR)
    page.fill("#training-subject", "数据分级")
    page.fill("#training-day", datetime.date.today().isoformat())
    page.locator("form[action$='/training'] button").click()
    assert datetime.date.today().isoformat() in page.get_by_role("row").filter(has_text=HEIR).inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert any(HEIR in line for line in table) and not any(LEAVING in line for line in table)


@pytest.mark.requirement("LYG-35")
def test_officers_of_the_operator_get_a_last_day_and_the_pages_hold_for_everybody(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/officers/?all=1", user=ADMIN)
    page.fill("#office-user", OPERATOR)
    page.select_option("#office-role", "operator")
    page.fill("#office-until", "2020-01-01")
    page.locator("form[action$='/office'] button").last.click()
    assert "任期截止日" in page.locator(".flash-messages").inner_text()
    day = (datetime.date.today() + datetime.timedelta(days=400)).isoformat()
    page.fill("#office-user", OPERATOR)
    page.select_option("#office-role", "operator")
    page.fill("#office-until", day)
    page.locator("form[action$='/office'] button").last.click()
    assert day in page.get_by_role("row").filter(has_text=OPERATOR).inner_text()
    check(page, ["/officers/?all=1", "/login/administration/", "/login/administration/try"])
    check(open_page("/officers/", user=DECIDER), ["/officers/?agency=transport"])
    answer = page.goto(page.url)
    assert "script-src 'self';" in answer.headers["content-security-policy"], "no page of ours has script in it"
    assert page.locator("script:not([src]):not([type='application/ld+json'])").count() == 0


def test_the_pages_of_registering_hold_for_everybody(open_page: Callable[..., Any]) -> None:
    page = open_page("/")
    page.get_by_role("link", name="注册").first.click()
    page.get_by_label("手机号码").fill("12")
    page.get_by_role("button", name="发送验证码").click()
    assert page.locator("#error-phone").count() == 1
    page.get_by_label("手机号码").fill("13912345678")
    page.get_by_role("button", name="发送验证码").click()
    page.get_by_label("六位验证码").fill("000000")
    page.get_by_role("button", name="继续").click()
    assert page.locator("#error-code").count() == 1
    check(page, ["/login/register/", "/login/register/code", "/user/login", "/user/reset"])
