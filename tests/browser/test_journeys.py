"""The whole journey of an application in a real browser, by two cities' rules: nothing but forms, each page looked at by axe.

Each city has a server of its own before the same databases, with second factors asked for as a portal does.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pyotp.totp import TOTP
from sqlalchemy.engine import make_url

from ckanext.govdata.agreements.signing.keys import Folder
from ckanext.govdata.installation.settings import setting

from ..beside import CKAN
from . import portal as portals
from .sample_city import CSV, FIRM, PASSWORD, journey_people

pytest.importorskip("ckanext.govdata.agreements.applications.actions", reason="applications are not there")


class Journey:
    """One city's portal and its people, each in a window of their own that stays open."""

    def __init__(self, browser: Any, portal: portals.Portal, city: str, width: int) -> None:
        self.portal, self.city, self.width = portal, city, width
        self.dataset = f"/dataset/bays-{city}"
        self._browser, self._windows, self._seen = browser, [], set()
        self._axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def window(self, role: str) -> Any:
        """A person's window, signed in; who holds an office adds an authenticator app on the way in."""
        context = self._browser.new_context(viewport={"width": self.width, "height": 900}, locale="zh-CN")
        self._windows.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(self.portal.url + "/user/login")
        page.fill("#field-login", journey_people(self.city)[role])
        page.fill("#field-password", PASSWORD)
        page.click("main button[type=submit]")
        if "/login/factor/app" in page.url:
            self.enrol(page)
        return page

    def enrol(self, page: Any) -> None:
        """Add an authenticator app: the key is read off the page, and its code typed."""
        self.look(page, "enrol")
        page.fill("#field-code", TOTP(page.locator("main ol code").inner_text()).now())
        page.get_by_role("button", name="添加").click()
        self.look(page, "recovery")
        page.get_by_role("link", name="我已保存").click()

    def open(self, page: Any, path: str) -> Any:
        page.goto(self.portal.url + path if path.startswith("/") else path)
        return page

    def look(self, page: Any, name: str) -> None:
        """axe finds nothing, nothing scrolls sideways; each kind of page once, with a picture where one is asked for."""
        page.wait_for_load_state()
        if name in self._seen:
            return
        self._seen.add(name)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        folder = os.environ.get("GOVDATA_PICTURES")
        if folder:
            page.screenshot(path=str(Path(folder) / f"journey-{name}-{self.city}-{self.width}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= self.width, name
        found = self._axe.run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], name

    def rows(self, key: str) -> tuple[int, Any]:
        """What a program gets with a key: the answer's status, and its rows or its reason."""
        show = f"{self.portal.url}/api/3/action/package_show?id=bays-{self.city}"
        with urllib.request.urlopen(show, timeout=20) as answer:
            resource = json.load(answer)["result"]["resources"][0]["id"]
        address = f"{self.portal.url}/api/3/action/datastore_search?resource_id={resource}&limit=100"
        asked = urllib.request.Request(address, headers={"Authorization": key})
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, json.load(answer)["result"]["records"]
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)["error"]

    def let_the_term_end(self) -> None:
        """Nobody can wait for a month: the term of what is in force now is moved back until it ends in this second."""
        moved = (
            "UPDATE govdata_grant SET starts_at = starts_at - interval '40 days', ends_at = timezone('UTC', now())"
            " WHERE package_id = %(id)s AND state = 'running'",
            "UPDATE govdata_agreement SET starts_at = starts_at - interval '40 days', ends_at = timezone('UTC', now())"
            " WHERE package_id = %(id)s AND state = 'effective'",
        )
        url = make_url(setting(self.portal.ini, "sqlalchemy.url")).set(drivername="postgresql")
        connection = psycopg2.connect(url.render_as_string(hide_password=False))
        with connection, connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '15s'")
            cursor.execute("SELECT id FROM package WHERE name = %s", (f"bays-{self.city}",))
            given = {"id": (cursor.fetchone() or ("",))[0]}
            for table in ("govdata_grant", "govdata_agreement"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in moved:
                cursor.execute(statement, given)
                assert cursor.rowcount == 1
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            guards = "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
            cursor.execute(guards)
            for table, trigger in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{trigger}"')
        connection.close()

    def close(self) -> None:
        for context in self._windows:
            context.close()


@pytest.fixture
def journey(browser: Any, running_portal: portals.Portal, request: pytest.FixtureRequest) -> Iterator[Journey]:
    city, width = request.param
    running = portals.beside(running_portal, city)
    found = Journey(browser, running, city, width)
    yield found
    found.close()
    portals.halt(running)


def apply(journey: Journey, user: Any) -> str:
    """From the dataset's page to the submitted application: three screens. Answers its address."""
    screens: list[str] = []

    def seen(frame: Any) -> None:
        screens.append(frame.url)

    user.on("framenavigated", seen)
    journey.open(user, journey.dataset)
    journey.look(user, "dataset")
    user.get_by_role("link", name="申请使用").click()
    journey.look(user, "apply")
    assert not user.locator("input[name=public_good]").is_visible(), "research alone is asked for the public good"
    user.select_option("#apply-purpose", "research")
    assert user.locator("input[name=public_good]").is_visible()
    user.select_option("#apply-purpose", "social_services")
    user.fill("#apply-scenario", "停车诱导小程序")
    user.fill("#apply-security", "数据存放于本地机房，专人管理")
    for area in user.locator("textarea[name^='answer-']").all():
        area.fill("满足")
    user.get_by_label("接口").check()
    user.get_by_role("button", name="提交申请").click()
    user.wait_for_load_state()
    assert "已收到" in user.locator("main").inner_text()
    user.remove_listener("framenavigated", seen)
    assert len(screens) == 3, screens
    return str(user.url)


def returned_and_completed(journey: Journey, user: Any, decider: Any, address: str) -> None:
    """The agency names everything that lacks, once; the applicant sees each note beside its field."""
    journey.open(decider, "/desk/applications/agency?open=true")
    journey.look(decider, "desk")
    decider.locator("main td a, main th a").filter(has_text="停车泊位").first.click()
    decider.select_option("#assign-officer", label="赵敏")
    decider.locator("form[action$='/assign'] button").click()
    decider.wait_for_load_state()
    assert decider.locator("#assign-officer option:checked").inner_text() == "赵敏", "handed over to an officer"
    journey.look(decider, "to-decide")
    decider.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    decider.fill("#return-scenario", "请写明服务的区域和用户")
    decider.fill("#return-c2", "请写明等级保护测评的日期")
    decider.fill("#return-reason", "请补正两项")
    decider.locator("form:has(#return-reason) button[type=submit]").click()
    decider.wait_for_load_state()
    assert "退回补正" in decider.locator("main").inner_text()
    journey.open(user, address)
    journey.look(user, "returned")
    user.get_by_role("link", name="补充并提交").click()
    journey.look(user, "complete")
    assert "服务的区域" in user.locator("#asked-scenario").inner_text()
    assert "测评的日期" in user.locator("#asked-condition-2").inner_text()
    user.fill("#apply-scenario", "面向市民的停车诱导小程序，服务市区")
    user.fill("#apply-answer-2", "2026年5月通过等级保护二级测评")
    user.get_by_role("button", name="提交申请").click()
    user.wait_for_load_state()
    assert "已补正" in user.locator("main").inner_text()
    assert "答复" in user.locator(".gd-term").inner_text()


def step(journey: Journey, page: Any, address: str, name: str, **words: str) -> None:
    """Fill and send one form of an application's page."""
    journey.open(page, address)
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    for field, text in words.items():
        page.fill(f"#{name}-{field}", text)
    page.locator(f"form[action$='/{name}'] button[type=submit]").click()
    page.wait_for_load_state()
    assert page.locator(".gd-error").count() == 0, page.locator("main").inner_text()


def signed_by_hand(journey: Journey, user: Any) -> None:
    """L1: the name typed, the portal seals."""
    journey.look(user, "to-sign")
    user.fill("#sign-name", "王芳")
    user.get_by_role("button", name="签署协议").click()


def signed_by_certificate(journey: Journey, user: Any) -> None:
    """L2: the file is taken away, signed by OpenSSL as the page says, and the signature handed in."""
    folder = journey.portal.ini.parent / "own"
    own = Folder(folder)
    own.make("王芳")
    own.issue("signer", "王芳")
    root = journey.portal.ini.parent / "agreements" / "trusted" / "users.crt"
    root.write_bytes((folder / "root.crt").read_bytes())
    user.get_by_role("link", name="改用自有证书签署").click()
    journey.look(user, "own-certificate")
    user.fill("#own-name", "王芳")
    with user.expect_download() as download:
        user.get_by_role("button", name="下载待签文件").click()
    keys = ["-signer", folder / "signer.crt", "-inkey", folder / "signer.key"]
    command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", download.value.path(), *keys]
    subprocess.run([*command, "-outform", "DER", "-out", folder / "s.p7s"], check=True, capture_output=True, timeout=60)
    user.set_input_files("#own-signature", str(folder / "s.p7s"))
    user.get_by_role("button", name="提交签名").click()


def agreed(
    journey: Journey, user: Any, decider: Any, address: str, sign: Callable[[Journey, Any], None] = signed_by_hand
) -> str:
    """Approved, presented, read, signed with a second factor, sealed. Answers the agreement's address."""
    step(journey, decider, address, "approve")
    journey.look(decider, "to-present")
    step(journey, decider, address, "present", months="1", quota="50")
    agreement = str(decider.url)
    assert "/agreements/" in agreement
    journey.open(user, "/agreements")
    journey.look(user, "agreements")
    user.locator("tr", has_text="待使用方签署").locator("a").first.click()
    journey.look(user, "to-read")
    user.get_by_role("button", name="我已读完全文").click()
    user.wait_for_load_state()
    if user.get_by_role("link", name="进行第二重验证").count():
        user.get_by_role("link", name="进行第二重验证").click()
        journey.enrol(user)
    user.wait_for_load_state()
    sign(journey, user)
    user.wait_for_load_state()
    assert "已签署" in user.locator(".gd-lead").inner_text()
    journey.open(decider, agreement)
    journey.look(decider, "to-seal")
    decider.locator("form[action$='/seal'] button").click()
    decider.wait_for_load_state()
    assert "生效" in decider.locator(".gd-lead").inner_text()
    return agreement


def key_of(journey: Journey, user: Any) -> str:
    """The file is taken by hand, and a key made for programs; answers the key."""
    journey.open(user, journey.dataset)
    journey.look(user, "granted")
    with user.expect_download() as download:
        user.locator("#files a[href*='/download/']").first.click()
    assert download.value.path().read_text(encoding="utf-8") == CSV
    journey.open(user, "/grants")
    journey.look(user, "grants")
    user.locator("main td a[href*='/grants/']").first.click()
    journey.look(user, "grant")
    user.get_by_role("link", name="申领接口密钥").click()
    journey.look(user, "key")
    user.fill("#field-name", "停车诱导")
    assert user.locator("input[name=scopes]:checked").count() == 1, "the grant whose page one comes from"
    user.locator("main form button[type=submit]").click()
    journey.look(user, "key-made")
    return str(user.locator("code[data-what=key]").inner_text())


def expired(journey: Journey, user: Any, agreement: str, key: str) -> None:
    """With the term the access ends by itself; the chore then puts it on record."""
    journey.let_the_term_end()
    status, reason = journey.rows(key)
    assert status in (401, 403), reason
    sweep = [*CKAN, "-c", str(journey.portal.ini), "govdata", "sweep-agreements"]
    subprocess.run(sweep, check=True, timeout=60, capture_output=True)
    journey.open(user, agreement)
    journey.look(user, "expired")
    assert "到期" in user.locator(".gd-lead").inner_text()


@pytest.mark.requirement("LYG-10", "LYG-19", "LYG-21", "YZ-27")
@pytest.mark.parametrize(
    ("journey", "called"),
    [
        pytest.param(("lianyungang", 1280), "法定期限", marks=pytest.mark.long),
        (("yangzhou", 390), "平台承诺，非法定"),
    ],
    indirect=["journey"],
    ids=["lianyungang", "yangzhou"],
)
def test_the_whole_journey_from_the_dataset_to_the_end_of_the_term_and_by_way_of_an_appeal(
    journey: Journey, called: str
) -> None:
    user, decider = journey.window("applicant"), journey.window("decider")
    address = apply(journey, user)
    assert called in user.locator(".gd-term").inner_text()
    returned_and_completed(journey, user, decider, address)
    agreement = agreed(journey, user, decider, address)
    key = key_of(journey, user)
    status, rows = journey.rows(key)
    assert (status, len(rows)) == (200, 40), rows
    expired(journey, user, agreement, key)

    second = apply(journey, user)
    step(journey, decider, second, "refuse", reason="服务范围不明确")
    journey.open(user, second)
    journey.look(user, "refused")
    remedies = user.locator("main").inner_text()
    assert "行政复议" in remedies
    assert "行政诉讼" in remedies
    step(journey, user, second, "appeal", reason="服务范围已写明")
    authority = journey.window("authority")
    journey.open(authority, "/desk/applications/authority?open=true")
    journey.look(authority, "authority-desk")
    step(journey, authority, second, "send-back", reason="请按已补充的范围重新审核")
    journey.look(authority, "sent-back")
    agreed(journey, user, decider, second, signed_by_certificate if journey.width > 640 else signed_by_hand)
    status, rows = journey.rows(key)
    assert status in (401, 403), "a key is held to the grant it was made for, and that one is over"
    assert FIRM in user.locator("main").inner_text()
