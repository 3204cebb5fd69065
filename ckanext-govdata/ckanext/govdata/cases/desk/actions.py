"""Actions of the desk: list, one case with notes, note, hand over, figures."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...catalogue.record import acting
from ...clocks import keeping as clocks
from ...columns import now
from ...ledger import journal
from ...notices import recipients
from ...notices.telling import tell
from ...refusing import refuse
from ...roles.actors import actor_of_context, actor_of_user
from ...rules.domain import SHANGHAI
from ...rules.working_days import day_in_shanghai
from ...workflow import cases, registry
from ...workflow.model import Case
from .. import sealing
from . import finding, schema
from .domain import HANDLER_ALONE, KINDS, NEVER, may_see, seen_by
from .model import CaseNote

_MOST_ROWS, _LONGEST = 1000, 4000


@tk.side_effect_free
@validate(schema.listing)
def govdata_case_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """All kinds of cases that wait on one's desk, what is due first coming first: an agency's own; for offices, every agency's.

    :param kind: `application`, `objection`, `withdrawal`, `data-request`, `misuse-report` or `contribution`
    :param state: a state of that kind
    :param agency: name or id of an agency
    :param due: `overdue`, or `week` for what is due within seven days
    :param q: words of the subject or the dataset's title
    :param mine: only those handed to oneself
    :param all: settled ones too
    :param limit: at most 1000, 30 unless given
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_case_list", context, data_dict)
    seen, today = seen_by(actor_of_context(context)), day_in_shanghai(now())
    group = model.Group.get(data_dict["agency"]) if data_dict["agency"] else None
    agency = group.id if group else data_dict["agency"]
    officer = acting(context) if data_dict["mine"] else ""
    filters = (data_dict["kind"], data_dict["state"], agency, data_dict["due"], data_dict["q"].strip(), officer)
    wanted = finding.Wanted(*filters, settled_too=data_dict["all"])
    count, rows = finding.find(seen, wanted, today, min(data_dict["limit"], _MOST_ROWS), data_dict["offset"])
    agencies, people = _names(rows)
    return {"count": count, "results": [_line(row, today, agencies, people) for row in rows]}


def _names(rows: list[Any]) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Names of agencies and officers of a page, read at once."""
    ids = {row[0].agency for row in rows if row[0].agency}
    groups = sa.select(model.Group.id, model.Group.name, model.Group.title).where(model.Group.id.in_(ids))
    users = sa.select(model.User).where(model.User.id.in_({row[0].officer for row in rows if row[0].officer}))
    agencies = {one: (name, title or name) for one, name, title in model.Session.execute(groups)}
    return agencies, {user.id: user.display_name for user in model.Session.scalars(users)}


def _line(
    row: Any, today: datetime.date, agencies: dict[str, tuple[str, str]], people: dict[str, str]
) -> dict[str, Any]:
    """A row of the list: case, due day, name and title of its dataset."""
    case, due, name, title = row
    machine = registry.machine(case.machine)
    agency_name, agency_title = agencies.get(case.agency or "", ("", ""))
    return {
        "id": case.id,
        "kind": case.machine,
        "kind_title": tk._(machine.title),
        "subject": case.subject,
        "dataset_name": name or "",
        "dataset_title": title or name or "",
        "state": case.state,
        "state_title": tk._(machine.state(case.state).title),
        "agency_name": agency_name,
        "agency_title": agency_title,
        "officer": people.get(case.officer or "", ""),
        "opened_at": f"{case.opened_at.isoformat()}Z",
        "due": due.isoformat() if due else None,
        "overdue": due is not None and due < today,
    }


@tk.side_effect_free
@validate(schema.one)
def govdata_case_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A case of any kind as it stands on the desk, with the notes of those who handle it.

    :param id: id of the case
    :returns: the list's line with `notes`, `may_handle`, and `is_left` where whoever has it is in office no more
    """
    tk.check_access("govdata_case_show", context, data_dict)
    return _shown(context, _case(data_dict["id"]))


def _shown(context: Context, case: Case) -> dict[str, Any]:
    package = model.Session.get(model.Package, case.dataset) if case.dataset else None
    terms = [one for one in clocks.of(case.id) if one.open]
    row: Any = (case, min((one.due_day for one in terms), default=None), *_named(package))
    line = _line(row, day_in_shanghai(now()), *_names([row]))
    handles = _handles(context, case)
    notes = sa.select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.at)
    opened = list(model.Session.scalars(notes)) if handles else []
    return {**line, "may_handle": handles, "is_left": _is_left(case), "notes": [_note(one) for one in opened]}


