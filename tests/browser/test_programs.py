"""A newcomer registers a program and makes the first call from the page's own words; the pages of signing in for axe."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .sample_city import DATA_USER
from .test_parties import check

PAGES = [
    "/login/account/",
    "/login/account/close",
    "/login/developer/",
    "/login/developer/new",
    "/login/developer/keys/new",
    "/login/factor/app",
]


def _run(page: Any, name: str, folder: Path) -> str:
    """Do what the page says: copy the lines, run them."""
    lines = page.locator(f"[data-call={name}]").inner_text()
    program = {"curl": "sh", "python": sys.executable, "javascript": "node"}[name]
    if shutil.which(program) is None or (name == "curl" and shutil.which("curl") is None):
        pytest.skip(f"{program} is not installed")
    file = folder / f"call.{'mjs' if name == 'javascript' else name}"
    file.write_text(lines, encoding="utf-8")
    return subprocess.run([program, str(file)], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.requirement("LYG-16", "YZ-8")
def test_a_newcomer_registers_a_program_and_makes_the_first_call(open_page: Callable[..., Any], tmp_path: Path) -> None:
    page = open_page("/", user=DATA_USER)
    page.locator(".gd-menu summary").click()
    page.get_by_role("link", name="安全与应用").click()
    page.get_by_role("link", name="代您读取数据的应用，以及密钥").click()
    page.get_by_role("link", name="登记应用").click()
    page.get_by_label("应用名称").fill("我的看板")
    page.get_by_label("无条件开放数据").check()
    page.get_by_role("button", name="登记应用").click()
    page.get_by_role("heading", name="第一次调用").wait_for()
    for name in ("curl", "python", "javascript"):
        assert '"success": true' in _run(page, name, tmp_path), name
    secret = page.locator("[data-what=secret]").inner_text()
    page.get_by_role("link", name="前往应用页面").click()
    assert secret not in page.content()
    program = re.sub(r"^https?://[^/]+", "", page.url)
    today = page.locator("tbody tr").last
    assert int(today.locator("td").nth(1).inner_text()) >= 3
    page.get_by_role("button", name="生成新密钥").click()
    assert page.locator("[data-what=secret]").inner_text() != secret
    page.goto(page.url.split("/login/")[0] + "/login/developer/keys/new")
    page.get_by_label("密钥名称").fill("脚本")
    page.get_by_label("无条件开放数据").check()
    page.get_by_role("button", name="生成").click()
    assert '"success": true' in _run(page, "curl", tmp_path)
    check(page, [*PAGES, program])


def test_the_page_of_weak_points_is_for_administrators(open_page: Callable[..., Any]) -> None:
    page = open_page("/login/administration/", user=DATA_USER)
    assert page.locator("table").count() == 0
