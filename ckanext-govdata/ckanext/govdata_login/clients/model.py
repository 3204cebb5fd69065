"""The tables of programs: clients that people registered, tokens given to them. Secrets and tokens stand as digests alone."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from ckan.model.types import make_uuid
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import now
from ..store import digest

METHODS = ("client_secret_basic", "private_key_jwt", "none")
_SECRET_METHODS = ("client_secret_basic", "client_secret_post")


def _moment(nullable: bool = False) -> Any:
    return mapped_column(sa.DateTime(timezone=True), nullable=nullable)


def _text(**more: Any) -> Any:
    return mapped_column(sa.UnicodeText, nullable=False, **more)


class Client(tk.BaseModel, ClientMixin):  # type: ignore[name-defined]
    """A program that somebody registered. It may ask for what stands in `scopes`, and for nothing else.

    `method` is how it proves itself: a secret (kept as a digest), a signed assertion (`keys`, a JWK set), or not at all: such
    a program, on a phone or in a page, only gets tokens that a person agreed to.
    """

    __tablename__ = "govdata_login_client"
    __table_args__ = (sa.Index("govdata_login_client_owner", "user_id"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)
    title: Mapped[str] = _text()
    method: Mapped[str] = _text(default="client_secret_basic")
    secret: Mapped[str] = _text(default="")
    keys: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    redirects: Mapped[list[str]] = mapped_column(JSONB, nullable=False, default=list)
    scopes: Mapped[list[str]] = mapped_column(JSONB, nullable=False, default=list)
    created_at: Mapped[datetime] = _moment()
    rotated_at: Mapped[datetime | None] = _moment(nullable=True)
    ended_at: Mapped[datetime | None] = _moment(nullable=True)

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> str | None:
        """Only where there is but one: a request that names none cannot be sent elsewhere."""
        return self.redirects[0] if len(self.redirects) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What is asked for, if the client may ask for all of it; its own scopes where it names none; None refuses."""
        asked = (scope or "").split() or self.scopes
        return " ".join(asked) if set(asked) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Letter by letter: no prefix, no other port, no query beside."""
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and hmac.compare_digest(self.secret, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if self.method == "client_secret_basic":
            return method in _SECRET_METHODS
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.redirects)

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return self.method != "none"
        return grant_type in ("authorization_code", "refresh_token") and bool(self.redirects)


class Token(tk.BaseModel, TokenMixin):  # type: ignore[name-defined]
    """An access token and the refresh token given with it, as digests. `family` links those that came from one another."""

    __tablename__ = "govdata_login_token"
    __table_args__ = (
        sa.UniqueConstraint("access", name="govdata_login_token_access"),
        sa.Index(
            "govdata_login_token_refresh", "refresh", unique=True, postgresql_where=sa.text("refresh IS NOT NULL")
        ),
        sa.Index("govdata_login_token_user", "user_id", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("govdata_login_token_family", "family"),
        sa.Index("govdata_login_token_client", "client_id"),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=make_uuid)
    client_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_login_client.id", ondelete="CASCADE"), nullable=False
    )
    user_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)
    family: Mapped[str] = _text()
    access: Mapped[str] = _text()
    refresh: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)
    scopes: Mapped[list[str]] = mapped_column(JSONB, nullable=False, default=list)
    created_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    refresh_until: Mapped[datetime | None] = _moment(nullable=True)
    rotated_at: Mapped[datetime | None] = _moment(nullable=True)
    ended_at: Mapped[datetime | None] = _moment(nullable=True)
    end_reason: Mapped[str | None] = mapped_column(sa.UnicodeText, nullable=True)

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.id

    def get_scope(self) -> str:
        return " ".join(self.scopes)

    def get_expires_in(self) -> int:
        return int((self.expires_at - self.created_at).total_seconds())

    def is_expired(self) -> bool:
        return self.expires_at <= now()

    def is_revoked(self) -> bool:
        return self.ended_at is not None


TABLES = (Client, Token)
