"""A party in a real browser: registered, proven, decided, invited, blocked; each page in two languages and widths for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from .conftest import LANGUAGES, WIDTHS
from .sample_city import AUTHORITY, CLERK, DATA_USER, OPERATOR

BARE = "91320706MA0009876"
CODE = BARE + uscc.calc_check_digit(BARE + "0")
MASKED = CODE[:2] + "*" * 12 + CODE[-4:]
FIRM = "江海数据服务有限公司"


def send(page: Any, place: str) -> None:
    page.locator(f"{place} button[type=submit]").first.click()
    page.wait_for_load_state()


def path_of(page: Any) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def check(page: Any, paths: list[str]) -> None:
    """axe finds nothing and nothing scrolls sideways, in both languages and at both widths.

    Each page is loaded once a language and made narrow where it stands; axe is put into it once.
    """
    base = re.match(r"^https?://[^/]+", page.url)[0]  # type: ignore[index]
    for prefix in LANGUAGES.values():
        for path in paths:
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            page.goto(base + prefix + path)
            look(page, path, chinese=prefix == "")


def look(page: Any, what: str, chinese: bool) -> None:
    """The same for a page as it stands, at both widths."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    page.evaluate(axe.axe_script)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], (what, width)
    if chinese:
        text = page.locator("main").inner_text()
        assert not re.search(r"\b(the|is|you|your|party)\b", text), f"English on the Chinese page {what}: {text}"


def registered(user: Any) -> str:
    """Somebody registers an enterprise, at the second try with a right number; answers the party's address."""
    user.get_by_text("登记企业", exact=False).first.click()
    user.fill("#new-name", FIRM)
    user.check("input[value=legal_representative]")
    user.fill("#new-number", CODE[:-1] + ("0" if CODE[-1] != "0" else "1"))
    send(user, ".gd-form")
    assert user.locator("#error-new-number").count() == 1
    assert user.input_value("#new-number") == "", "a number is never sent back"
    user.fill("#new-number", CODE)
    send(user, ".gd-form")
    assert MASKED in user.content()
    assert CODE not in user.content()
    return path_of(user)


def proven(user: Any, operator: Any, proof: Path) -> str:
    """They hand in their proof, and the operator reads it and decides; answers the case's address."""
    user.locator("summary:has-text('提交证明')").click()
    user.set_input_files("#verify-evidence", str(proof))
    send(user, "form[action$='/verify']")
    assert "等待运营机构" in user.content()
    operator.reload()
    operator.get_by_role("link", name=FIRM).click()
    case = path_of(operator)
    assert CODE not in operator.content()
    send(operator, "form[action$='/number']")
    assert CODE in operator.content()
    with operator.expect_download() as download:
        operator.locator("form[action*='/evidence/'] button").click()
    assert Path(download.value.path()).read_bytes() == proof.read_bytes()
    send(operator, "form[action$='/decide']")
    assert operator.locator(".gd-error").count() == 1, "a decision needs a reason"
    operator.fill("textarea[name=reason]", "与营业执照原件一致")
    send(operator, "form[action$='/decide']")
    return case


def joined(user: Any, clerk: Any, party: str) -> None:
    """Somebody joins by a code of theirs, and cannot invite others."""
    user.goto(user.url)
    assert "已核验" in user.locator("main").inner_text()
    user.fill("#invite-note", "小李")
    send(user, "form[action$='/invite']")
    clerk.fill("#join-code", user.locator(".gd-note code").inner_text().strip())
    send(clerk, "form[action$='/join']")
    assert path_of(clerk) == party
    assert clerk.locator("form[action$='/invite']").count() == 0


def blocked(user: Any, officer: Any) -> None:
    """An officer proposes to block it, and they reply."""
    officer.locator("summary").filter(has_text="封禁").first.click()
    officer.fill("#block-reason", "未按协议使用数据")
    officer.fill("#block-until", "2099-12-31")
    send(officer, "form[action$='/block']")
    user.goto(user.url.split("?")[0].replace("/invite", ""))
    user.fill("textarea[name=text]", "已经整改")
    send(user, "form[action$='/reply']")
    assert "已经整改" in user.content()
    assert "FIRM" not in user.content()


@pytest.mark.requirement("LYG-19", "LYG-40", "ZB-12")
def test_an_enterprise_is_registered_proven_joined_and_blocked_by_forms_alone(
    open_page: Callable[..., Any], tmp_path: Path
) -> None:
    proof = tmp_path / "licence.pdf"
    proof.write_bytes(b"%PDF-1.4 a licence")
    user, operator = open_page("/parties", user=DATA_USER), open_page("/desk/parties", user=OPERATOR)
    party = registered(user)
    case = proven(user, operator, proof)
    joined(user, open_page("/parties", user=CLERK), party)
    blocked(user, open_page(party, user=AUTHORITY))

    check(user, ["/parties", "/parties/new?kind=person", "/parties/new?kind=enterprise", party])
    check(operator, ["/desk/parties", "/desk/parties?tab=blocks", "/desk/parties?tab=all", case, party])

    stranger = open_page(party, user="browser-publisher")
    assert FIRM not in stranger.content()
    assert open_page(party).url.split("?")[0].endswith("/user/login")
