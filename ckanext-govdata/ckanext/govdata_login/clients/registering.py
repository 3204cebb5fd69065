"""Registering a program, changing its secret, ending it; a secret is shown once and kept as a digest."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .. import events
from ..clock import now
from ..store import digest
from . import scopes, tokens
from .model import METHODS, Client, Token

SECRET = "gds_"  # noqa: S105  (the beginning of every secret, no secret)
MOST = 20
_LOCAL = ("127.0.0.1", "::1", "localhost")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")


def register(user_id: str, given: dict[str, Any]) -> tuple[Client, str]:
    """Register a program of an account; gives it and its secret, empty for those without one.

    `given`: `title`, `method` (of `METHODS`), `scopes`, `redirects`, `jwks` (a JWK set, or its text). Raises ValidationError.
    """
    checked = _checked(user_id, given)
    if len(of(user_id)) >= MOST:
        raise tk.ValidationError(
            {"title": [tk._("You have {most} programs already. End one first.").format(most=MOST)]}
        )
    secret = SECRET + secrets.token_urlsafe(32) if checked["method"] == "client_secret_basic" else ""
    row = Client(user_id=user_id, secret=digest(secret) if secret else "", created_at=now(), **checked)
    model.Session.add(row)
    model.Session.commit()
    events.tell("client_registered", user=user_id, client=row.id, method=row.method, scopes=list(row.scopes))
    return row, secret


def rotate(row: Client) -> str:
    """A new secret for a program; the old one and its tokens end at once. Raises ValidationError where it has none."""
    if row.method != "client_secret_basic":
        raise tk.ValidationError({"id": [tk._("This program has no secret: it signs with its own key, or is public.")]})
    secret = SECRET + secrets.token_urlsafe(32)
    row.secret, row.rotated_at = digest(secret), now()
    model.Session.commit()
    tokens.end("secret_changed", Token.client_id == row.id)
    events.tell("client_changed", user=row.user_id, client=row.id, what="secret")
    return secret


def change_key(row: Client, jwks: Any) -> None:
    """Another public key for a program that signs; the old one and its tokens end at once. Raises ValidationError."""
    errors: dict[str, list[str]] = {}
    keys = _keys(jwks, row.method, errors)
    if errors or not keys:
        raise tk.ValidationError(dict(errors) or {"id": [tk._("This program does not sign with a key of its own.")]})
    row.keys, row.rotated_at = keys, now()
    model.Session.commit()
    tokens.end("secret_changed", Token.client_id == row.id)
    events.tell("client_changed", user=row.user_id, client=row.id, what="key")


def end(row: Client, reason: str = "ended_by_owner") -> None:
    """End a program with all its tokens."""
    row.ended_at = now()
    model.Session.commit()
    tokens.end(reason, Token.client_id == row.id)
    events.tell("client_ended", user=row.user_id, client=row.id, why=reason)


def of(user_id: str) -> list[Client]:
    """An account's living programs, in the order of registering."""
    query = sa.select(Client).where(Client.user_id == user_id, Client.ended_at.is_(None))
    return list(model.Session.scalars(query.order_by(Client.created_at)))


def living(client_id: str) -> Client | None:
    """A program that has not ended, and whose owner's account lives."""
    row = model.Session.get(Client, client_id)
    owner = model.User.get(row.user_id) if row is not None and row.ended_at is None else None
    return row if owner is not None and owner.is_active else None


def authorised_by(user_id: str) -> list[tuple[Client, list[str]]]:
    """The programs of others that a person let act for them, each with its scopes, while a token of it lives."""
    last = sa.func.coalesce(Token.refresh_until, Token.expires_at)
    query = (
        sa.select(Client, Token.scopes)
        .join(Token, Token.client_id == Client.id)
        .where(Token.user_id == user_id, Token.ended_at.is_(None), Token.rotated_at.is_(None), last > now())
        .where(Token.refresh.is_not(None), Client.ended_at.is_(None))
    )
    found: dict[str, tuple[Client, set[str]]] = {}
    for client, names in model.Session.execute(query):
        found.setdefault(client.id, (client, set()))[1].update(names)
    return [(client, sorted(names)) for client, names in found.values()]


def _checked(user_id: str, given: dict[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    title = str(given.get("title") or "").strip()
    method = str(given.get("method") or METHODS[0])
    redirects = _words(given.get("redirects"))
    wished = _words(given.get("scopes"))
    if not 1 <= len(title) <= 100:
        errors["title"] = [tk._("Give the program a name of at most 100 characters.")]
    if method not in METHODS:
        errors["method"] = [tk._("Choose one of: {methods}").format(methods=", ".join(METHODS))]
    for address in redirects:
        if not _is_redirect(address):
            words = tk._("{address} cannot be used: write https, or http on this machine, without a fragment.")
            errors["redirects"] = [words.format(address=address)]
    if method == "none" and not redirects:
        errors["redirects"] = [tk._("A program without a secret needs an address to which people come back.")]
    unknown = [name for name in wished if not _SCOPE.match(name)]
    unknown += [name for name in wished if name not in scopes.living(user_id, wished) and name not in unknown]
    if unknown:
        errors["scopes"] = [tk._("You cannot give this: {scopes}").format(scopes=" ".join(unknown))]
    if not wished:
        errors["scopes"] = [tk._("Choose what the program may read.")]
    keys = _keys(given.get("jwks"), method, errors)
    if errors:
        raise tk.ValidationError(dict(errors))
    return {"title": title, "method": method, "redirects": redirects, "scopes": wished, "keys": keys}


def _words(given: Any) -> list[str]:
    parts: Sequence[Any] = given.split() if isinstance(given, str) else given or []
    return list(dict.fromkeys(str(part) for part in parts))


def _is_redirect(address: str) -> bool:
    try:
        parts = urlsplit(address)
        local = parts.scheme == "http" and parts.hostname in _LOCAL
    except ValueError:
        return False
    good = (parts.scheme == "https" or local) and bool(parts.hostname) and not parts.fragment
    return good and not parts.username and "*" not in address


def _keys(given: Any, method: str, errors: dict[str, list[str]]) -> dict[str, Any]:
    if method != "private_key_jwt":
        return {}
    try:
        found = json.loads(given) if isinstance(given, str) else dict(given or {})
        found = found if "keys" in found else {"keys": [found]}
        keys = KeySet.import_key_set(found)  # pyright: ignore[reportArgumentType]
        if not keys.keys or any(key.is_private or key.key_type == "oct" for key in keys.keys):
            raise ValueError
        return {"keys": [key.as_dict(private=False) for key in keys.keys]}
    except (ValueError, TypeError, KeyError, JoseError):
        errors["jwks"] = [tk._("Give the public key as a JWK or a JWK set, without its private part.")]
        return {}
