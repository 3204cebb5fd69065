"""The settings of signing in, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from ckan.plugins import toolkit as tk

from .oidc.provider import Provider
from .oidc.settings import read_providers


def providers() -> dict[str, Provider]:
    """The identity services by key, in the file's order; none without a file. Read anew when the file changes.

    Raises:
        SettingsError: the file has faults; each is named.
    """
    path = str(tk.config.get("govdata.login.providers") or "")
    if not path:
        return {}
    place = Path(path)
    stamp = place.stat().st_mtime_ns if place.exists() else 0
    return dict(_read(place, stamp))


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> dict[str, Provider]:
    return read_providers(path)


def idle() -> timedelta:
    """How long a session lives without a request."""
    return timedelta(minutes=tk.config["govdata.login.idle_minutes"])


def session_length() -> timedelta:
    """How long a session lives at most."""
    return timedelta(hours=tk.config["govdata.login.session_hours"])


def sessions_kept() -> timedelta:
    """For how long a session that is over stays in its table."""
    return timedelta(days=max(0, int(tk.config["govdata.login.sessions_kept_days"])))


def step_up_age() -> timedelta:
    """How long a confirmation of who somebody is counts."""
    return timedelta(minutes=tk.config["govdata.login.step_up_minutes"])


def second_factor_for() -> str:
    """Of whom a second factor is demanded: nobody, sysadmins, editors (who may write in any organisation), everyone."""
    return str(tk.config["govdata.login.second_factor_for"])


def hsts_seconds() -> int:
    """For how long browsers shall come by TLS only, once they came so; zero leaves it to the proxy."""
    return int(tk.config["govdata.login.hsts_seconds"])


def trusted_proxies() -> int:
    """How many proxies stand before the portal, one behind the other; zero believes no forwarded address."""
    return int(tk.config["govdata.login.trusted_proxies"])


def rate(name: str) -> str:
    """A limit in Flask-Limiter's words, such as `60 per minute`; empty means none."""
    return str(tk.config[f"govdata.login.{name}"] or "")


def access_token_age() -> timedelta:
    """How long a program's access token lives."""
    return timedelta(minutes=max(1, int(tk.config["govdata.login.access_token_minutes"])))


def refresh_token_age() -> timedelta:
    """How long a program may wait before it refreshes its tokens."""
    return timedelta(days=max(1, int(tk.config["govdata.login.refresh_token_days"])))


def api_token_days() -> int:
    """The longest life of CKAN's own API tokens, and theirs where nothing else is said."""
    return max(1, int(tk.config["govdata.login.api_token_days"]))


def client_rate() -> int:
    """How many calls a program may make in a minute; zero for any number."""
    return max(0, int(tk.config["govdata.login.client_calls_per_minute"]))


def password_length() -> int:
    """How many characters a password has at least; never fewer than CKAN's eight."""
    return max(8, int(tk.config["govdata.login.password_length"]))


def registration() -> frozenset[str]:
    """What people may prove to be theirs to make an account: `mail`, `phone`; empty where only others make accounts."""
    return frozenset(str(tk.config["govdata.login.registration"] or "").split()) & {"mail", "phone"}
