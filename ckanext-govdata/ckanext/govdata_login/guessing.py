"""Limits on guessing passwords that slow the guesser and leave the owner a way in.

After so many wrong passwords an account is slowed: from browsers that never signed in to it, a password is no longer even
looked at. Its owner still signs in from a browser that is known, with the code of the second factor beside the password,
or after making the browser known by a link in a mail. Answers are alike whether the account exists or not.
"""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from . import contacts, events, store

COOKIE = "govdata_login_known"
_KNOWN_SECONDS = 180 * 86400
_WINDOW_SECONDS = 900
ACCOUNT_MOST = 10
ADDRESS_MOST = 100


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt="govdata_login known browser")


def is_known(name: str) -> bool:
    """Whether this browser signed in to an account of that name or mail before, within half a year."""
    user = _user(name)
    try:
        found = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=_KNOWN_SECONDS)
    except BadSignature:
        return False
    return user is not None and user.id in found


def make_known(answer: Response, user_id: str) -> Response:
    """Let this browser be known to an account; the cookie opens nothing, it only spares the owner the guesser's limits."""
    try:
        before = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=_KNOWN_SECONDS)
    except BadSignature:
        before = []
    ids = [user_id, *(one for one in before if one != user_id)][:5]
    secure = str(tk.config["ckan.site_url"]).startswith("https:")
    answer.set_cookie(
        COOKIE, _serializer().dumps(ids), max_age=_KNOWN_SECONDS, httponly=True, secure=secure, samesite="Lax"
    )
    return answer


def _user(name: str) -> model.User | None:
    return contacts.account(name)


def _account_id(name: str) -> str:
    user = _user(name)
    return user.id if user else ""


def _account(name: str) -> str:
    # Name and mail of one account share a count; a made-up name has one of its own, so that all look alike.
    user = _user(name)
    return user.id if user else f"name {name.lower()}"


def is_slowed(name: str) -> bool:
    """Whether a password for this name from this place is not looked at, unless browser or code speak for the owner."""
    if is_known(name):
        return store.counted("guess-known", _known_key()) >= ACCOUNT_MOST
    address = request.remote_addr or ""
    return (
        store.counted("guess-account", _account(name)) >= ACCOUNT_MOST
        or store.counted("guess-address", address) >= ADDRESS_MOST
    )


def wrong(name: str) -> None:
    """Count a wrong password."""
    events.tell("sign_in_refused", user=_account_id(name), reason="password_wrong")
    if is_known(name):
        store.count("guess-known", _known_key(), _WINDOW_SECONDS)
        return
    store.count("guess-address", request.remote_addr or "", _WINDOW_SECONDS)
    if store.count("guess-account", _account(name), _WINDOW_SECONDS) == ACCOUNT_MOST:
        user = _user(name)
        events.tell("guessing_slowed", user=user.id if user else "")


def right(user_id: str) -> None:
    """A right password with all that was needed: this browser starts counting anew; the guesser's count stays."""
    store.forget("guess-known", _known_key())


def _known_key() -> str:
    return request.cookies.get(COOKIE, "")
