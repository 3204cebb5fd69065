"""What programs and other plugins ask of signing in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from . import accounts, closing, events, invitations, mailboxes, purging, reset_keys, sessions, stepup
from .clients import api_tokens, tokens
from .clients.model import Token
from .mapping import Facts
from .model import Identity, Session

__all__ = [
    "api_token_create",
    "api_token_list",
    "govdata_login_access_end",
    "govdata_login_account_close",
    "govdata_login_confirmation_show",
    "govdata_login_identity_unlink",
    "govdata_login_purge",
    "govdata_login_scope_end",
    "govdata_login_scopes_check",
    "govdata_login_session_end",
    "govdata_login_session_list",
    "govdata_login_sessions_end",
    "govdata_login_sweep",
    "user_invite",
    "user_update",
]


@tk.side_effect_free
def govdata_login_confirmation_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Whether the person of this request confirmed lately: `confirmed`, `kind`, `at` (seconds since 1970), `session`.

    `address` is the page that asks for it; give it `purpose` and `next`. A program's token has confirmed nothing.
    """
    tk.check_access("govdata_login_confirmation_show", context, data_dict)
    row = sessions.current()
    last = stepup.last_confirmation(row)
    found = {"confirmed": last is not None, "kind": "", "at": None, "session": row.id if row else ""}
    return {**found, **(last or {}), "address": tk.url_for("govdata_login.step_up") if row else ""}


@tk.side_effect_free
def govdata_login_session_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The living sessions of an account, newest first: its own, or `user_id` by a sysadmin. Times are ISO 8601 in UTC."""
    user_id = _account_asked(context, data_dict)
    tk.check_access("govdata_login_session_list", context, {"user_id": user_id})
    return [_shown(row) for row in sessions.open_sessions(user_id)]


def govdata_login_session_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End the session `id`: one's own, or any by a sysadmin.

    Raises:
        NotAuthorized: it is somebody else's, or there is none of that id (the two look alike).
    """
    tk.check_access("govdata_login_session_end", context, data_dict)
    id = tk.get_or_bust(data_dict, "id")
    return {"ended": sessions.end("ended_by_owner", Session.id == id)}


def govdata_login_sessions_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End all sessions of `user_id` for `reason`, such as a post that ended. For sysadmins and other plugins."""
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    user_id = tk.get_or_bust(data_dict, "user_id")
    return {"ended": sessions.end(str(data_dict.get("reason") or "ended_by_administrator"), Session.user_id == user_id)}


def govdata_login_access_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End all that lets `user_id` or a program of theirs in, for `reason`: sessions, programs' tokens, CKAN's API tokens.

    For sysadmins and other plugins: a post that ended, a party that is gone. The account itself stays.
    """
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    user_id, reason = tk.get_or_bust(data_dict, "user_id"), str(data_dict.get("reason") or "ended_by_administrator")
    return {
        "sessions": sessions.end(reason, Session.user_id == user_id),
        "tokens": tokens.end(reason, Token.user_id == user_id),
        "api_tokens": api_tokens.drop_all(user_id, reason),
    }


def govdata_login_scope_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End every program's token that names `scope`, for `reason`. For sysadmins and other plugins: a grant that ended."""
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    reason = str(data_dict.get("reason") or "scope_ended")
    return {"tokens": tokens.end_of_scope(str(tk.get_or_bust(data_dict, "scope")), reason)}


