"""Which account an identity opens: the one bound to issuer and subject, a new one, or none; never one by its mail address."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from . import config, contacts, events, membership
from .clients import api_tokens, tokens
from .clients.model import Token
from .clock import now
from .errors import Refused
from .interfaces import facts_changed
from .mapping import Facts, facts_of
from .model import Identity, Session
from .oidc.flow import Answer
from .oidc.provider import Provider
from .sessions import How, end

_NAME_LONGEST = 60
_NO_MAIL = "no-mail.invalid"

# Handed to other plugins at each sign-in and not kept here: a person's identity number lies nowhere in the clear.
PASSED_ON = ("party_number",)


def account_for(answer: Answer) -> tuple[model.User, How]:
    """The account of a checked answer, with its facts brought up to date, and how its session shall begin.

    Raises:
        Refused: the identity has no account and may not make one, or its account is closed.
    """
    facts = facts_of(answer.claims, answer.provider.claims)
    identity = bound(answer.provider.issuer, answer.subject)
    if identity is None:
        identity = bind(_create(answer.provider, facts), answer)
    user = model.User.get(identity.user_id)
    if user is None or not user.is_active:
        raise Refused("account_closed")
    refresh(user, identity, answer.provider, facts)
    return user, how_of(answer)


def link(user_id: str, answer: Answer) -> None:
    """Bind a checked answer's identity to an account whose owner is signed in.

    Raises:
        Refused: the account is closed, or the identity is bound to another.
    """
    user = model.User.get(user_id)
    if user is None or not user.is_active:
        raise Refused("account_closed")
    refresh(user, bind(user, answer), answer.provider, facts_of(answer.claims, answer.provider.claims))


def how_of(answer: Answer) -> How:
    """What the session keeps of an answer."""
    claims, provider = answer.claims, answer.provider
    days = provider.sign_in_again_days
    return How(
        method="oidc" if provider.is_oidc else "oauth2",
        provider=provider.key,
        issuer=provider.issuer,
        subject=answer.subject,
        provider_session=str(claims["sid"]) if claims.get("sid") else None,
        id_token=answer.id_token or None,
        auth_time=moment_of(claims.get("auth_time")),
        acr=str(claims["acr"]) if claims.get("acr") else None,
        until=now() + timedelta(days=days) if days else None,
    )


def moment_of(seconds: Any) -> datetime | None:
    """A claim's seconds since 1970 as a moment."""
    return datetime.fromtimestamp(seconds, timezone.utc) if isinstance(seconds, (int, float)) else None


def bound(issuer: str, subject: str) -> Identity | None:
    """The binding of an identity to an account here."""
    query = sa.select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return model.Session.execute(query).scalars().one_or_none()


def bind(user: model.User, answer: Answer) -> Identity:
    """Bind an identity to an account.

    Raises:
        Refused: it is bound to another account already.
    """
    existing = bound(answer.provider.issuer, answer.subject)
    if existing is not None and existing.user_id != user.id:
        raise Refused("identity_taken")
    if existing is not None:
        return existing
    moment = now()
    identity = Identity(
        user_id=user.id,
        provider=answer.provider.key,
        issuer=answer.provider.issuer,
        subject=answer.subject,
        facts={},
        memberships=[],
        linked_at=moment,
        signed_in_at=moment,
    )
    model.Session.add(identity)
    model.Session.commit()
    events.tell("identity_linked", user=user.id, provider=answer.provider.key)
    return identity


def refresh(user: model.User, identity: Identity, provider: Provider, facts: Facts) -> None:
    """Bring what an identity gives up to date: what its claims no longer say is taken back before the session begins."""
    before = dict(identity.facts)
    identity.memberships = membership.bring_up_to_date(
        user, identity.memberships, membership.given(user, provider, facts)
    )
    identity.facts = {name: value for name, value in facts.values.items() if name not in PASSED_ON}
    identity.provider = provider.key
    identity.signed_in_at, identity.lapsed_at = now(), None
    model.Session.commit()
    facts_changed(user, provider.key, facts, before, provider.trusted)


def lapse(identity: Identity) -> None:
    """An identity's term ran out: its memberships, what plugins gave for it, the account's sessions and all its tokens end."""
    user = model.User.get(identity.user_id)
    before = dict(identity.facts)
    if user is not None:
        identity.memberships = membership.bring_up_to_date(user, identity.memberships, frozenset())
    identity.facts, identity.lapsed_at = {}, now()
    model.Session.commit()
    api_tokens.drop_all(identity.user_id, "term_over")
    tokens.end("term_over", Token.user_id == identity.user_id)
    end("term_over", Session.user_id == identity.user_id)
    if user is not None:
        facts_changed(user, identity.provider, Facts(), before)
    events.tell("identity_lapsed", user=identity.user_id, provider=identity.provider)


def lapse_overdue() -> int:
    """End what hangs on identities whose term ran out; gives how many. A provider without a term has none."""
    ended = 0
    for key, provider in config.providers().items():
        if not provider.sign_in_again_days:
            continue
        limit = now() - timedelta(days=provider.sign_in_again_days)
        query = sa.select(Identity).where(
            Identity.provider == key, Identity.lapsed_at.is_(None), Identity.signed_in_at <= limit
        )
        for identity in list(model.Session.execute(query).scalars()):
            lapse(identity)
            ended += 1
    return ended


def orphaned() -> int:
    """How many identities still give places here though their service is not in the settings any more."""
    query = sa.select(sa.func.count()).select_from(Identity).where(Identity.provider.not_in(list(config.providers())))
    return int(model.Session.scalar(query.where(Identity.lapsed_at.is_(None))) or 0)


def _create(provider: Provider, facts: Facts) -> model.User:
    if not provider.create_accounts:
        raise Refused("no_account")
    mail = facts.text("email").lower() if facts.values.get("email_verified") in (True, "true", 1) else ""
    if mail and contacts.by_mail(mail):
        raise Refused("mail_taken")
    name = free_name(facts.text("name") or facts.text("fullname"))
    # CKAN wants a mail address of every account; an address under .invalid reaches nobody, by RFC 2606.
    given = {
        "name": name,
        "email": mail or f"{name}@{_NO_MAIL}",
        "fullname": facts.text("fullname")[:200],
        "password": secrets.token_urlsafe(48),
    }
    made = tk.get_action("user_create")({"ignore_auth": True, "user": membership.site_user()}, given)
    return model.User.get(made["id"])  # type: ignore[return-value]


def free_name(wished: str) -> str:
    """A name of an account that is free and that CKAN allows; a wish in Chinese gives a plain one with a number."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", wished.lower()).strip("-")[:_NAME_LONGEST]
    name = plain if len(plain) > 1 else "user"
    while name == "user" or model.User.by_name(name):
        name = f"{(plain or 'user')[:_NAME_LONGEST]}-{secrets.token_hex(4)}"
    return name
