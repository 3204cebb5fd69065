"""Rules for passwords: length, and that it is none of those that everybody tries first. No rules of signs or digits.

The list of known ones is that of zxcvbn (MIT licence): 30,000 passwords by how often they were found in leaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ckan.logic.validators import user_password_validator as ckans
from ckan.plugins import toolkit as tk

from . import config

_LONGEST = 1000


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The passwords that everybody tries first, in small letters."""
    # A list of a megabyte: read when the first password is judged, not when the portal starts.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def problem(password: str, least: int, own: Iterable[str] = ()) -> str:
    """Why a password cannot be taken: `short`, `long`, `known`, `own` (a name or address of its owner); empty if it can."""
    if len(password) < least:
        return "short"
    if len(password) > _LONGEST:
        return "long"
    plain = password.strip().lower()
    if plain in known() or len(set(plain)) < 4:
        return "known"
    return "own" if plain in {word.strip().lower() for word in own if word} else ""


def validator(key: Any, data: Any, errors: Any, context: Any) -> None:
    """CKAN's `user_password_validator` with these rules: for every way in which an account gets a password."""
    password = data.get(key)
    if not isinstance(password, str) or not password:
        ckans(key, data, errors, context)
        return
    own = [str(data.get((name,)) or "") for name in ("name", "email", "fullname")]
    found = problem(password, config.password_length(), own)
    if found:
        errors[("password",)] = [*(errors.get(("password",)) or []), _sentence(found)]


def _sentence(found: str) -> str:
    if found == "short":
        words = tk._(
            "Your password must be {number} characters or longer. Several words in a row are easy to keep in mind."
        )
        return words.format(number=config.password_length())
    if found == "long":
        return tk._("Your password is longer than {number} characters.").format(number=_LONGEST)
    if found == "known":
        return tk._(
            "This password is one of those that are tried first. Choose another, such as several words in a row."
        )
    return tk._("Your password is your name or your address. Choose another.")
