"""Tables of the catalogue: changes of tier with who, when and why; reviews of entries; which entries a person released."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now


class TierChange(tk.BaseModel):
    """One change of a dataset's open tier, or the proposal of one (LYG-7, YZ-29). Rows are never deleted.

    The package is named by id without a foreign key: the record outlives a purged dataset.
    """

    __tablename__ = "govdata_tier_change"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    from_tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    to_tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proof_kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    proof: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    status: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    proposed_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proposed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    decided_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decision_reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")


class Review(tk.BaseModel):
    """One reviewer's word on one state of an entry (LYG-12, ZB-10); `digest` names the state, so that an edit asks anew."""

    __tablename__ = "govdata_review"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    reviewer: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    digest: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    accepted: Mapped[bool] = mapped_column(sa.Boolean, nullable=False)
    note: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    decided_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    decided_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
