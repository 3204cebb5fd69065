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
WINDOW_SECONDS = 900
ACCOUNT_MOST = 10
ADDRESS_MOST = 100


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt="govdata_login known browser")


def is_known(user: model.User | None) -> bool:
    """Whether this browser signed in to an account before, within half a year."""
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


def _label(name: str) -> str:
    # By what was typed, not by the account: a name slowed together with a mail address would tell that both are one's.
    return contacts.plain(name) or name.lower()


def is_slowed(name: str, user: model.User | None) -> bool:
    """Whether a password for this name from this place is not looked at, unless browser or code speak for the owner."""
    if is_known(user):
        return store.counted("guess-known", _known_key()) >= ACCOUNT_MOST
    counts = store.counts(("guess-account", _label(name)), ("guess-address", request.remote_addr or ""))
    return counts[0] >= ACCOUNT_MOST or counts[1] >= ADDRESS_MOST


def turned_away(name: str, address: str) -> bool:
    """Whether a password for a slowed name or from a slowed address is not even asked about; tells the log if so."""
    label = _label(name)
    counts = store.counts(("guess-account", label), ("guess-address", address))
    if counts[0] < ACCOUNT_MOST and counts[1] < ADDRESS_MOST:
        return False
    whose = store.peek("guess-who", label) or {}
    events.tell("sign_in_refused", user=str(whose.get("user") or ""), reason="guessing_slowed")
    return True


def not_looked_at(user: model.User | None) -> None:
    """A password came that is not looked at. Its place is not counted: a flood fills no memory once it is slowed."""
    events.tell("sign_in_refused", user=user.id if user else "", reason="guessing_slowed")


def wrong(name: str, user: model.User | None) -> None:
    """Count a wrong password for a name, and the account that it is of."""
    id = user.id if user else ""
    events.tell("sign_in_refused", user=id, reason="password_wrong")
    if is_known(user):
        store.count("guess-known", _known_key(), WINDOW_SECONDS)
        return
    store.count("guess-address", request.remote_addr or "", WINDOW_SECONDS)
    if store.count("guess-account", _label(name), WINDOW_SECONDS) == ACCOUNT_MOST:
        # So that what is turned away from now on can be told without asking the database.
        store.keep("guess-who", _label(name), {"user": id}, WINDOW_SECONDS)
        events.tell("guessing_slowed", user=id)


def right() -> None:
    """A right password with all that was needed: this browser starts counting anew; the guesser's count stays."""
    store.forget("guess-known", _known_key())


def _known_key() -> str:
    return request.cookies.get(COOKIE, "")
