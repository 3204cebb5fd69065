"""An agency hands a list in, corrects a column, sends the plan; operator and authority agree; the datasets are there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import portal as portals
from .conftest import WIDTHS
from .sample_city import ADMIN, AUTHORITY, DECIDER, OPERATOR, PUBLISHER
from .test_accessible import _violations

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def worker(running_portal: portals.Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A worker of background jobs beside the portal."""
    log = (tmp_path_factory.mktemp("worker") / "worker.log").open("wb")
    command = [sys.executable, "-m", "tests.integration.harvest.worker", str(running_portal.ini)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    yield
    process.kill()
    process.wait()


@pytest.fixture
def address(running_portal: portals.Portal) -> str:
    return running_portal.url


def workbook(tag: str) -> bytes:
    """What many systems export as .xls: a page in GB18030, with a title over all columns and merged cells."""
    rows = "".join(
        f"<tr><td>{n}</td><td>{tag}候车亭清册{n}</td>{'<td rowspan=3>交通运输局</td>' if n == 1 else ''}"
        f"<td>无条件开放</td><td>第{n}册的说明</td></tr>"
        for n in range(1, 4)
    )
    return (
        '<html><head><meta charset="gb18030"></head><body><table><tr><td colspan=5>交通运输局公共数据开放清单</td></tr>'
        "<tr><td>序号</td><td>资源名称</td><td>提供单位</td><td>开放属性</td><td>我局口径</td></tr>"
        f"{rows}</table></body></html>"
    ).encode("gb18030")


def _settled(page: Any) -> None:
    """Until no worker is at the run: without scripts a person would load the page anew."""
    for _ in range(240):
        if page.locator("#progress progress").count() == 0:
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("#progress").inner_text())


def _sound(page: Any, width: int) -> None:
    page.wait_for_load_state()  # a click has led here, and the style sheet may still be on its way
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert _violations(page) == []


@pytest.mark.requirement("LYG-12", "LYG-11", "YZ-10")
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.long), 390])
def test_an_agency_hands_in_a_list_and_it_is_published(
    open_page: Callable[..., Any], worker: None, address: str, width: int, tmp_path: Path
) -> None:
    tag = f"宽{width}"
    path = tmp_path / "清单.xls"
    path.write_bytes(workbook(tag))
    page = open_page("/desk/lists/new", width=width, user=PUBLISHER)
    _sound(page, width)
    page.fill("#list-title", f"交通局清单{width}")
    page.fill("#list-name", f"transport-{width}")
    page.click("form.gd-list-form > button[type=submit]")
    assert page.url.endswith(f"/sources/transport-{width}")
    page.set_input_files("#list-upload", str(path))
    page.click("form:has(#list-upload) button[type=submit]")
    _settled(page)
    assert page.locator(".gd-step-added").count() == 3
    _sound(page, width)
    page.select_option("select[aria-label$='我局口径']", "notes")
    page.fill("#mapping-reason", "本局把摘要写在这一列")
    page.click("form:has(#mapping-reason) button[type=submit]")
    _settled(page)
    assert page.locator("select[aria-label$='我局口径']").input_value() == "notes"
    page.locator(".gd-step-added summary").first.click()
    assert "第1册的说明" in page.locator(".gd-step-added").first.inner_text()
    page.screenshot(path=f"/tmp/harvest-plan-{width}.png", full_page=True)
    page.click("form[action$='/send'] button[type=submit]")
    run = page.url
    reviewers = {"agency": DECIDER, "operator": OPERATOR, "authority": AUTHORITY}
    while turn := page.get_attribute("#progress", "data-turn"):
        page = open_page(run.replace(address, ""), width=width, user=reviewers.pop(turn))
        _sound(page, width)
        page.click("form[action$='/decide'] button[value=accept]")
    _settled(page)
    assert "已完成" in page.locator("#progress").inner_text()
    page.screenshot(path=f"/tmp/harvest-done-{width}.png", full_page=True)
    page = open_page("/desk/lists", width=width, user=AUTHORITY)
    _sound(page, width)
    page.screenshot(path=f"/tmp/harvest-lists-{width}.png", full_page=True)
    page.goto(f"{address}/dataset/?q={tag}候车亭清册1")
    page.click(f"a:has-text('{tag}候车亭清册1')")
    assert "第1册的说明" in page.content()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_lists_are_sound_in_english_too(
    open_page: Callable[..., Any], worker: None, address: str, width: int
) -> None:
    page = open_page("/en/desk/lists", width=width, user=OPERATOR)
    _sound(page, width)
    for path in ("/en/desk/lists/new", "/en/desk/lists/words"):
        page.goto(address + path)
        assert page.locator("h1").count() == 1
        _sound(page, width)
    page.goto(address + "/en/desk/lists")
    if page.locator("#sources tbody a").count():
        page.locator("#sources tbody th a").first.click()
        _sound(page, width)
        page.locator("section[aria-labelledby=runs-title] tbody a").first.click()
        _sound(page, width)


