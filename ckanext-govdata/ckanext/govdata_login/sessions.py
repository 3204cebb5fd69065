"""Sessions kept on the server: begun at each sign-in, checked at each request, ended by their owner, by time or by an event."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.model.user import user_table
from ckan.plugins import toolkit as tk
from ckan.views.user import regenerate_session, rotate_token
from flask import Flask, g, request, session
from flask_login import login_user

from . import config, events, refusing
from .clients import programs
from .clock import now
from .factors import keeping
from .model import Identity, Session
from .store import digest

KEY = "govdata_login_key"
_SEEN_EVERY = timedelta(seconds=60)
_LONGEST_BROWSER = 200
_COOKIE_KEYS = (KEY, "_user_id", "_fresh", "_id")


@dataclass(frozen=True)
class How:
    """How somebody signed in; what an identity service said of it stays with the session."""

    method: str = "password"
    provider: str | None = None
    issuer: str | None = None
    subject: str | None = None
    provider_session: str | None = None
    id_token: str | None = None
    auth_time: datetime | None = None
    acr: str | None = None
    until: datetime | None = None
    factors: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


def sign_in(user: model.User, how: How) -> None:
    """Sign somebody in: a new session under a new key, and a new token against forged forms."""
    g.govdata_login_how = how
    refusing.leave_behind("session_planted")
    regenerate_session()
    login_user(user)
    rotate_token()


def begin(app: Flask, user: model.User, **_more: Any) -> None:
    """Flask-Login says that somebody was signed in, by whichever way: their session begins, an older one of this browser ends."""
    how: How = g.pop("govdata_login_how", None) or How()
    old = _row(session.get(KEY))
    if old is not None:
        _close(old, "new_sign_in")
    key = secrets.token_urlsafe(32)
    moment = now()
    limit = moment + config.session_length()
    row = Session(
        digest=digest(key),
        user_id=user.id,
        method=how.method,
        provider=how.provider,
        issuer=how.issuer,
        subject=how.subject,
        provider_session=how.provider_session,
        id_token=how.id_token,
        auth_time=how.auth_time or moment,
        acr=how.acr,
        factors=[dict(one) for one in how.factors],
        waiting=_must_wait(user, how),
        password_mark=_mark(user.password),
        address=str(request.remote_addr or ""),
        browser=str(request.user_agent)[:_LONGEST_BROWSER],
        created_at=moment,
        seen_at=moment,
        expires_at=min(limit, how.until) if how.until else limit,
    )
    model.Session.add(row)
    model.Session.commit()
    session[KEY] = key
    _note(row)
    events.tell("signed_in", user=user.id, method=how.method, provider=how.provider, session=row.id)


def _must_wait(user: model.User, how: How) -> bool:
    """Whether the session counts only after a second factor: a trusted service's word needs none of ours."""
    if any(one["kind"] in keeping.KINDS for one in how.factors):
        return False
    provider = config.providers().get(how.provider or "")
    return not (provider and provider.is_oidc and provider.trusted) and keeping.needed(user)


def _note(row: Session) -> None:
    if row.waiting:
        g.govdata_login_waiting = row
    else:
        g.govdata_login_session = row


def waiting() -> Session | None:
    """The session of this request that waits for its second factor; such a person is a visitor everywhere else."""
    row = g.get("govdata_login_waiting")
    return row if row is not None and row.ended_at is None and row.waiting else None


def let_in(row: Session, kind: str) -> None:
    """A waiting session's second factor was shown: it counts from now on, under a new key."""
    row.waiting = False
    key = secrets.token_urlsafe(32)
    row.digest = digest(key)
    regenerate_session()
    session[KEY] = key
    confirm(row, kind)


def leave(app: Flask, user: Any = None, **_more: Any) -> None:
    """Flask-Login says that somebody signed out: their session ends on the server too, so its cookie is worth nothing."""
    row = _row(session.pop(KEY, None))
    if row is not None and row.ended_at is None:
        refusing.leave_behind("session_over")
        _close(row, "signed_out")
        model.Session.commit()
        events.tell("signed_out", user=row.user_id, session=row.id)


def identify(user_id: str | None) -> model.User | model.AnonymousUser | None:
    """Who makes this request. None leaves it to CKAN, which trusts the cookie: so only for a session that lives.

    CKAN would take a cookie for which no session lives, a "remember me" cookie above all; here it is nobody's.
    """
    token = programs.token_of_request()
    if token:
        return _by_token(token, user_id)
    if user_id is None:
        return _visitor()
    if _lives(user_id):
        return None if waiting() is None else model.AnonymousUser()
    return _nobody()


