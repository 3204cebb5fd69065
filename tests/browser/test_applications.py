"""An application in a real browser: from the dataset's page to the answer, by forms alone, in two cities' words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .sample_city import APPLICANT, DECIDER
from .test_parties import check

pytest.importorskip("ckanext.govdata.agreements.applications.actions", reason="applications are not there")


def test_a_visitor_is_asked_to_sign_in_before_applying(open_page: Callable[..., Any]) -> None:
    assert "/user/login" in open_page("/dataset/bus-cards/apply").url


@pytest.mark.requirement("LYG-10", "LYG-19")
def test_the_form_shows_the_date_of_the_answer_and_keeps_what_was_typed(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/bus-cards", user=APPLICANT)
    page.get_by_role("link", name="申请使用").click()
    text = page.locator("main").inner_text()
    assert "至迟" in text
    assert "法定期限" in text
    page.fill("#apply-scenario", "研究公交线网")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    assert page.locator(".gd-error").count() >= 2
    assert page.input_value("#apply-scenario") == "研究公交线网"
    page.select_option("#apply-purpose", index=1)
    page.fill("#apply-security", "专用服务器，专人管理")
    for area in page.locator("textarea[name^='answer-']").all():
        area.fill("满足")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    address = page.url
    assert "已收到" in page.locator(".gd-steps [aria-current]").inner_text()
    path = "/application/" + address.rsplit("/", 1)[1]
    decider = open_page("/desk/applications/agency", user=DECIDER)
    decider.get_by_role("link", name="公交刷卡客流").first.click()
    decider.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    decider.fill("#refuse-reason", "超出公布的用途")
    decider.locator("form:has(#refuse-reason) button[type=submit]").click()
    decider.wait_for_load_state()
    page.goto(address)
    assert "行政复议" in page.locator("main").inner_text()
    check(page, [path, "/applications", "/register", "/dataset/bus-cards/apply"])