def test_the_pages_are_for_officers(open_page: Callable[..., Any]) -> None:
    page = open_page("/desk/lists")
    assert "/user/login" in page.url


def _taken_in(open_page: Callable[..., Any], address: str, source: dict[str, str], rows: str, by: str) -> str:
    """A list handed in by somebody and agreed to by all; the run's path."""
    page = open_page(f"/desk/lists/sources/{source['name']}", user=by)
    if page.locator("#list-upload").count() == 0:
        page.goto(f"{address}/desk/lists/new")
        page.fill("#list-title", source["name"])
        page.fill("#list-name", source["name"])
        if page.locator("#list-agency").count():
            page.select_option("#list-agency", label=source["agency"])
        page.click("form.gd-list-form > button[type=submit]")
    list_ = {
        "name": "清单.csv",
        "mimeType": "text/csv",
        "buffer": f"资源名称,资源代码,开放属性,开放条件\n{rows}\n".encode(),
    }
    page.set_input_files("#list-upload", files=[list_])
    page.click("form:has(#list-upload) button[type=submit]")
    _settled(page)
    run = page.url.replace(address, "")
    if page.locator("form[action$='/send']").count():
        page.click("form[action$='/send'] button[type=submit]")
    reviewers = {"agency": DECIDER if by == PUBLISHER else ADMIN, "operator": OPERATOR, "authority": AUTHORITY}
    while turn := page.get_attribute("#progress", "data-turn"):
        page = open_page(run, user=reviewers.pop(turn))
        page.click("form[action$='/decide'] button[value=accept]")
    _settled(page)
    return run


@pytest.mark.long
@pytest.mark.requirement("LYG-7", "YZ-29", "DCF-15", "YZ-16")
def test_a_looser_tier_is_opened_by_the_authority_and_twins_are_merged_and_parted(
    open_page: Callable[..., Any], worker: None, address: str
) -> None:
    title = "渡口班次册"
    own = {"name": "ferries", "agency": "交通运输局"}
    _taken_in(open_page, address, own, f"{title},DK-000001,有条件开放,签订协议", PUBLISHER)
    run = _taken_in(open_page, address, own, f"{title},DK-000001,无条件开放,", PUBLISHER)
    page = open_page(run, user=PUBLISHER)
    page.fill("#opening-reason", "已与主管部门商定")
    page.click("form[action$='/opening'] button[type=submit]")
    for language in ("", "/en"):
        page = open_page(language + run, width=390, user=AUTHORITY)
        _sound(page, 390)
    page = open_page(run, user=AUTHORITY)
    page.fill("form[action$='/opening-decide'] textarea", "同意放开")
    page.click("form[action$='/opening-decide'] button[value=accept]")
    assert page.locator("#opening form[action$='/opening-decide']").count() == 0
    page.goto(f"{address}/dataset/?q={title}")
    assert page.locator(f"article:has-text('{title}'), li:has-text('{title}')").first.inner_text().count("无条件开放")
    _taken_in(
        open_page,
        address,
        {"name": "clinic-ferries", "agency": "卫生健康委员会"},
        f"{title},WJ-000001,无条件开放,",
        ADMIN,
    )
    for language in ("/en", ""):
        page = open_page(f"{language}/desk/lists", width=390, user=PUBLISHER)
        _sound(page, 390)
    page.screenshot(path="/tmp/harvest-twins-390.png", full_page=True)
    form = page.locator("form[action$='/twins/merge']")
    assert form.count() == 1, "an agency gives up its own entry alone"
    form.locator("input[name=reason]").fill("由卫健委维护")
    form.locator("button").click()
    assert "已合并" in page.locator("#twins").inner_text()
    _sound(page, 390)
    page.click("form[action$='/twins/part'] button")
    assert page.locator("form[action$='/twins/merge']").count() == 1
