"""Tables of parties. What happened stands in rows that are ended, never deleted; personal values are purged by term.

Users are named by id without a foreign key: who acted outlives the account.
"""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now

_TEXT = sa.UnicodeText


def _key() -> Any:
    return mapped_column(_TEXT, primary_key=True, default=new_id)


def _party() -> Any:
    return mapped_column(_TEXT, sa.ForeignKey("govdata_party.id"), index=True)


class Party(tk.BaseModel):
    """A person or an enterprise that uses data."""

    __tablename__ = "govdata_party"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('person', 'enterprise')", name="govdata_party_kind"),
        sa.CheckConstraint("state IN ('unverified', 'verified', 'closed', 'merged')", name="govdata_party_state"),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="govdata_party_merged"),
        sa.CheckConstraint("(state IN ('closed', 'merged')) = (ended_at IS NOT NULL)", name="govdata_party_ended"),
    )

    id: Mapped[str] = _key()
    kind: Mapped[str] = mapped_column(_TEXT)
    name: Mapped[str] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT, default="unverified", index=True)
    verified_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    verified_by: Mapped[str | None] = mapped_column(_TEXT)
    merged_into: Mapped[str | None] = mapped_column(_TEXT, sa.ForeignKey("govdata_party.id"), index=True)
    created_by: Mapped[str] = mapped_column(_TEXT)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    purged_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Member(tk.BaseModel):
    """One term of a user in a party. `confirmed_at` says since when the role is verified, and so counts for signing."""

    __tablename__ = "govdata_party_member"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ('self', 'legal_representative', 'signer', 'member')", name="govdata_party_member_role"
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_party_member_end"),
        sa.CheckConstraint(
            "role <> 'signer' OR confirmed_at IS NULL OR authorised_until IS NOT NULL",
            name="govdata_party_member_authorised",
        ),
        sa.Index(
            "govdata_party_member_living",
            "party_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        # One account stands for one person at most.
        sa.Index(
            "govdata_party_member_self",
            "user_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL AND role = 'self'"),
        ),
        sa.Index(
            "govdata_party_member_chief",
            "party_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL AND role = 'legal_representative' AND confirmed_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    user_id: Mapped[str] = mapped_column(_TEXT, index=True)
    role: Mapped[str] = mapped_column(_TEXT)
    manages: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    confirmed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    authorised_until: Mapped[datetime.date | None] = mapped_column(sa.Date)
    joined_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    invited_by: Mapped[str | None] = mapped_column(_TEXT)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    ended_by: Mapped[str | None] = mapped_column(_TEXT)


class Number(tk.BaseModel):
    """An identity number, sealed; `digest` is its blind index. A verified number belongs to one party alone.

    `source` says who vouches for it once it is verified; retired numbers wait for the purge.
    """

    __tablename__ = "govdata_party_number"
    __table_args__ = (
        sa.CheckConstraint("state IN ('claimed', 'verified', 'retired')", name="govdata_party_number_state"),
        sa.Index(
            "govdata_party_number_verified", "digest", unique=True, postgresql_where=sa.text("state = 'verified'")
        ),
        sa.Index(
            "govdata_party_number_living",
            "party_id",
            "state",
            unique=True,
            postgresql_where=sa.text("state IN ('claimed', 'verified')"),
        ),
    )

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    document: Mapped[str] = mapped_column(_TEXT)
    algorithm: Mapped[str] = mapped_column(_TEXT)
    key_id: Mapped[str] = mapped_column(_TEXT, index=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    digest_algorithm: Mapped[str] = mapped_column(_TEXT)
    digest_key_id: Mapped[str] = mapped_column(_TEXT)
    digest: Mapped[str] = mapped_column(_TEXT, index=True)
    state: Mapped[str] = mapped_column(_TEXT, default="claimed")
    created_by: Mapped[str] = mapped_column(_TEXT)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    retired_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Invitation(tk.BaseModel):
    """A single-use invitation into a party; of its code only the digest is kept."""

    __tablename__ = "govdata_party_invitation"

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    code_digest: Mapped[str] = mapped_column(_TEXT, unique=True)
    note: Mapped[str] = mapped_column(_TEXT, default="")
    created_by: Mapped[str] = mapped_column(_TEXT)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    expires_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    used_by: Mapped[str | None] = mapped_column(_TEXT)
    used_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    revoked_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Verification(tk.BaseModel):
    """Something that the operator is asked to verify: identity, the legal representative, or a signer's authorisation."""

    __tablename__ = "govdata_party_verification"
    __table_args__ = (
        sa.CheckConstraint(
            "kind IN ('identity', 'representative', 'authorisation')", name="govdata_party_verification_kind"
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'refused', 'taken_back')", name="govdata_party_verification_state"
        ),
        sa.CheckConstraint(
            "state = 'pending' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="govdata_party_verification_decided",
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'refused') OR decided_by <> asked_by",
            name="govdata_party_verification_two_persons",
        ),
        sa.Index(
            "govdata_party_verification_pending",
            "party_id",
            "kind",
            "member_id",
            unique=True,
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index("govdata_party_verification_queue", "state", "asked_at"),
    )

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    kind: Mapped[str] = mapped_column(_TEXT)
    member_id: Mapped[str] = mapped_column(_TEXT, sa.ForeignKey("govdata_party_member.id"))
    number_id: Mapped[str | None] = mapped_column(_TEXT, sa.ForeignKey("govdata_party_number.id"))
    role: Mapped[str] = mapped_column(_TEXT)
    authorised_until: Mapped[datetime.date | None] = mapped_column(sa.Date)
    note: Mapped[str] = mapped_column(_TEXT, default="")
    state: Mapped[str] = mapped_column(_TEXT, default="pending")
    asked_by: Mapped[str] = mapped_column(_TEXT)
    asked_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    decided_by: Mapped[str | None] = mapped_column(_TEXT)
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    reason: Mapped[str] = mapped_column(_TEXT, default="")


class Evidence(tk.BaseModel):
    """A file that proves identity or authorisation, sealed in the database so that no other route knows of it."""

    __tablename__ = "govdata_party_evidence"

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    verification_id: Mapped[str] = mapped_column(_TEXT, sa.ForeignKey("govdata_party_verification.id"), index=True)
    media_type: Mapped[str] = mapped_column(_TEXT)
    size: Mapped[int] = mapped_column(sa.Integer)
    algorithm: Mapped[str] = mapped_column(_TEXT)
    key_id: Mapped[str] = mapped_column(_TEXT, index=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_by: Mapped[str] = mapped_column(_TEXT)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class Block(tk.BaseModel):
    """A block of a party: noticed, replied to, in force by a second person's word, appealed, ended (LYG-40).

    `in_force_at` is set at once where there is danger, and a second person confirms it later.
    """

    __tablename__ = "govdata_party_block"
    __table_args__ = (
        sa.CheckConstraint("state IN ('noticed', 'in_force', 'dropped', 'lifted')", name="govdata_party_block_state"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="govdata_party_block_two_persons"),
        sa.CheckConstraint(
            "state <> 'in_force' OR danger OR decided_by IS NOT NULL", name="govdata_party_block_in_force"
        ),
        sa.CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="govdata_party_block_lifted"),
        sa.CheckConstraint(
            "lifted_by IS NULL OR lift_proposed_by IS NULL OR lifted_by <> lift_proposed_by",
            name="govdata_party_block_lift_two_persons",
        ),
    )

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    breach: Mapped[str] = mapped_column(_TEXT)
    reason: Mapped[str] = mapped_column(_TEXT)
    basis: Mapped[str] = mapped_column(_TEXT, default="")
    danger: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    state: Mapped[str] = mapped_column(_TEXT, index=True)
    until: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    reply_until: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    proposed_by: Mapped[str] = mapped_column(_TEXT)
    proposed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    in_force_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    reply: Mapped[str] = mapped_column(_TEXT, default="")
    replied_by: Mapped[str | None] = mapped_column(_TEXT)
    replied_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decided_by: Mapped[str | None] = mapped_column(_TEXT)
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decision: Mapped[str] = mapped_column(_TEXT, default="")
    appeal: Mapped[str] = mapped_column(_TEXT, default="")
    appealed_by: Mapped[str | None] = mapped_column(_TEXT)
    appealed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    appeal_decided_by: Mapped[str | None] = mapped_column(_TEXT)
    appeal_decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    appeal_decision: Mapped[str] = mapped_column(_TEXT, default="")
    lift_proposed_by: Mapped[str | None] = mapped_column(_TEXT)
    lift_reason: Mapped[str] = mapped_column(_TEXT, default="")
    lifted_by: Mapped[str | None] = mapped_column(_TEXT)
    lifted_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Event(tk.BaseModel):
    """What happened to a party, in order; the same stands in the ledger. Never a number or a name."""

    __tablename__ = "govdata_party_event"

    id: Mapped[str] = _key()
    party_id: Mapped[str] = _party()
    event: Mapped[str] = mapped_column(_TEXT)
    by: Mapped[str] = mapped_column(_TEXT)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
