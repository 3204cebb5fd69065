"""The switch on a dataset's page: one person shuts it, two open it again, and the page stays readable meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import WIDTHS
from .sample_city import DECIDER, PUBLISHER
from .test_accessible import check as check_page

PATH = "/dataset/parking"


@pytest.mark.requirement("LYG-26")
def test_a_dataset_is_shut_on_its_page_and_opened_again_by_two_persons(open_page: Callable[..., Any]) -> None:
    assert open_page(PATH).locator("#switch").count() == 0
    page = open_page(PATH, user=PUBLISHER)
    page.fill("#switch-reason", "疑似泄露")
    page.click("#switch button[type=submit]")
    assert "已关闭" in page.locator(".gd-banner").inner_text()
    for width in WIDTHS:
        seen = open_page(PATH, width=width)
        assert "核查" in seen.locator(".gd-banner").inner_text()
        assert "疑似泄露" not in seen.content()
        assert seen.locator("#files a[href*='/download/']").count() == 0
        check_page(seen, width)
    page.fill("#switch-reason", "已脱敏")
    page.click("#switch button[type=submit]")
    assert "由第二人决定" in page.locator(".flash-messages").inner_text()
    assert page.locator("#switch button").count() == 0
    second = open_page(PATH, width=390, user=DECIDER)
    check_page(second, 390)
    second.click("#switch button[value=accept]")
    assert open_page(PATH).locator("#files a[href*='/download/']").count() > 0
