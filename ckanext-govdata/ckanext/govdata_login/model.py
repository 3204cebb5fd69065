"""The tables of signing in: identities bound to accounts, sessions on the server, second factors, telephone numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan.model.types import make_uuid
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


def _account() -> Any:
    return mapped_column(sa.UnicodeText, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


def _moment(nullable: bool = False) -> Any:
    return mapped_column(sa.DateTime(timezone=True), nullable=nullable)


class Identity(tk.BaseModel):  # type: ignore[name-defined]
    """An account's identity at an outside service: issuer and subject, never a mail address.

    `memberships` are the places in organisations that its claims gave, so that only those are taken back; `lapsed_at`
    marks one whose term ran out, until it signs in again.
    """

    __tablename__ = "govdata_login_identity"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject", name="govdata_login_identity_once"),
        sa.Index("govdata_login_identity_user", "user_id"),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = _account()
    provider: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    issuer: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    subject: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    memberships: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    linked_at: Mapped[datetime] = _moment()
    signed_in_at: Mapped[datetime] = _moment()
    lapsed_at: Mapped[datetime | None] = _moment(nullable=True)


class Session(tk.BaseModel):  # type: ignore[name-defined]
    """One signed-in browser. The cookie holds the key, this table only its digest, so the table opens no session.

    `factors` lists what the person has shown besides the first proof: `{"kind": ..., "at": seconds since 1970}`;
    `auth_time` is when they last proved who they are; `waiting` is true until a demanded second factor was shown.
    """

    __tablename__ = "govdata_login_session"
    __table_args__ = (
        sa.UniqueConstraint("digest", name="govdata_login_session_once"),
        sa.Index("govdata_login_session_user", "user_id", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("govdata_login_session_provider", "issuer", "subject", postgresql_where=sa.text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=make_uuid)
    digest: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    user_id: Mapped[str] = _account()
    method: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    provider: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    issuer: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    subject: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    provider_session: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    id_token: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    auth_time: Mapped[datetime] = _moment()
    acr: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    factors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    waiting: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    password_mark: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    address: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    browser: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    created_at: Mapped[datetime] = _moment()
    seen_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    ended_at: Mapped[datetime | None] = _moment(nullable=True)
    end_reason: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)


class Factor(tk.BaseModel):  # type: ignore[name-defined]
    """A second factor of an account: an authenticator app, a passkey, or one recovery code.

    `secret` is sealed (an app), a public key (a passkey) or a digest (a recovery code); `counter` is the last step used
    or the passkey's own count, so that neither is taken twice. An app stays unconfirmed until a first code was right.
    """

    __tablename__ = "govdata_login_factor"
    __table_args__ = (
        sa.Index("govdata_login_factor_user", "user_id", "kind"),
        sa.Index(
            "govdata_login_factor_passkey", "reference", unique=True, postgresql_where=sa.text("reference IS NOT NULL")
        ),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = _account()
    kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    title: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    secret: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reference: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    counter: Mapped[int] = mapped_column(sa.BigInteger, nullable=False, default=0)
    confirmed: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    created_at: Mapped[datetime] = _moment()
    used_at: Mapped[datetime | None] = _moment(nullable=True)


class Phone(tk.BaseModel):  # type: ignore[name-defined]
    """A telephone number that the owner of an account proved to be theirs: `sealed`, and `mark`, by which it is found."""

    __tablename__ = "govdata_login_phone"
    __table_args__ = (sa.UniqueConstraint("mark", name="govdata_login_phone_once"),)

    user_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    sealed: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proved_at: Mapped[datetime] = _moment()


TABLES = (Identity, Session, Factor, Phone)
