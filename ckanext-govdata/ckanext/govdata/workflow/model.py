"""Cases and their events as rows. What may be written to them is decided by triggers and keys (migration 050).

The tables are not in CKAN's own metadata: its cleaning of tables would delete from them, and they refuse that.
"""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ..columns import new_id, now

_TEXT = sa.UnicodeText


class Base(DeclarativeBase):
    """Rows of the rooms that rest on cases, apart from CKAN's metadata."""


class Case(Base):
    """A case: where it stands, and what it is about. `state` and `n` follow its last event, by trigger.

    `dataset`, `party` and `opened_by` never change; `agency` is moved when agencies succeed each other.
    """

    __tablename__ = "govdata_case"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    machine: Mapped[str] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT, default="")
    n: Mapped[int] = mapped_column(sa.Integer, default=0)
    demands: Mapped[str | None] = mapped_column(_TEXT)
    agency: Mapped[str | None] = mapped_column(_TEXT)
    dataset: Mapped[str | None] = mapped_column(_TEXT)
    party: Mapped[str | None] = mapped_column(_TEXT)
    officer: Mapped[str | None] = mapped_column(_TEXT)
    subject: Mapped[str] = mapped_column(_TEXT, default="")
    opened_by: Mapped[str] = mapped_column(_TEXT)
    opened_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    moved_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class CaseEvent(Base):
    """A step of a case. Inserted, and never changed; `entry` is its entry in the ledger."""

    __tablename__ = "govdata_case_event"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    n: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    prev_n: Mapped[int | None] = mapped_column(sa.Integer, sa.Computed("nullif(n - 1, 0)", persisted=True))
    machine: Mapped[str] = mapped_column(_TEXT)
    from_state: Mapped[str] = mapped_column(_TEXT)
    command: Mapped[str] = mapped_column(_TEXT)
    to_state: Mapped[str] = mapped_column(_TEXT)
    role: Mapped[str] = mapped_column(_TEXT)
    done_by: Mapped[str] = mapped_column(_TEXT)
    done_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    needs: Mapped[str] = mapped_column(_TEXT)
    reason: Mapped[str] = mapped_column(_TEXT, default="")
    basis: Mapped[str] = mapped_column(_TEXT, default="")
    demands: Mapped[str | None] = mapped_column(_TEXT)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    entry: Mapped[str] = mapped_column(sa.UUID(as_uuid=False))


class MachineRow(Base):
    """Which version of a machine the tables have."""

    __tablename__ = "govdata_machine"

    name: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer)
    digest: Mapped[str] = mapped_column(_TEXT)
    installed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class TransitionRow(Base):
    """A row of a machine's table. One that its machine no longer has stays for history, not in force."""

    __tablename__ = "govdata_transition"

    machine: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    from_state: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    command: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    to_state: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    role: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    needs: Mapped[str] = mapped_column(_TEXT)
    apart: Mapped[str] = mapped_column(_TEXT)
    in_force: Mapped[bool] = mapped_column(sa.Boolean, default=True)
