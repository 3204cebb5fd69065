"""What is weak in how people sign in here, for the administrator. Pure: judges a snapshot of settings and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Weakness:
    """One weak point: the setting or thing, and the key of its sentence in `words.WEAKNESSES`."""

    where: str
    reason: str
    grave: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What is judged: settings as CKAN reads them, providers, and counts from the database."""

    settings: Mapping[str, Any]
    http_providers: tuple[str, ...] = ()
    endless_providers: tuple[str, ...] = ()
    sysadmins_without_factor: int = 0
    endless_tokens: int = 0
    orphans: int = 0
    forwarded: bool = False


def weaknesses(seen: Snapshot) -> list[Weakness]:
    """Every weak point, grave ones first."""
    found = [*_of_settings(seen), *_of_providers(seen), *_of_people(seen)]
    return sorted(found, key=lambda one: not one.grave)


def _of_settings(seen: Snapshot) -> Iterator[Weakness]:
    settings = seen.settings
    https = str(settings.get("ckan.site_url", "")).startswith("https:")
    if not https:
        yield Weakness("ckan.site_url", "no_tls", grave=True)
    if https and not settings.get("SESSION_COOKIE_SECURE"):
        yield Weakness("SESSION_COOKIE_SECURE", "cookie_not_secure", grave=True)
    if settings.get("SESSION_TYPE") == "cookie":
        yield Weakness("SESSION_TYPE", "session_in_cookie")
    if len(str(settings.get("SECRET_KEY") or "")) < _SHORTEST_SECRET:
        yield Weakness("SECRET_KEY", "secret_short", grave=True)
    if not settings.get("WTF_CSRF_ENABLED"):
        yield Weakness("WTF_CSRF_ENABLED", "forms_unprotected", grave=True)
    if settings.get("debug"):
        yield Weakness("debug", "debug_on", grave=True)
    if settings.get("ckan.auth.public_user_details"):
        yield Weakness("ckan.auth.public_user_details", "accounts_public")
    if not settings.get("govdata.login.secret"):
        yield Weakness("govdata.login.secret", "seal_shared")
    if settings.get("ckan.auth.create_user_via_web") and not settings.get("govdata.login.registration"):
        yield Weakness("ckan.auth.create_user_via_web", "registration_tells")
    if settings.get("ckan.auth.create_user_via_api"):
        yield Weakness("ckan.auth.create_user_via_api", "registration_tells")
    if seen.forwarded and not settings.get("govdata.login.trusted_proxies"):
        yield Weakness("govdata.login.trusted_proxies", "proxy_unknown", grave=True)


def _of_providers(seen: Snapshot) -> Iterator[Weakness]:
    for key in seen.http_providers:
        yield Weakness(key, "provider_without_tls", grave=True)
    for key in seen.endless_providers:
        yield Weakness(key, "provider_without_term")


def _of_people(seen: Snapshot) -> Iterator[Weakness]:
    if seen.settings.get("govdata.login.second_factor_for", "nobody") == "nobody":
        yield Weakness("govdata.login.second_factor_for", "factor_not_demanded")
    if seen.sysadmins_without_factor:
        yield Weakness(str(seen.sysadmins_without_factor), "sysadmins_without_factor", grave=True)
    if seen.orphans:
        yield Weakness(str(seen.orphans), "identities_orphaned", grave=True)
    if seen.endless_tokens:
        yield Weakness(str(seen.endless_tokens), "tokens_endless")
