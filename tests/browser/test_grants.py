"""Grants and inspections by pages alone: asked for, decided by a second person, seen by the holder, suspended, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .sample_city import DATA_USER, DECIDER, OPERATOR
from .test_parties import check, path_of, send

DATASET = "/dataset/bus-cards"


def give(page: Any, name: str, reason: str) -> None:
    page.fill(f"#{name}-reason", reason)
    send(page, f"form[action$='/{name}']")


@pytest.mark.requirement("LYG-25", "LYG-33", "LYG-40", "YZ-30")
def test_an_inspection_goes_its_way_by_forms_alone(open_page: Callable[..., Any]) -> None:
    officer = open_page(DATASET, user=OPERATOR)
    officer.click("a[href$='/inspection']")
    form = path_of(officer)
    officer.fill("#inspection-days", "9000")
    officer.fill("#inspection-reason", "举报核查")
    send(officer, ".gd-form")
    assert officer.locator("#error-days").count() == 1
    assert officer.input_value("#inspection-reason") == "举报核查", "what was written is not lost"
    officer.fill("#inspection-days", "2")
    send(officer, ".gd-form")
    grant = path_of(officer)
    assert "等待另一人审定" in officer.locator("main").inner_text()
    assert officer.locator("form[action$='/decide']").count() == 0, "nobody decides what they asked for"

    decider = open_page("/desk/grants?kind=inspection&state=requested", user=DECIDER)
    decider.locator("main td a").first.click()
    decider.wait_for_load_state()
    assert path_of(decider) == grant
    decider.click("form[action$='/decide'] button[value=refuse]")
    decider.wait_for_load_state()
    assert decider.locator("#error-decide").count() == 1, "a refusal needs its reason"
    check(decider, [grant])
    decider.goto(officer.url)
    decider.click("form[action$='/decide'] button[value=accept]")
    decider.wait_for_load_state()
    give(decider, "suspend", "协助另案")
    assert "已暂停" in decider.locator("main").inner_text()
    give(decider, "resume", "另案已结")

    holder = open_page("/grants", user=OPERATOR)
    assert "有效" in holder.locator("main").inner_text()
    with holder.expect_download() as download:
        holder.click("a[href$='/grants.csv']")
    assert "公交刷卡客流" in download.value.path().read_text(encoding="utf-8")
    check(holder, ["/grants", "/desk/grants", "/desk/grants?state=refused", form])

    give(decider, "revoke", "已查完")
    assert "已提前终止" in decider.locator("main").inner_text()
    assert decider.locator(".gd-decision").count() == 0
    steps = decider.locator("#steps-title + ol li").all_inner_texts()
    assert len(steps) == 5
    check(decider, [grant])

    stranger = open_page(grant, user=DATA_USER)
    assert "举报核查" not in stranger.content()
    stranger.goto(stranger.url.replace(grant, "/grants"))
    assert "还没有获得授权" in stranger.locator("main").inner_text()
    check(stranger, ["/grants"])
    assert open_page(grant).url.split("?")[0].endswith("/user/login")
