"""Tables of withdrawals: what was withdrawn, who had it and what each answered, sealed evidence, drills."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now

_TEXT = sa.UnicodeText


class Withdrawal(tk.BaseModel):
    """A withdrawal beside its case. `report` is sealed. `grants` are those that it suspended, `done` its finished steps."""

    __tablename__ = "govdata_withdrawal"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    package_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    report: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    personal: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    what: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    # The title that stays on the notice; empty: it is withheld.
    notice_title: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    due: Mapped[datetime.date | None] = mapped_column(sa.Date)
    withdrawn_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    grants: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    done: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    finished_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    drill: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    # How the persons concerned were told where personal data leaked: a word of PersonsTold, and when.
    persons_told: Mapped[str | None] = mapped_column(_TEXT)
    persons_told_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    # By which whoever reported follows it, the code as its digest; whether it came as an objection, for the register.
    number: Mapped[str | None] = mapped_column(_TEXT, unique=True)
    code: Mapped[str | None] = mapped_column(_TEXT)
    objection: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    # When it was first said whether there is a leak, and the case by which the dataset was shut; none where none was found.
    settled_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    shut_by: Mapped[str | None] = mapped_column(_TEXT)
    # Why whoever reported asks the authority to look again: sealed, a list of texts.
    again: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class Holder(tk.BaseModel):
    """Somebody who has the data, by the ledger; one row a party, or a person where there is none."""

    __tablename__ = "govdata_withdrawal_holder"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False)
    party_id: Mapped[str | None] = mapped_column(_TEXT)
    user_id: Mapped[str | None] = mapped_column(_TEXT)
    first_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    last_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    deliveries: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    told_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    confirmed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    confirmed_by: Mapped[str | None] = mapped_column(_TEXT)
    answer: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    escalated_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Sealed(tk.BaseModel):
    """A piece of what leaked, encrypted; `name` says what it was, never what is in it."""

    __tablename__ = "govdata_sealed_evidence"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    kind: Mapped[str] = mapped_column(_TEXT, nullable=False)
    name: Mapped[str] = mapped_column(_TEXT, nullable=False)
    size: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)
    sealed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class Drill(tk.BaseModel):
    """A rehearsal of the whole path on a copy (LYG-34, GY-c7): seconds to zero access by route, holders found, who took part."""

    __tablename__ = "govdata_drill"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    package_id: Mapped[str] = mapped_column(_TEXT, nullable=False)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False)
    seconds: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    holders: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    whole: Mapped[bool] = mapped_column(sa.Boolean, nullable=False)
    by: Mapped[str] = mapped_column(_TEXT, nullable=False)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
