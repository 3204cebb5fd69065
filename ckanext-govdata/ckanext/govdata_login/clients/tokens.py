"""Tokens of programs: given, found by their digest, ended. Checking one is one statement."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.model.user import user_table

from .. import config, events
from ..clock import now
from ..store import digest
from . import scopes
from .model import Client, Token

ACCESS, REFRESH = "gda_", "gdr_"


def new(prefix: str) -> str:
    """A new token; the prefix tells people and scanners of leaked secrets what it is."""
    return prefix + secrets.token_urlsafe(32)


def give(client: Client, user_id: str, given: Mapping[str, Any], family: str) -> Token:
    """Keep a token that is about to be handed out, in the caller's transaction."""
    moment = now()
    row = Token(
        client_id=client.id,
        user_id=user_id,
        family=family,
        access=digest(given["access_token"]),
        refresh=digest(given["refresh_token"]) if given.get("refresh_token") else None,
        scopes=str(given.get("scope") or "").split(),
        created_at=moment,
        expires_at=moment + config.access_token_age(),
        refresh_until=moment + config.refresh_token_age() if given.get("refresh_token") else None,
    )
    model.Session.add(row)
    model.Session.flush()
    return row


# Of tables and not of classes: each call of a program asks this, and the mapping of classes would cost as much as the statement.
_TOKENS, _CLIENTS = Token.__table__.c, Client.__table__.c
_CHECK = (
    sa.select(_TOKENS.client_id, _TOKENS.user_id, _TOKENS.scopes)
    .join(Client.__table__, _CLIENTS.id == _TOKENS.client_id)
    .join(user_table, user_table.c.id == _TOKENS.user_id)
    .where(
        _TOKENS.access == sa.bindparam("access"),
        _TOKENS.expires_at > sa.bindparam("moment"),
        _TOKENS.ended_at.is_(None),
        _CLIENTS.ended_at.is_(None),
        user_table.c.state == "active",
    )
)


def check(token: str) -> dict[str, Any] | None:
    """Whom an access token stands for: `client`, `user_id`, `scopes`; None where it is not good any more."""
    found = model.Session.execute(_CHECK, {"access": digest(token), "moment": now()}).first()
    return {"client": found[0], "user_id": found[1], "scopes": found[2]} if found else None


def by_access(token: str) -> Token | None:
    """The row of an access token, good or not."""
    return model.Session.scalars(sa.select(Token).where(Token.access == digest(token))).first()


def by_refresh(token: str, lock: bool = False) -> Token | None:
    """The row of a refresh token, good or not; locked for whoever means to use it up."""
    query = sa.select(Token).where(Token.refresh == digest(token))
    return model.Session.scalars(query.with_for_update() if lock else query).first()


def end(reason: str, *conditions: Any) -> int:
    """End every living token that meets the conditions; gives how many. They open nothing from the commit on."""
    statement = sa.update(Token).where(Token.ended_at.is_(None), *conditions)
    ended = model.Session.execute(
        statement.values(ended_at=now(), end_reason=reason).returning(Token.id, Token.client_id, Token.user_id)
    ).all()
    model.Session.commit()
    for id, client_id, user_id in ended:
        events.tell("token_ended", user=user_id, client=client_id, token=id, why=reason)
    return len(ended)


def end_of_scope(scope: str, reason: str) -> int:
    """End every living token that names a scope: what it stood for has ended."""
    return end(reason, Token.scopes.contains([scope]))


def end_without_scope(user_id: str, reason: str) -> int:
    """End an account's living tokens that name a scope which it cannot give any more."""
    rows = list(model.Session.scalars(sa.select(Token).where(Token.user_id == user_id, Token.ended_at.is_(None))))
    if not rows:
        return 0
    living = set(scopes.living(user_id, {name for row in rows for name in row.scopes}))
    return end(reason, Token.id.in_([row.id for row in rows if not living.issuperset(row.scopes)]))


def lives(row: Token) -> bool:
    """Whether a token, refresh tokens beside it left out, opens anything at this moment: its scopes have to live too."""
    if row.is_revoked() or row.is_expired():
        return False
    return bool(scopes.living(row.user_id, row.scopes)) or not row.scopes
