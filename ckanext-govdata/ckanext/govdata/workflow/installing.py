"""Bringing a machine's transitions into the tables: when a case of it is first moved after the machine has changed.

The table refuses rows that come without the ledger's entry `machine-installed` in the same transaction, so a transition that
nobody's code has is at least on record. What a machine no longer has stays, not in force, for the events that used it.
"""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ..columns import now
from ..ledger import journal
from .domain import PORTAL, Machine
from .model import MachineRow, TransitionRow

_LOCK = 0x676F766D  # of this step alone, in PostgreSQL's space of advisory locks


def ensure(machine: Machine) -> None:
    """See that the tables have this machine, or a newer one. Raises IntakeUnavailable."""
    found = model.Session.execute(
        sa.select(MachineRow.version, MachineRow.digest).where(MachineRow.name == machine.name)
    ).first()
    if found is None or _older(found, machine):
        _install(machine)


def _older(found: sa.Row[tuple[int, str]], machine: Machine) -> bool:
    return found.version < machine.version or (found.version == machine.version and found.digest != machine.digest)


def _install(machine: Machine) -> None:
    """In a transaction of its own, one process after the other."""
    with Session(model.meta.engine) as session, session.begin():
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = session.execute(
            sa.select(MachineRow.version, MachineRow.digest).where(MachineRow.name == machine.name)
        ).first()
        if found is not None and not _older(found, machine):
            return
        fields = {
            "govdata.machine.name": machine.name,
            "govdata.machine.version": machine.version,
            "govdata.machine.sha256": machine.digest,
        }
        journal.change("machine-installed", PORTAL, fields, session=session)
        _write(session, machine)


def _write(session: Session, machine: Machine) -> None:
    head = {"version": machine.version, "digest": machine.digest, "installed_at": now()}
    upsert = insert(MachineRow).values(name=machine.name, **head)
    session.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=head))
    session.execute(sa.update(TransitionRow).where(TransitionRow.machine == machine.name).values(in_force=False))
    names = ("from_state", "command", "to_state", "role", "needs", "apart")
    rows = [{"machine": machine.name, **dict(zip(names, row, strict=True)), "in_force": True} for row in machine.rows]
    wanted = insert(TransitionRow).values(rows)
    session.execute(
        wanted.on_conflict_do_update(
            index_elements=["machine", "from_state", "command", "to_state", "role"],
            set_={name: wanted.excluded[name] for name in ("needs", "apart", "in_force")},
        )
    )
