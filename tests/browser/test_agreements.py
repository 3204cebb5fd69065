"""Agreements in a real browser: the text is read whole, each click is explained, and anybody checks a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import portal as portals
from .sample_city import DATA_USER
from .test_parties import check


def _look(page: Any, name: str) -> None:
    """Keep a picture where GOVDATA_PICTURES names a folder."""
    folder = os.environ.get("GOVDATA_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.requirement("LYG-19")
def test_an_agreement_is_read_to_its_end_and_a_file_is_checked(
    open_page: Callable[..., Any], running_portal: portals.Portal
) -> None:
    user = open_page("/agreements", user=DATA_USER)
    waiting = user.locator("tr", has_text="等待乙方签署").locator("a")
    waiting.click()
    path = re.sub(r"^https?://[^/]+", "", user.url)
    assert "不得提供给第三方" in user.locator("article").inner_text()
    assert "数据只能您自己用" in user.locator("aside").inner_text()
    _look(user, "agreement-zh-1280")
    user.get_by_role("button", name="我已读完全文").click()
    assert "此时还不是签署" in user.locator("#sign").inner_text(), "who signs shows first that it is really them"
    user.set_viewport_size({"width": 390, "height": 900})
    _look(user, "agreement-zh-390")
    check(user, [path, "/agreements", "/agreements/verify"])

    visitor = open_page("/agreements/verify")
    file = running_portal.ini.parent / "agreements" / "signed.pdf"
    visitor.set_input_files("#verify-file", str(file))
    visitor.get_by_role("button", name="核对").click()
    assert "结论：通过" in visitor.locator("#verdict").inner_text()
    _look(visitor, "verify-good-zh-1280")
    changed = file.with_name("changed.pdf")
    changed.write_bytes(file.read_bytes() + b"\n")
    visitor.set_input_files("#verify-file", str(changed))
    visitor.get_by_role("button", name="核对").click()
    assert "结论：不通过" in visitor.locator("#verdict").inner_text()
    visitor.set_viewport_size({"width": 390, "height": 900})
    _look(visitor, "verify-bad-zh-390")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert axe.run(visitor).response["violations"] == []
