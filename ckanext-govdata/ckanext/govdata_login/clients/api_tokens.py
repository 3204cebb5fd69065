"""CKAN's own API tokens, with an end and, where wished, held to scopes. The end and the scopes stand in the signed token."""

from __future__ import annotations

import datetime
from typing import Any

import jwt
from ckan import model
from ckan.lib import api_token
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk
from ckan.types import Schema
from flask import g, has_request_context

from .. import config, events
from ..clock import now
from . import scopes

EXTRA = "govdata_login"
# CKAN alone cannot read a token with this beginning: where this plugin is off, it must not open a whole account.
HELD = "gdk_"
_CLAIM = "govdata_scopes"
_NOTED = "govdata_login_token_scopes"


def schema(given: Schema) -> Schema:
    """CKAN's schema, with `days` until the token's end and `scopes` that it is held to."""
    given["days"] = [tk.get_validator("ignore_empty"), tk.get_validator("is_positive_integer"), _not_too_long]
    given["scopes"] = [tk.get_validator("ignore_empty"), _as_words]
    return given


def _not_too_long(value: Any) -> int:
    most = config.api_token_days()
    if int(value) > most:
        raise tk.Invalid(tk._("A token lives at most {most} days.").format(most=most))
    return int(value)


def _as_words(value: Any) -> list[str]:
    return list(dict.fromkeys(value.split() if isinstance(value, str) else [str(one) for one in value]))


def refuse_foreign_scopes(context: Any, data_dict: dict[str, Any]) -> None:
    """Before a token is made: it is held only to what its account can give. Raises ValidationError."""
    wished = _as_words(data_dict.get("scopes") or [])
    user = model.User.get(str(data_dict.get("user") or ""))
    if not wished or user is None:
        return
    unknown = sorted(set(wished) - set(scopes.living(user.id, wished)))
    if unknown:
        words = tk._("You cannot give this: {scopes}").format(scopes=" ".join(unknown))
        raise tk.ValidationError({"scopes": [words]})


def postprocess(data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a token that is being made its end and its scopes, and note both for its owner's list."""
    row = model.ApiToken.get(jti)
    wished = _as_words(data_dict.get("scopes") or [])
    days = int(data_dict.get("days") or config.api_token_days())
    end = now() + datetime.timedelta(days=days)
    data["exp"] = min(int(data.get("exp") or end.timestamp()), int(end.timestamp()))
    if wished:
        data[_CLAIM] = wished
    if row is not None:
        row.set_extra(EXTRA, {"ends_at": end.isoformat(timespec="seconds"), "scopes": wished}, True)
        events.tell("api_token_made", user=row.user_id, token=jti, scopes=wished, until=end.isoformat())
    return data


def encode(data: dict[str, Any]) -> str | None:
    """A token that is held to scopes, in words that only this plugin reads; None leaves it to CKAN."""
    return HELD + api_token.encode_token(data) if data.get(_CLAIM) else None


def decode(encoded: str) -> dict[str, Any] | None:
    """What stands in a token that is held to scopes; None leaves it to CKAN."""
    if not encoded.startswith(HELD):
        return None
    try:
        found = api_token.decode_token(encoded[len(HELD) :])
    except jwt.InvalidTokenError:
        return None
    return found if found.get(_CLAIM) else None


def preprocess(data: dict[str, Any]) -> dict[str, Any]:
    """Note the scopes of a token that is being read, for whoever decides whom the request is from."""
    if has_request_context():
        setattr(g, _NOTED, list((data or {}).get(_CLAIM) or []))
    return data


def user_of(token: str) -> tuple[model.User | None, str, list[str]]:
    """The account of a CKAN token, the token's number, and the scopes that it is held to; none for a whole one."""
    user = api_token.get_user_from_token(token)
    names = g.pop(_NOTED, None) or []
    return user, "api-token", names


def described(token: dict[str, Any]) -> dict[str, Any]:
    """An entry of CKAN's list of tokens, with `ends_at` and `scopes`; tokens made before this plugin have neither."""
    row = model.ApiToken.get(str(token["id"]))
    extra = ((row.plugin_extras or {}) if row is not None else {}).get(EXTRA) or {}
    return {**token, "ends_at": extra.get("ends_at"), "scopes": extra.get("scopes") or []}


def without_end() -> int:
    """How many tokens have no end: those made before this plugin, unless CKAN's plugin `expire_api_token` ends them."""
    if plugin_loaded("expire_api_token"):
        return 0
    return sum(1 for (extras,) in model.Session.query(model.ApiToken.plugin_extras) if EXTRA not in (extras or {}))


def of(user_id: str) -> list[dict[str, Any]]:
    """An account's tokens for its pages, newest first: `id`, `name`, `created_at`, `last_access`, `ends_at`, `scopes`."""
    rows = model.Session.query(model.ApiToken).filter_by(user_id=user_id).order_by(model.ApiToken.created_at.desc())
    fields = ("id", "name", "created_at", "last_access")
    return [described({name: getattr(row, name) for name in fields}) for row in rows]


def drop_all(user_id: str, reason: str) -> int:
    """Drop every API token of an account: CKAN knows none that is ended and kept."""
    rows = list(model.Session.query(model.ApiToken).filter_by(user_id=user_id))
    for row in rows:
        model.Session.delete(row)
    model.Session.commit()
    for row in rows:
        events.tell("api_token_ended", user=user_id, token=row.id, why=reason)
    return len(rows)
