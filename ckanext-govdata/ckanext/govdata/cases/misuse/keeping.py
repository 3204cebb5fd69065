"""Reports of misuse as they are kept: opened without a name, words sealed, shown to the reporter and to whoever handles them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access.parties.standing import names_of
from ...clocks import keeping as clocks
from ...columns import new_id, now
from ...notices import recipients
from ...notices.telling import tell
from ...rules.working_days import day_in_shanghai
from ...uses import tracing as uses
from ...workflow import cases
from ...workflow.model import Case
from ...workflow.showing import event_as_dict, next_steps
from .. import sealing
from ..numbering import code_digest, is_code, new_code, new_number
from .domain import MACHINE, REPORTER, TITLES, VISITOR, Kind
from .machine import MISUSE
from .model import MisuseReport, MisuseWords

TERM = "misuse_report"
_CODE_LENGTH = 12
# What whoever reports says, sealed as one piece.
_FIELDS = ("text", "who", "dataset", "contact")


def open_report(given: Mapping[str, str]) -> tuple[MisuseReport, str]:
    """Open the case in the caller's transaction; answers it and the code by which it is followed.

    Nothing of the request is looked at: case, ledger and tables say that a visitor reported, and on which day.
    """
    case_id, code = new_id(), new_code(_CODE_LENGTH)
    row = MisuseReport(case_id=case_id, number=new_number("J", MisuseReport.number), agreements=[])
    row.code, row.kind, row.day = code_digest(code), Kind(given["kind"]).value, day_in_shanghai(now())
    cases.open_case(MACHINE, VISITOR, REPORTER, command="report", subject=row.number, case_id=case_id)
    model.Session.add(row)
    said = {name: given[name].strip() for name in _FIELDS}
    say(row, "report", json.dumps(said, ensure_ascii=False))
    link = f"/desk/misuse/{case_id}"
    clocks.start(case_id, TERM, now(), thing=row.number, link=link, tell=[recipients.OPERATOR])
    key = f"misuse:{case_id}"
    tell([recipients.OPERATOR], "misuse_reported", {"number": row.number}, link=link, about=case_id, key=key)
    return row, code


def say(row: MisuseReport, kind: str, text: str) -> None:
    """Seal one more piece of words, in the caller's transaction; whoever writes holds the case."""
    model.Session.flush()
    count = sa.select(sa.func.count()).where(MisuseWords.case_id == row.case_id)
    words = MisuseWords(case_id=row.case_id, n=(model.Session.scalar(count) or 0) + 1, kind=kind)
    words.day, words.sealed = day_in_shanghai(now()), sealing.seal(text.encode(), row.case_id)
    model.Session.add(words)


def tell_handler(row: MisuseReport, case: Case) -> None:
    """Tell whoever has taken the report that there is more to read; what it says stands in the case alone."""
    if case.officer:
        to, link = [recipients.user(case.officer)], f"/desk/misuse/{row.case_id}"
        tell(to, "misuse_added", {"number": row.number}, link=link, about=row.case_id)


def by_number(number: str, code: str) -> MisuseReport | None:
    """A report by number and code; a wrong code finds as little as a wrong number."""
    row = model.Session.scalars(sa.select(MisuseReport).where(MisuseReport.number == number.strip().upper())).first()
    return row if row is not None and is_code(row.code, code) else None


def for_reporter(row: MisuseReport, case: Case) -> dict[str, Any]:
    """What the reporter reads: how it stands, what was asked and answered; neither who handles it nor what was found on whom."""
    said = [one for one in _said(row) if one["kind"] != "report"]
    return {**_line(row, case), "words": said, "may_add": not _final(case)}


def line(row: MisuseReport, case: Case, by: str) -> dict[str, Any]:
    """What every handler sees of a report, whoever handles it."""
    return {"id": case.id, **_line(row, case), "taken": case.officer is not None, "mine": case.officer == by}


def whole(row: MisuseReport, case: Case, roles: frozenset[str], by: str) -> dict[str, Any]:
    """Everything, for whoever handles it; the line and the step of taking it, for the other handlers."""
    steps = [one for one in next_steps(case, roles, by) if case.officer == by or one["command"] == "examine"]
    shown = {**line(row, case, by), "next": steps, "clocks": _terms(case.id)}
    if case.officer != by:
        return shown
    told = {**_told(row), "party": row.party_id, "agreements": row.agreements}
    name = names_of([row.party_id]).get(row.party_id, "") if row.party_id else ""
    events = [event_as_dict(one) for one in cases.events(case.id)]
    return {**shown, **told, "party_name": name, "deliveries": _deliveries(row.party_id), "events": events}


def _deliveries(party_id: str | None) -> list[dict[str, Any]]:
    """What the party has had, by the ledger, as counts a dataset."""
    if not party_id:
        return []
    found = [one for one in uses.counts_of({"party_id": party_id}) if one["outcome"] == "success"]
    ids = {one["dataset_id"] for one in found}
    packages = sa.select(model.Package.id, model.Package.name, model.Package.title).where(model.Package.id.in_(ids))
    named = {one: {"name": name, "title": title or name} for one, name, title in model.Session.execute(packages)}
    return [{**one, **named.get(one["dataset_id"], {"name": "", "title": one["dataset_id"]})} for one in found]


def _line(row: MisuseReport, case: Case) -> dict[str, Any]:
    state = MISUSE.state(case.state)
    titles = {"kind_title": tk._(TITLES[Kind(row.kind)]), "state_title": tk._(state.title)}
    return {"number": row.number, "kind": row.kind, "state": case.state, "day": row.day.isoformat(), **titles}


def _final(case: Case) -> bool:
    return MISUSE.state(case.state).final


def _said(row: MisuseReport) -> list[dict[str, Any]]:
    pieces = sa.select(MisuseWords).where(MisuseWords.case_id == row.case_id).order_by(MisuseWords.n)
    return [
        {"kind": one.kind, "day": one.day.isoformat(), "text": sealing.unseal(one.sealed, row.case_id).decode()}
        for one in model.Session.scalars(pieces)
    ]


def _told(row: MisuseReport) -> dict[str, Any]:
    """What whoever reported said first, by field, and the words since; nothing once they are deleted."""
    said = _said(row)
    if not said:
        return {**dict.fromkeys(_FIELDS, ""), "words": [], "purged": True}
    return {**json.loads(said[0]["text"]), "words": said[1:], "purged": False}


def _terms(case_id: str) -> list[dict[str, Any]]:
    return [{"due": one.due_day.isoformat(), "overdue": one.overdue, "open": one.open} for one in clocks.of(case_id)]
