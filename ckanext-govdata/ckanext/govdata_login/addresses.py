"""Where a visitor may be sent after signing in: to a page of this portal and nowhere else. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

_LONGEST = 2000
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
HOME = "/"


def is_local(target: str | None) -> bool:
    """True for an address that every browser takes as a path of this portal.

    Browsers read a backslash as a slash and drop tabs and line ends inside an address; so both are refused, not mended.
    """
    if not target or len(target) > _LONGEST or not target.startswith("/") or target.startswith("//"):
        return False
    if "\\" in target or any(not character.isprintable() or character.isspace() for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def safe_next(target: str | None, otherwise: str = HOME) -> str:
    """The wished address where it is one of ours, else `otherwise`."""
    return target if target and is_local(target) else otherwise


def is_secure(address: str, http_allowed: bool = False) -> bool:
    """True for an absolute https address without user name; plain http only on this machine, where the setting allows it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and http_allowed and parts.hostname in _THIS_MACHINE)