def _named(package: model.Package | None) -> tuple[str | None, str | None]:
    return (package.name, package.title) if package else (None, None)


def _note(row: CaseNote) -> dict[str, Any]:
    user = model.Session.get(model.User, row.by)
    words = sealing.unseal(row.sealed, row.case_id).decode()
    return {"by": user.display_name if user else "", "at": f"{row.at.isoformat()}Z", "text": words}


@validate(schema.note)
def govdata_case_note(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Note something on a case, for those who handle it; sealed; the ledger says that there is one.

    :param id: id of the case
    :param text: the note
    :returns: as `govdata_case_show`
    """
    tk.check_access("govdata_case_note", context, data_dict)
    case, by, text = _case(data_dict["id"]), acting(context), data_dict["text"].strip()
    _demand_handling(context, case)
    if len(text) > _LONGEST:
        refuse("text", tk._("At most {number} characters.").format(number=_LONGEST))
    model.Session.add(CaseNote(case_id=case.id, by=by, sealed=sealing.seal(text.encode(), case.id)))
    journal.change("case-note", by, {"govdata.case.id": case.id})
    model.Session.commit()
    return _shown(context, case)


@validate(schema.handing_over)
def govdata_case_hand_over(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a case to another officer who may handle it; they are told. A report of misuse is given away by its handler alone,
    and where that one is in office no more, by whoever may handle such reports.

    :param id: id of the case
    :param officer: name or id of the other one
    :param reason: why, for the record
    :returns: as `govdata_case_show`
    """
    tk.check_access("govdata_case_hand_over", context, data_dict)
    case, by = _case(data_dict["id"]), acting(context)
    if not _is_left(case):
        _demand_handling(context, case)
    other = model.User.get(data_dict["officer"])
    if other is None or not may_see(actor_of_user(other), case.machine, case.agency):
        refuse("officer", tk._("Name somebody who handles such cases."))
    cases.hand_over(cases.locked(case.id), by, officer=other.id, reason=data_dict["reason"].strip())
    facts = {"subject": case.subject or case.id}
    tell([recipients.user(other.id)], "case_handed_over", facts, link=f"/desk/cases/{case.id}", about=case.id)
    model.Session.commit()
    return _shown(context, case)


@tk.side_effect_free
@validate(schema.figures)
def govdata_case_figures(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The figures of a year for one's desk: of each kind opened, settled, days; and of each term kept, late, running.

    :param year: of the calendar in Shanghai; the present one unless given
    :returns: `year`, `kinds`, `terms`
    """
    tk.check_access("govdata_case_figures", context, data_dict)
    year = data_dict["year"] if 2000 < data_dict["year"] < 2200 else day_in_shanghai(now()).year
    since, until = _begin_of(year), _begin_of(year + 1)
    seen = seen_by(actor_of_context(context))
    kinds = finding.figures(seen, since, until)
    for row in kinds:
        row["kind_title"] = tk._(registry.machine(row["kind"]).title)
    own = (
        None
        if any(agencies is None for agencies in seen.values())
        else frozenset().union(*(one or () for one in seen.values()))
    )
    return {"year": year, "kinds": kinds, "terms": clocks.outcomes(since, until, own)}


def _begin_of(year: int) -> datetime.datetime:
    moment = datetime.datetime(year, 1, 1, tzinfo=SHANGHAI)
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def _handles(context: Context, case: Case) -> bool:
    return case.machine not in HANDLER_ALONE or case.officer == acting(context)


def _is_left(case: Case) -> bool:
    """Whether the officer who has the case may handle it no more: their account is closed, or their office ended."""
    officer = model.Session.get(model.User, case.officer) if case.officer else None
    return bool(case.officer) and not may_see(actor_of_user(officer), case.machine, case.agency)


def _demand_handling(context: Context, case: Case) -> None:
    if not _handles(context, case):
        raise tk.NotAuthorized(
            tk._("Another officer handles this report, or nobody yet: take it first, or have it handed over.")
        )


def _case(case_id: str) -> Case:
    case = cases.get(case_id)
    if case is None or case.machine not in KINDS or (case.machine, case.state) in NEVER:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return case


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_case_list,
        govdata_case_show,
        govdata_case_note,
        govdata_case_hand_over,
        govdata_case_figures,
    )
}
