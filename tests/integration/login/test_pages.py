"""The pages of signing in that only a detour shows: invitations, the end of registering, factors, agreeing, refusals.

In a real browser with the portal's own face, both languages and both widths, for axe. With GOVDATA_PICTURES set to a folder,
a picture of each page in Chinese is kept there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
from ckan import model
from ckan.lib import jobs, mailer
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action
from playwright.sync_api import Browser, Page

from ckanext.govdata.signin.scopes import OPEN
from ckanext.govdata_login import mailboxes, speaking
from ckanext.govdata_login.clients import registering

from ...browser.conftest import LANGUAGES
from ...browser.test_parties import look
from .conftest import PASSWORD, organization
from .programs import BACK, CHALLENGE
from .test_factors import _spend_no_step
from .test_registration import last_mail, link_in, work

PLUGINS = "govdata_theme scheming_datasets govdata govdata_search govdata_login"
MAIL = "xin.ren@example.org"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def portal(make_portal: Callable[..., str], mail_server: Any, request: pytest.FixtureRequest) -> str:
    absent = {"issuer": "http://127.0.0.1:9", "client_id": "portal", "http_allowed": True, "title": "省统一身份认证"}
    made = make_portal(
        {"province": absent},
        ckan__plugins=PLUGINS,
        ckan__locale_default="zh_Hans_CN",
        ckan__locales_offered="zh_Hans_CN en",
        ckan__site_title="江海市公共数据开放平台",
        govdata__login__registration="mail phone",
        govdata__officers__second_factor=False,
        govdata__confirm__purposes="",
    )
    for plugin in ("govdata_search", "govdata"):
        request.getfixturevalue("migrate_db_for")(plugin)
    jobs.get_queue().empty()
    factories.Sysadmin(name="chief", password=PASSWORD)
    factories.User(name="li-si", email="li.si@example.org", password=PASSWORD)
    organization("jiaotongju")
    return made


class Looking:
    """A page at which is looked: in both languages where it has an address of its own, else where it stands."""

    def __init__(self, page: Page, portal: str) -> None:
        self.page, self.portal, self.seen = page, portal, 0

    def at(self, path: str, title: str, foreign: bool = False) -> None:
        for prefix in reversed(LANGUAGES.values()):
            self.page.set_viewport_size({"width": 1280, "height": 900})
            self.page.goto(self.portal + prefix + path)
            self.here(title, prefix == "", foreign)

    def here(self, title: str, chinese: bool, foreign: bool = False) -> None:
        """`foreign`: the page cites words of a protocol, marked as English."""
        if chinese:
            assert title in self.page.locator("main").inner_text(), (self.page.url, title)
        folder = os.environ.get("GOVDATA_PICTURES")
        for width in (1280, 390) if folder and chinese else ():
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=str(Path(str(folder)) / f"{self.seen:02}-{width}.png"), full_page=True)
        look(self.page, title, chinese and not foreign)
        self.seen += 1

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.portal}/user/login?next=/login/account/")
        self.page.locator("#field-login").fill(name)
        self.page.locator("#field-password").fill(PASSWORD)
        self.page.locator("main button[type=submit]").last.click()
        self.page.wait_for_load_state()


def _registering(see: Looking, mail_server: Any) -> None:
    for prefix in ("/en", ""):
        see.page.goto(f"{see.portal}{prefix}/login/register/")
        see.page.locator("input[name=mail]").fill(MAIL)
        see.page.locator("form:has(input[name=mail]) button[type=submit]").first.click()
        see.page.wait_for_load_state()
        see.here(MAIL, prefix == "")
    work()
    see.page.goto(see.portal + link_in(last_mail(mail_server), "/login/register/open/"))
    see.at("/login/register/finish", MAIL)


def _refusals(see: Looking) -> None:
    see.at("/user/login", "省统一身份认证")
    see.at("/user/login?refused=1", "应用")
    see.at("/login/with/province", "省统一身份认证")
    see.at("/login/back/province?code=x&state=made-up", "登录")


def _invitations(see: Looking, mail_server: Any) -> None:
    chief = {"user": "chief", "ignore_auth": True}
    call_action(
        "govdata_post_invite", dict(chief), agency="jiaotongju", mail=MAIL, capacity="editor", duty="数据专员", until=""
    )
    token = link_in(str(jobs.get_queue().jobs[-1].args[-1]), "/officers/invitation/").rsplit("/", 1)[1]
    group = model.Group.get("jiaotongju")
    order = {"email": "li.si@example.org", "group_id": group.id, "role": "editor"}
    waiting = tk.get_action("user_invite")({"user": "chief"}, order)
    invited = model.User.get(waiting["id"])
    mailer.create_reset_key(invited)
    key = model.User.get(waiting["id"]).reset_key
    see.sign_in("li-si")
    see.at(f"/officers/invitation/{token}", "数据专员")
    see.at(f"/login/invitation/{waiting['id']}?{urlencode({'key': key})}", "li-si")
    speaking.spoken("zh_Hans_CN", mailboxes.send_proof, model.User.get("li-si").id, "li.si@example.net")
    see.at(link_in(last_mail(mail_server), "/login/mail/"), "li.si@example.net")


def _agreeing(see: Looking) -> None:
    user = model.User.get("chief")
    row, _ = registering.register(
        user.id, {"title": "停车看板", "scopes": [OPEN], "redirects": [BACK], "method": "client_secret_basic"}
    )
    asked = {"client_id": row.id, "response_type": "code", "redirect_uri": BACK, "scope": OPEN, "state": "s"}
    asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    see.at(f"/oauth/authorize?{urlencode(asked)}", "停车看板")
    see.at(f"/oauth/authorize?{urlencode({**asked, 'redirect_uri': BACK + '/x'})}", "应用", foreign=True)
    assert see.page.locator("main [lang=en]").inner_text().startswith("invalid_request")


def _factors(see: Looking) -> None:
    see.at("/login/factor/app", "验证")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", see.page.content())
    assert secret
    see.page.locator("input[name=code]").fill(pyotp.TOTP(secret[1]).now())
    see.page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    see.page.wait_for_load_state()
    see.here("恢复", True)
    _spend_no_step()
    see.at("/login/factor/show", "验证")
    see.at("/login/account/", "安全")


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.requirement("LYG-16")
def test_pages_that_only_a_detour_shows_hold_for_everybody(page: Page, portal: str, mail_server: Any) -> None:
    see = Looking(page, portal)
    _registering(see, mail_server)
    _refusals(see)
    _invitations(see, mail_server)
    _agreeing(see)
    _factors(see)
    print(f"{see.seen} pages of signing in looked at by axe, each at two widths")
    assert see.seen >= 26