def _visitor() -> model.AnonymousUser | None:
    """Nobody; left to CKAN unless the header holds another scheme, which CKAN would take for a token and complain of."""
    refusing.tell_left_behind()
    if not request.headers.get(tk.config["apitoken_header_name"]):
        return None
    g.login_via_auth_header = True
    return model.AnonymousUser()


def _by_token(token: str, user_id: str | None) -> model.User | model.AnonymousUser | None:
    found = programs.identify(token)
    if found is None:
        return None if user_id is None or (_lives(user_id) and waiting() is None) else model.AnonymousUser()
    g.login_via_auth_header = True
    whose = found.id if isinstance(found, model.User) else programs.held_for()
    if whose and lapsed(whose):
        programs.refuse_held()
        return model.AnonymousUser()
    return found


def _nobody() -> model.AnonymousUser:
    for name in _COOKIE_KEYS:
        session.pop(name, None)
    if tk.config["REMEMBER_COOKIE_NAME"] in request.cookies:
        session["_remember"] = "clear"
    return model.AnonymousUser()


def _lives(user_id: str) -> bool:
    row, password = _row_and_password(session.get(KEY))
    if row is None or row.user_id != user_id or row.ended_at is not None:
        refusing.tell("session_over", user=user_id)
        return False
    moment = now()
    reason = _reason_to_end(row, password, moment)
    if reason:
        _close(row, reason)
        model.Session.commit()
        events.tell("session_ended", user=row.user_id, session=row.id, why=reason)
        return False
    if moment - row.seen_at > _SEEN_EVERY:
        row.seen_at = moment
        model.Session.commit()
    _note(row)
    return True


def _reason_to_end(row: Session, password: str | None, moment: datetime) -> str:
    if row.expires_at <= moment or row.created_at + config.session_length() <= moment:
        return "too_long"
    if row.seen_at + config.idle() <= moment:
        return "idle"
    if not hmac.compare_digest(row.password_mark, _mark(password)):
        return "password_changed"
    return ""


def _mark(password: str | None) -> str:
    return digest(password or "")[:32]


def _row(key: str | None) -> Session | None:
    return _row_and_password(key)[0]


def _row_and_password(key: str | None) -> tuple[Session | None, str | None]:
    if not key:
        return None, None
    query = sa.select(Session, user_table.c.password).join(user_table, user_table.c.id == Session.user_id)
    found = model.Session.execute(query.where(Session.digest == digest(key))).one_or_none()
    return (found[0], found[1]) if found else (None, None)


def current() -> Session | None:
    """The session of this request; None for visitors and for programs with a token."""
    row = g.get("govdata_login_session")
    return row if row is not None and row.ended_at is None else None


def _close(row: Session, reason: str) -> None:
    row.ended_at, row.end_reason, row.id_token = now(), reason, None


def open_sessions(user_id: str) -> list[Session]:
    """Somebody's living sessions, newest first."""
    moment = now()
    query = sa.select(Session).where(
        Session.user_id == user_id,
        Session.ended_at.is_(None),
        Session.expires_at > moment,
        Session.seen_at > moment - config.idle(),
    )
    return list(model.Session.execute(query.order_by(Session.seen_at.desc())).scalars())


def end(reason: str, *conditions: Any) -> int:
    """End every living session that meets the conditions; gives how many. The next request with one is a visitor's."""
    rows = list(model.Session.execute(sa.select(Session).where(Session.ended_at.is_(None), *conditions)).scalars())
    for row in rows:
        _close(row, reason)
    model.Session.commit()
    for row in rows:
        events.tell("session_ended", user=row.user_id, session=row.id, why=reason)
    return len(rows)


def confirm(row: Session, kind: str, auth_time: datetime | None = None, acr: str | None = None) -> None:
    """Note in a session that its person just showed once more who they are, and by what."""
    moment = auth_time or now()
    row.auth_time = moment
    row.acr = acr or row.acr
    row.factors = [*row.factors, {"kind": kind, "at": int(moment.timestamp())}]
    model.Session.commit()
    events.tell("stepped_up", user=row.user_id, session=row.id, kind=kind)


def lapsed(user_id: str) -> bool:
    """Whether somebody's term at their identity service ran out, so that their tokens don't count either."""
    if not any(one.sign_in_again_days for one in config.providers().values()):
        return False
    rows = model.Session.execute(sa.select(Identity).where(Identity.user_id == user_id)).scalars()
    return any(_over(row) for row in rows)


def _over(row: Identity) -> bool:
    provider = config.providers().get(row.provider)
    if row.lapsed_at is not None:
        return True
    days = provider.sign_in_again_days if provider else 0
    return bool(days) and row.signed_in_at + timedelta(days=days) <= now()


def others_of(row: Session) -> tuple[Any, ...]:
    """The conditions for `end` that mean all of a person's sessions but this one."""
    return Session.user_id == row.user_id, Session.id != row.id
