"""The judge of weak points: silent for a sound portal, and each point found alone."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_login.weakness import Snapshot, weaknesses

SOUND: dict[str, Any] = {
    "ckan.site_url": "https://data.example.org",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_TYPE": "redis",
    "SECRET_KEY": "x" * 40,
    "WTF_CSRF_ENABLED": True,
    "debug": False,
    "ckan.auth.public_user_details": False,
    "govdata.login.secret": "y" * 40,
    "govdata.login.second_factor_for": "sysadmins",
    "govdata.login.trusted_proxies": 1,
}


def test_a_sound_portal_has_no_weak_point() -> None:
    assert weaknesses(Snapshot(SOUND, forwarded=True)) == []


@pytest.mark.parametrize(
    ("changes", "reason", "grave"),
    [
        ({"ckan.site_url": "http://data.example.org"}, "no_tls", True),
        ({"SESSION_COOKIE_SECURE": False}, "cookie_not_secure", True),
        ({"SESSION_TYPE": "cookie"}, "session_in_cookie", False),
        ({"SECRET_KEY": "short"}, "secret_short", True),
        ({"WTF_CSRF_ENABLED": False}, "forms_unprotected", True),
        ({"debug": True}, "debug_on", True),
        ({"ckan.auth.public_user_details": True}, "accounts_public", False),
        ({"govdata.login.secret": ""}, "seal_shared", False),
        ({"govdata.login.second_factor_for": "nobody"}, "factor_not_demanded", False),
        ({"govdata.login.trusted_proxies": 0}, "proxy_unknown", True),
        ({"ckan.auth.create_user_via_web": True}, "registration_tells", False),
        ({"ckan.auth.create_user_via_api": True}, "registration_tells", False),
    ],
)
def test_each_weak_setting_is_found(changes: dict[str, Any], reason: str, grave: bool) -> None:
    found = weaknesses(Snapshot({**SOUND, **changes}, forwarded=True))
    assert [(one.reason, one.grave) for one in found] == [(reason, grave)]


def test_providers_people_and_plugins_count_and_the_grave_comes_first() -> None:
    found = weaknesses(Snapshot(SOUND, ("a",), ("b",), sysadmins_without_factor=2, endless_tokens=3, orphans=1))
    assert [one.reason for one in found] == [
        "provider_without_tls",
        "sysadmins_without_factor",
        "identities_orphaned",
        "provider_without_term",
        "tokens_endless",
    ]
