"""Closing an account: what lets anybody in by it ends, what tells who its owner was is emptied, its number stays.

The ledger and what was signed keep the account's number, so that who did what stays known to whoever may look it up.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from . import accounts, config, contacts, events, interfaces, membership, registration, sessions
from .clients import api_tokens, registering, tokens
from .clients.model import Token
from .mapping import Facts
from .model import Factor, Identity, Session


def obstacles(user: model.User) -> list[str]:
    """Why an account cannot be closed now, each with what to do first; none if it can."""
    found = interfaces.obstacles_to_closing(user)
    if user.sysadmin:
        found.append(tk._("You administer the portal. Let another administrator take that from you first."))
    return found


def close(user: model.User, reason: str = "closed_by_owner") -> None:
    """Close an account. Sessions, programs, tokens and keys end at once; links, factors, mail and number are gone.

    Raises:
        tk.ValidationError: something stands against it.
    """
    against = obstacles(user)
    if against:
        raise tk.ValidationError({"account": against})
    _empty(user)
    for row in registering.of(user.id):
        registering.end(row, reason)
    tokens.end(reason, Token.user_id == user.id)
    api_tokens.drop_all(user.id, reason)
    sessions.end(reason, Session.user_id == user.id)
    events.tell("account_closed", user=user.id, why=reason)


def _empty(user: model.User) -> None:
    for identity in list(model.Session.scalars(sa.select(Identity).where(Identity.user_id == user.id))):
        provider = config.providers().get(identity.provider)
        if provider is not None:
            accounts.refresh(user, identity, provider, Facts())
        model.Session.delete(identity)
    model.Session.execute(sa.delete(Factor).where(Factor.user_id == user.id))
    contacts.drop(user.id)
    user.email, user.fullname, user.about = f"{user.name}@{registration.NO_MAIL}", "", ""
    user.password, user.reset_key = secrets.token_urlsafe(48), ""
    # CKAN's action takes its places in organisations too, and commits all of it together.
    tk.get_action("user_delete")({"ignore_auth": True, "user": membership.site_user()}, {"id": user.id})
