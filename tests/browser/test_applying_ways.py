"""Applying without scripts and by keyboard alone, and the authority's model texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import WIDTHS
from .sample_city import APPLICANT, AUTHORITY
from .test_parties import check, path_of

pytest.importorskip("ckanext.govdata.agreements.applications.actions", reason="applications are not there")
_FORM = "/dataset/bus-cards/apply"


def withdrawn(page: Any) -> None:
    """Take it back, so that the next applicant finds the data as it was."""
    page.locator("form[action$='/withdraw'] button").click()
    assert "已撤回" in page.locator("main").inner_text()


@pytest.mark.requirement("LYG-10")
def test_an_application_is_sent_and_withdrawn_without_scripts(open_page: Callable[..., Any]) -> None:
    page = open_page(_FORM, user=APPLICANT, javascript=False)
    assert not page.locator("input[name=public_good]").is_visible()
    page.select_option("#apply-purpose", "research")
    assert page.locator("input[name=public_good]").is_visible(), "what one purpose asks shows with it, by style alone"
    page.select_option("#apply-purpose", "governance")
    page.fill("#apply-scenario", "线网规划")
    page.fill("#apply-security", "专人管理")
    for area in page.locator("textarea[name^='answer-']").all():
        area.fill("满足")
    page.get_by_role("button", name="提交申请").click()
    assert "已收到" in page.locator(".gd-steps [aria-current]").inner_text()
    withdrawn(page)


class Keys:
    """A person who has no mouse."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def to(self, wanted: str) -> None:
        """Tab on until the focus stands on what fits the selector."""
        for _ in range(80):
            self._page.keyboard.press("Tab")
            if self._page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"{wanted} is not reached by keyboard")

    def write(self, wanted: str, words: str) -> None:
        self.to(wanted)
        self._page.keyboard.type(words)

    def press(self, wanted: str, key: str = "Enter") -> None:
        self.to(wanted)
        self._page.keyboard.press(key)
        self._page.wait_for_load_state()


@pytest.mark.requirement("LYG-10")
def test_an_application_is_sent_and_withdrawn_by_keyboard_alone(open_page: Callable[..., Any]) -> None:
    page = open_page(_FORM, user=APPLICANT)
    keys = Keys(page)
    keys.press("#apply-purpose", "ArrowDown")
    assert page.input_value("#apply-purpose"), "the first purpose is chosen"
    keys.write("#apply-scenario", "线网规划")
    keys.write("#apply-security", "专人管理")
    for number in range(page.locator("textarea[name^='answer-']").count()):
        keys.write(f"#apply-answer-{number + 1}", "满足")
    keys.press("form.gd-form button[type=submit]")
    page.wait_for_url("**/application/*")
    assert "已收到" in page.locator(".gd-steps [aria-current]").inner_text()
    keys.press("form[action$='/withdraw'] button")
    page.locator(".flash-messages").wait_for()
    assert "已撤回" in page.locator("main").inner_text()


@pytest.mark.requirement("LYG-19")
def test_the_authority_writes_reads_and_enforces_the_next_version_of_the_model_text(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/desk/model-texts", user=AUTHORITY)
    page.locator("tr", has_text="现行有效").locator("a").click()
    before = path_of(page)
    page.get_by_role("link", name="以此编写下一版本").click()
    form = path_of(page)
    page.fill("#text-title-zh_Hans_CN", "公共数据有条件开放利用协议（新版）")
    page.fill("[name='clause-0-text-en']", "")
    page.get_by_role("button", name="存为草稿并通读").click()
    assert "zh_Hans_CN" in page.locator(".gd-error").inner_text(), "a text is needed in both languages"
    assert page.input_value("#text-title-zh_Hans_CN").endswith("（新版）"), "what was written is not lost"
    page.fill("[name='clause-0-text-en']", "The agency provides {dataset} to the user.")
    page.fill("#text-note", "标题调整")
    page.get_by_role("button", name="存为草稿并通读").click()
    assert "草稿" in page.locator(".gd-state").inner_text()
    draft = path_of(page)
    page.get_by_role("button", name="施行这一版本").click()
    assert "现行有效" in page.locator(".gd-state").inner_text()
    page.goto(page.url.replace(draft, before))
    assert "停止施行" in page.locator(".gd-state").inner_text()
    check(page, ["/desk/model-texts"])
    # These two carry both languages on purpose, each marked as such.
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for path in (draft, form):
            page.goto(re.sub(r"^(https?://[^/]+).*", r"\1", page.url) + path)
            page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert axe.run(page).response["violations"] == [], path
    stranger = open_page("/desk/model-texts", user=APPLICANT)
    assert stranger.get_by_role("link", name="以此编写下一版本").count() == 0
