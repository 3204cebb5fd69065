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


def asked(officer: Any) -> tuple[str, str]:
    """An officer asks for an inspection, at the second try for days that can be; answers the form's address and the grant's."""
    officer.click("a[href$='/inspection']")
    form = path_of(officer)
    officer.fill("#inspection-days", "9000")
    officer.fill("#inspection-reason", "举报核查")
    send(officer, ".gd-form")
    assert officer.locator("#error-days").count() == 1
    assert officer.input_value("#inspection-reason") == "举报核查", "what was written is not lost"
    officer.fill("#inspection-days", "2")
    send(officer, ".gd-form")
    assert "等待另一人审定" in officer.locator("main").inner_text()
    assert officer.locator("form[action$='/decide']").count() == 0, "nobody decides what they asked for"
    return form, path_of(officer)


def decided(decider: Any, grant: str) -> None:
    """A second person decides, and suspends it for a while."""
    decider.locator("main td a").first.click()
    decider.wait_for_load_state()
    assert path_of(decider) == grant
    page = decider.url
    decider.click("form[action$='/decide'] button[value=refuse]")
    decider.wait_for_load_state()
    assert decider.locator("#error-decide").count() == 1, "a refusal needs its reason"
    check(decider, [grant])
    decider.goto(page)
    decider.click("form[action$='/decide'] button[value=accept]")
    decider.wait_for_load_state()
    give(decider, "suspend", "协助另案")
    assert "已暂停" in decider.locator("main").inner_text()
    give(decider, "resume", "另案已结")


def ended(decider: Any, grant: str) -> None:
    """It is ended early, and each of its steps is shown."""
    give(decider, "revoke", "已查完")
    assert "已提前终止" in decider.locator("main").inner_text()
    assert decider.locator(".gd-decision").count() == 0
    assert len(decider.locator("#steps-title + ol li").all_inner_texts()) == 5
    check(decider, [grant])


@pytest.mark.requirement("LYG-25", "LYG-33", "LYG-40", "YZ-30")
def test_an_inspection_goes_its_way_by_forms_alone(open_page: Callable[..., Any]) -> None:
    form, grant = asked(open_page(DATASET, user=OPERATOR))
    decider = open_page("/desk/grants?kind=inspection&state=requested", user=DECIDER)
    decided(decider, grant)

    holder = open_page("/grants", user=OPERATOR)
    assert "有效" in holder.locator("main").inner_text()
    with holder.expect_download() as download:
        holder.click("a[href$='/grants.csv']")
    assert "公交刷卡客流" in download.value.path().read_text(encoding="utf-8")
    check(holder, ["/grants", "/desk/grants", "/desk/grants?state=refused", form])
    ended(decider, grant)

    stranger = open_page(grant, user=DATA_USER)
    assert "举报核查" not in stranger.content()
    stranger.goto(stranger.url.replace(grant, "/grants"))
    assert "还没有获得授权" in stranger.locator("main").inner_text()
    check(stranger, ["/grants"])
    assert open_page(grant).url.split("?")[0].endswith("/user/login")