def govdata_login_scopes_check(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End the programs' tokens of `user_id` that name what the account cannot give any more, for `reason`.

    For sysadmins and other plugins: a party that was closed or blocked, a place in it that ended.
    """
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    reason = str(data_dict.get("reason") or "scope_ended")
    return {"tokens": tokens.end_without_scope(str(tk.get_or_bust(data_dict, "user_id")), reason)}


def govdata_login_sweep(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End roles, sessions and tokens of those who did not sign in at their service within its term; gives how many `lapsed`.

    For sysadmins and for a plugin's timer, every few minutes.
    """
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    return {"lapsed": accounts.lapse_overdue()}


def govdata_login_purge(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Delete tokens that can count no more and sessions over their term of keeping; gives how many `tokens` and `sessions`.

    For sysadmins and for a plugin's timer, once a day.
    """
    tk.check_access("govdata_login_sessions_end", context, data_dict)
    return dict(purging.purge())


def govdata_login_account_close(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Close an account for good: one's own, or `user_id` by a sysadmin.

    Its sessions, programs, tokens and API tokens end, its identities and factors are taken off, its names and addresses emptied.

    :param user_id: whose; empty for one's own
    :returns: `id` of the closed account

    Raises:
        ValidationError: something has to be handed over first; `account` says what.
    """
    user_id = _account_asked(context, data_dict)
    tk.check_access("govdata_login_account_close", context, {"user_id": user_id})
    user = model.User.get(user_id)
    if user is None or not user.is_active:
        raise tk.ObjectNotFound(tk._("There is no such account."))
    closing.close(user, "closed_by_owner" if user.name == context.get("user") else "closed_by_administrator")
    return {"id": user_id}


@tk.chained_action
def api_token_create(next_action: Any, context: Context, data_dict: DataDict) -> Any:
    """CKAN's action, with `days` until the token's end and `scopes` to which it is held (of those that its account can give)."""
    tk.check_access("api_token_create", context, data_dict)
    api_tokens.refuse_foreign_scopes(context, data_dict)
    return next_action(context, data_dict)


@tk.chained_action
@tk.side_effect_free
def api_token_list(next_action: Any, context: Context, data_dict: DataDict) -> Any:
    """CKAN's action; each token with `ends_at` and `scopes`."""
    return [api_tokens.described(one) for one in next_action(context, data_dict)]


@tk.chained_action
def user_invite(next_action: Any, context: Context, data_dict: DataDict) -> Any:
    """CKAN's action; an address that has an account is invited like any other, and its owner learns it from the mail.

    Code that asks with `ignore_auth` answers for itself, and is told as by CKAN alone.
    """
    tk.check_access("user_invite", context, data_dict)
    context[invitations.INVITING] = not context.get("ignore_auth")  # type: ignore[literal-required]
    return next_action(context, data_dict)


@tk.chained_action
def user_update(next_action: Any, context: Context, data_dict: DataDict) -> Any:
    """CKAN's action; a new mail address counts once its link was opened, and stands in `email_waiting` until then.

    A key out of a link to a new password opens nothing here either once it is out of date.
    """
    if "reset_key" in data_dict and not reset_keys.is_good(model.User.get(data_dict.get("id")), data_dict["reset_key"]):
        data_dict = {name: value for name, value in data_dict.items() if name != "reset_key"}
    tk.check_access("user_update", context, data_dict)
    given, wished = mailboxes.hold_back(context, data_dict)
    result = next_action(context, given)
    if not wished:
        return result
    mailboxes.ask(str(result["id"]), wished)
    return {**result, "email_waiting": wished}


def govdata_login_identity_unlink(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take the identity `id` off its account, with what its claims gave and the sessions begun with it.

    Raises:
        NotAuthorized: it is somebody else's, or there is none of that id.
    """
    tk.check_access("govdata_login_identity_unlink", context, data_dict)
    identity = model.Session.get(Identity, tk.get_or_bust(data_dict, "id"))
    if identity is None:
        raise tk.ObjectNotFound(tk._("There is no such identity."))
    user = model.User.get(identity.user_id)
    provider = accounts.config.providers().get(identity.provider)
    if user is not None and provider is not None:
        accounts.refresh(user, identity, provider, Facts())
    issuer, subject = identity.issuer, identity.subject
    model.Session.delete(identity)
    model.Session.commit()
    sessions.end("identity_unlinked", Session.issuer == issuer, Session.subject == subject)
    events.tell("identity_unlinked", user=user.id if user else "", provider=provider.key if provider else "")
    return {"issuer": issuer}


def _account_asked(context: Context, data_dict: DataDict) -> str:
    asked = data_dict.get("user_id")
    if asked:
        return str(asked)
    user = model.User.get(context.get("user"))
    return user.id if user else ""


def _shown(row: Session) -> dict[str, Any]:
    times = {name: getattr(row, name).isoformat() for name in ("created_at", "seen_at", "expires_at", "auth_time")}
    return {"id": row.id, "method": row.method, "provider": row.provider, "address": row.address, **times}


def owner(table: type, id: Any) -> str | None:
    """Whose a session or an identity is."""
    return model.Session.execute(sa.select(table.user_id).where(table.id == id)).scalar()  # type: ignore[attr-defined]
