"""The journeys in a real browser: signing in at the service, confirming, signing out, and a passkey with a virtual key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories
from playwright.sync_api import Browser, Page

from .conftest import PASSWORD, PORT, capacity_of, organization, sessions_of
from .honest import HonestProvider


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_signing_in_and_out_by_the_service(page: Page, portal: str, honest: HonestProvider) -> None:
    page.goto(f"{portal}/user/login?next=/login/account/")
    page.get_by_role("link", name="Sign in with The province").click()
    assert page.url.startswith(honest.issuer)
    page.get_by_label("Who").fill("zhang")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Signing in and security").wait_for()
    assert page.url == f"{portal}/login/account/" and page.get_by_text("this browser").count() == 1
    page.goto(f"{portal}/user/_logout")
    page.get_by_role("button", name="Sign out there").click()
    page.wait_for_url(f"{portal}/login/signed-out")
    assert not sessions_of("zhang-san")
    page.goto(f"{portal}/login/account/")
    assert "/user/login" in page.url


def test_confirming_by_the_service_keys_that_turn_and_a_service_that_is_down(
    page: Page, portal: str, honest: HonestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.govdata_login.oidc import discovery, keys

    monkeypatch.setattr(keys, "REFETCH_SECONDS", 0)
    _sign_in_there(page, portal, "zhang")
    page.get_by_role("heading", name="Signing in and security").wait_for()
    honest.turn_keys()
    page.goto(f"{portal}/login/confirm?purpose=sign_agreement&next=/login/account/")
    assert page.url.startswith(honest.issuer), "it is the service that asks"
    page.get_by_label("Who").fill("zhang")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Signing in and security").wait_for()
    assert sessions_of("zhang-san")[0].factors[-1]["kind"] == "provider", "confirmed by a token under the new key"
    honest.down()
    discovery.forget()
    page.reload()
    page.get_by_role("heading", name="Signing in and security").wait_for()
    page.context.clear_cookies()
    page.goto(f"{portal}/login/with/province")
    page.get_by_text("cannot be reached").first.wait_for()


@pytest.fixture
def with_key(page: Page) -> Any:
    """A browser with a virtual key that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def test_a_passkey_is_made_and_then_asked_for(page: Page, with_key: Any, make_portal: Callable[..., str]) -> None:
    # Browsers tie passkeys to a name, not to an address.
    site = f"http://localhost:{PORT}"
    make_portal(ckan__site_url=site)
    factories.User(name="li-si", email="li.si@example.org", password=PASSWORD)
    _sign_in(page, site)
    page.goto(f"{site}/login/factor/app")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"{site}/login/account/")
    page.get_by_text("Passkey").first.wait_for()
    page.goto(f"{site}/user/_logout")
    _sign_in(page, site)
    page.get_by_role("heading", name="Show that it is you").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site}/login/account/")
    assert sessions_of("li-si")[0].factors[-1]["kind"] == "passkey"
    session, key = with_key
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})


def _sign_in(page: Page, site: str, name: str = "li-si", following: str = "/login/account/") -> None:
    page.goto(f"{site}/user/login?next={following}")
    page.get_by_label("Username or Email").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form button[type=submit]", has_text="Login").click()


RULE = {
    "organization": {"from": "dept", "words": {"JTJ": "jiaotongju"}},
    "capacity": {"from": "roles", "words": {"data-officer": "editor"}},
}


def _sign_in_there(page: Page, portal: str, who: str) -> None:
    page.goto(f"{portal}/user/login?next=/login/account/")
    page.get_by_role("link", name="Sign in with The province").click()
    page.get_by_label("Who").fill(who)
    page.get_by_role("button", name="Sign in").click()


def test_a_dry_run_of_a_mapping_then_a_role_that_comes_and_goes_with_its_claim(
    page: Page, browser: Browser, make_portal: Callable[..., str], honest: HonestProvider
) -> None:
    portal = make_portal({"province": honest.entry(claims={"memberships": [RULE]})})
    organization("jiaotongju")
    factories.Sysadmin(name="chief", password=PASSWORD)
    _sign_in(page, portal, "chief", "/login/administration/")
    page.get_by_role("link", name="Try a mapping").click()
    page.get_by_label("Claims, as JSON").fill('{"sub": "1", "dept": "JTJ", "roles": ["data-officer"], "shoe": 42}')
    page.get_by_role("button", name="Try it").click()
    found = page.locator("main, [role=main]").first.inner_text()
    assert "editor @ jiaotongju" in found and "shoe" in found
    assert model.User.by_name("zhang-san") is None, "a dry run writes nothing"
    context = browser.new_context()
    officer = context.new_page()
    _sign_in_there(officer, portal, "zhang")
    officer.goto(f"{portal}/organization/edit/jiaotongju")
    assert capacity_of("zhang-san", "jiaotongju") == "editor"
    honest.claims("zhang", name="张三", preferred_username="zhang-san", dept="JTJ", roles=[])
    context.clear_cookies()
    _sign_in_there(officer, portal, "zhang")
    officer.get_by_role("heading", name="Signing in and security").wait_for()
    assert capacity_of("zhang-san", "jiaotongju") is None
    context.close()


def test_an_account_is_linked_and_the_services_logout_reaches_this_portal(
    page: Page, portal: str, account: Any, honest: HonestProvider
) -> None:
    _sign_in(page, portal)
    page.get_by_role("button", name="Link The province").click()
    page.get_by_label("Who").fill("li")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("The identity is linked").wait_for()
    page.goto(f"{portal}/user/_logout")
    page.goto(f"{portal}/user/login?next=/login/account/")
    page.get_by_role("link", name="Sign in with The province").click()  # where they are still known
    page.get_by_role("heading", name="Signing in and security").wait_for()
    assert [row.method for row in sessions_of("li-si")] == ["oidc"]
    page.goto(f"{honest.issuer}/session/end")
    page.get_by_role("button", name="Sign out there").click()
    page.wait_for_url(f"{honest.issuer}/session/end/success**")
    page.goto(f"{portal}/login/account/")
    assert "/user/login" in page.url and not sessions_of("li-si")
