"""What the templates of signing in ask for."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from ckan.plugins import toolkit as tk
from flask_wtf.csrf import generate_csrf

from . import config
from .oidc.provider import Provider

__all__ = [
    "govdata_login_csrf_token",
    "govdata_login_moment",
    "govdata_login_password_length",
    "govdata_login_providers",
    "govdata_login_title",
]


def govdata_login_providers() -> list[Provider]:
    """The identity services, in the order of their file."""
    return list(config.providers().values())


def govdata_login_title(provider: Provider) -> str:
    """A service's name in the reader's language."""
    return provider.title(tk.h.lang())


def govdata_login_password_length() -> int:
    """How many characters a password has at least."""
    return config.password_length()


def govdata_login_csrf_token() -> str:
    """The token against forged forms, for requests by script."""
    return generate_csrf()


def govdata_login_moment(moment: datetime.datetime | str, hours: bool = False) -> str:
    """A moment as people of the page's language write it, in the portal's zone; without one of its own it is UTC's."""
    found = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) if isinstance(moment, str) else moment
    name = str(tk.config.get("ckan.display_timezone") or "UTC")
    zone = ZoneInfo("UTC" if name == "server" else name)
    local = (found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)).astimezone(zone)
    language = tk.h.lang().replace("-", "_")
    day = format_date(local, "long", locale=language)
    return f"{day} {format_time(local, 'HH:mm', locale=language)}" if hours else day
