"""Opening cases and moving them, in the caller's transaction: each step with its entry in the ledger, or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ..columns import new_id, now
from ..ledger import journal
from . import domain, installing, registry
from .domain import PORTAL, Command, Event, Needs, Standing
from .errors import CaseMissing
from .model import Case, CaseEvent


def open_case(
    machine: str,
    by: str,
    role: str,
    *,
    command: str = "open",
    agency: str | None = None,
    dataset: str | None = None,
    party: str | None = None,
    subject: str = "",
    demands: Needs | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    case_id: str | None = None,
    at: datetime.datetime | None = None,
) -> Case:
    """Begin a case, by the command that opens one; it is there when the caller commits.

    `by` is a user's id, or `domain.PORTAL`. `subject` is a short title, without personal data. `demands` is what refusals in
    this case have to state, by the rule pack of the day. Raises WorkflowError, IntakeUnavailable.
    """
    found = registry.machine(machine)
    installing.ensure(found)
    event = domain.decide(found, Standing(), Command(command, by, role, reason=reason, demands=demands))
    moment = at or now()
    case = Case(id=case_id or new_id(), machine=machine, agency=agency, dataset=dataset, party=party)
    case.subject, case.opened_by, case.opened_at, case.moved_at = subject, by, moment, moment
    model.Session.add(case)
    model.Session.flush()
    _write(case, event, facts, moment)
    return case


def take(
    case_id: str,
    command: str,
    by: str,
    role: str,
    *,
    reason: str = "",
    basis: str = "",
    demands: Needs | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime.datetime | None = None,
) -> Event:
    """Move a case by a command, in the caller's transaction; of two at once, the second finds what the first has made.

    `facts` are codes and ids that belong to the step, without personal data. Raises WorkflowError (see `domain.decide`,
    and CaseMissing), IntakeUnavailable; then nothing has been changed.
    """
    case = locked(case_id)
    machine = registry.machine(case.machine)
    installing.ensure(machine)
    event = domain.decide(machine, standing(case), Command(command, by, role, reason, basis, demands))
    _write(case, event, facts, at or now())
    return event


def locked(case_id: str) -> Case:
    """The case, held until the caller's transaction ends. Raises CaseMissing."""
    case = model.Session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise CaseMissing
    return case


def get(case_id: str) -> Case | None:
    """A case by its id."""
    return model.Session.get(Case, case_id)


def events(case_id: str) -> list[CaseEvent]:
    """A case's events, the first first."""
    rows = sa.select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.n)
    return list(model.Session.scalars(rows))


def standing(case: Case) -> Standing:
    """How a case stands, with who has acted in it."""
    acted = sa.select(CaseEvent.done_by).where(CaseEvent.case_id == case.id).order_by(CaseEvent.n)
    demands = Needs(case.demands) if case.demands else None
    return Standing(case.state, case.n, case.opened_by, tuple(model.Session.scalars(acted)), demands)


def ids_about(dataset: str) -> list[str]:
    """Every case about a dataset."""
    return list(model.Session.scalars(sa.select(Case.id).where(Case.dataset == dataset)))


def rename(dataset: str, old: Collection[str], new: str) -> None:
    """Call the subject of a dataset's cases `new` where it is one of `old`, in the caller's transaction (LYG-26)."""
    named = sa.update(Case).where(Case.dataset == dataset, Case.subject.in_(list(old)))
    model.Session.execute(named.values(subject=new))


def hand_over(case: Case, by: str, *, agency: str | None = None, officer: str | None = None, reason: str = "") -> None:
    """Give a case to another agency or officer, on record (LYG-21). The caller has locked it and commits."""
    before = {"agency": case.agency, "officer": case.officer}
    case.agency, case.officer = agency or case.agency, officer if officer is not None else case.officer
    fields = {
        "govdata.case.id": case.id,
        "govdata.case.machine": case.machine,
        "govdata.case.agency_before": before["agency"],
        "govdata.case.officer_before": before["officer"],
        "govdata.case.agency": case.agency,
        "govdata.case.officer": case.officer,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    journal.change("case-handed-over", by, given, journal.in_words(reason))
    model.Session.flush()


def _write(case: Case, event: Event, facts: Mapping[str, Any] | None, moment: datetime.datetime) -> None:
    """The ledger's entry, then the event that names it; a trigger moves the case's row after it."""
    entry = journal.change(f"{case.machine}-{event.command}", event.by, *_entry(case, event, facts))
    row = CaseEvent(case_id=case.id, n=event.n, machine=case.machine, from_state=event.from_state)
    row.command, row.to_state, row.role, row.done_by = event.command, event.to_state, event.role, event.by
    row.done_at, row.needs, row.reason, row.basis = moment, event.needs.value, event.reason, event.basis
    row.demands = event.demands.value if event.demands else None
    row.facts, row.entry = dict(facts or {}), str(entry)
    model.Session.add(row)
    model.Session.flush()
    model.Session.refresh(case)


def _entry(case: Case, event: Event, facts: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, str]]:
    """What the ledger says of a step: codes and ids in the clear; what was written in words is committed to.

    Reason and basis are words whatever they look like; of the facts the codes stay, and the ledger takes the rest apart.
    """
    fields = {
        "govdata.case.id": case.id,
        "govdata.case.n": event.n,
        "govdata.case.from": event.from_state or None,
        "govdata.case.to": event.to_state,
        "govdata.case.role": event.role,
        "govdata.case.facts": dict(facts) if facts else None,
        "govdata.agency.id": case.agency,
        "govdata.dataset.id": case.dataset,
        "govdata.party.id": case.party,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return given, journal.in_words(event.reason, event.basis)


__all__ = (
    "PORTAL",
    "Case",
    "CaseEvent",
    "events",
    "get",
    "hand_over",
    "ids_about",
    "locked",
    "open_case",
    "rename",
    "standing",
    "take",
)
