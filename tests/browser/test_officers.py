"""What an officer does at the desk and on the page of a tier, each by filling in a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .sample_city import ADMIN, DECIDER, PUBLISHER


def test_a_visitor_is_asked_to_sign_in_before_the_desk(open_page: Callable[..., Any]) -> None:
    page = open_page("/desk")
    assert "/user/login" in page.url


@pytest.mark.requirement("LYG-7")
def test_the_proposer_sees_the_proposal_but_cannot_decide_it(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/bus-cards/tier", user=PUBLISHER)
    assert "等待另一人审定" in page.content()


def test_a_reason_is_asked_for_beside_its_field(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking/tier", user=PUBLISHER)
    page.check("input[name=open_tier][value=conditional]")
    page.click("form:has(#field-reason) button[type=submit]")
    assert page.locator("#error-reason").count() == 1
    assert page.get_attribute("#field-reason", "aria-describedby") == "error-reason"
    assert page.is_checked("input[name=open_tier][value=conditional]")


@pytest.mark.requirement("LYG-6")
def test_the_questions_propose_a_tier_and_choose_it_on_the_form(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking/tier", user=PUBLISHER)
    questions = page.locator("section:has(#ask-title) fieldset")
    for number in range(questions.count()):
        questions.nth(number).locator("input[value=false]").check()
    page.check("input[name=high_timeliness][value=true]")
    page.click("section:has(#ask-title) button[type=submit]")
    assert page.is_checked("input[name=open_tier][value=conditional]")


def test_an_unanswered_question_is_named(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/parking/tier", user=PUBLISHER)
    page.click("section:has(#ask-title) button[type=submit]")
    assert page.locator("#error-state_secret").count() == 1


@pytest.mark.requirement("LYG-12")
def test_a_reviewer_says_why_before_an_entry_goes_back(open_page: Callable[..., Any]) -> None:
    page = open_page("/desk", user=ADMIN)
    case = page.locator(".gd-case:has-text('公交候车亭')")
    if case.locator("form").count() == 0:
        page = open_page("/desk", user=DECIDER)
        case = page.locator(".gd-case:has-text('公交候车亭')")
    case.locator("button[value=refuse]").first.click()
    assert page.locator(".gd-case .gd-error").count() >= 1
    assert page.locator("textarea[aria-invalid]").count() >= 1


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_a_second_person_decides_a_looser_tier(open_page: Callable[..., Any]) -> None:
    page = open_page("/desk", user=DECIDER)
    case = page.locator("#changes .gd-case:has-text('公交刷卡客流')")
    assert case.count() == 1
    case.locator("textarea").fill("仍需按条件提供")
    case.locator("button[value=refuse]").click()
    assert "调整申请未获同意" in page.locator(".flash-messages").inner_text()


def test_the_form_of_an_entry_asks_in_groups(open_page: Callable[..., Any]) -> None:
    page = open_page("/dataset/edit/parking", user=ADMIN)
    legends = page.locator(".gd-field-group > legend").all_inner_texts()
    assert legends[:2] == ["数据是什么", "谁可以获取"]
    assert page.input_value("#field-title") == "城区公共停车场名录"
