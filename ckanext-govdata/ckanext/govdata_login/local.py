"""Signing in with name and password: same answer and same work whether the account exists or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import ckan.plugins as p
from ckan import model
from ckan.common import request
from ckan.lib import captcha, signals
from ckan.model import user as users

from . import contacts, guessing
from .factors import keeping

_LONGEST = 1000


@dataclass(frozen=True)
class Try:
    """What came of a name and a password: the account that they open, or none; `slowed` where the password was not looked at."""

    user: model.User | None = None
    slowed: bool = False


def sign_in(name: str, password: str, code: str) -> Try:
    """Try name and password; a code counts where guessing has slowed the account.

    While slowed, no password is hashed without a right code: a flood of guesses costs the portal next to nothing.
    """
    user = contacts.account(name)
    if guessing.is_slowed(name, user) and not (
        user and code and keeping.check_code(user.id, code, request.remote_addr or "")
    ):
        guessing.not_looked_at(user)
        return _none(name, slowed=True)
    found = _by_others(name, password) or (user if _matches(user, password[:_LONGEST]) else None)
    if found is None or not found.is_active:
        guessing.wrong(name, user)
        return _none(name)
    if not _captcha_solved():
        return _none(name)
    guessing.right()
    return Try(found)


def _by_others(name: str, password: str) -> model.User | None:
    """Whom another plugin says that name and password are of, such as one that asks a directory (CKAN's `IAuthenticator`)."""
    for plugin in p.PluginImplementations(p.IAuthenticator):
        found = plugin.authenticate({"login": name, "password": password})
        if isinstance(found, model.User):
            return found
    return None


def _captcha_solved() -> bool:
    """Whether the riddle that CKAN's settings may ask for was solved; True where they ask for none."""
    try:
        captcha.check_recaptcha(request)
    except captcha.CaptchaError:
        request.environ["captchaFailed"] = True
        return False
    return True


def _matches(user: model.User | None, password: str) -> bool:
    if user is None or not user.is_active or not user.password:
        users.pbkdf2_sha512.verify(password, _nobodys_password())
        return False
    return user.validate_password(password)


@cache
def _nobodys_password() -> str:
    """Hashed as CKAN hashes passwords, so that a name that nobody has takes as long as one that somebody has."""
    return str(users.pbkdf2_sha512.hash("nobody has this password"))


def _none(name: str, slowed: bool = False) -> Try:
    signals.failed_login.send(name)
    return Try(slowed=slowed)


def code_given() -> str:
    """The code beside the password, where the form shows its field."""
    return request.form.get("code", "").strip()
