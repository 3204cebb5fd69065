"""What the templates of signing in ask for."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from flask_wtf.csrf import generate_csrf

from . import config
from .oidc.provider import Provider

__all__ = ["govdata_login_csrf_token", "govdata_login_providers", "govdata_login_title"]


def govdata_login_providers() -> list[Provider]:
    """The identity services, in the order of their file."""
    return list(config.providers().values())


def govdata_login_title(provider: Provider) -> str:
    """A service's name in the reader's language."""
    return provider.title(tk.h.lang())


def govdata_login_csrf_token() -> str:
    """The token against forged forms, for requests by script."""
    return generate_csrf()
