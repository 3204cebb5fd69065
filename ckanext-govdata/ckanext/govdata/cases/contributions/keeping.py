"""Contributions as they are kept and shown: handed in, moved with their case, listed without anybody's name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access.switch import shuttings
from ...clocks import keeping as clocks
from ...columns import new_id, now
from ...notices import recipients
from ...notices.telling import tell
from ...workflow import cases
from ...workflow.model import Case
from ...workflow.showing import event_as_dict, next_steps
from ..tracing.keys import portal_key
from .domain import AUTHOR, MACHINE, OPERATOR, READER, TITLES, VISIBLE_IN, Kind, pseudonym
from .machine import CONTRIBUTION
from .model import Contribution

REVIEW, ANSWER = "voice_review", "question_answer"


def hand_in(package: model.Package, by: str, kind: Kind, given: Mapping[str, str]) -> Contribution:
    """Open the case in the caller's transaction; nobody but author and operator reads it yet."""
    case_id = new_id()
    row = Contribution(case_id=case_id, package_id=package.id, kind=kind.value, author=by, answer="", visible=False)
    row.pseudonym, row.living = pseudonym(by, portal_key()), True
    write(row, given)
    cases.open_case(
        MACHINE, by, AUTHOR, command="hand-in", agency=package.owner_org, dataset=package.id,
        subject=package.title or package.name, facts={"kind": kind.value}, case_id=case_id,
    )  # fmt: skip
    model.Session.add(row)
    model.Session.flush()
    _ask_review(row)
    return row


def write(row: Contribution, given: Mapping[str, str]) -> None:
    """The words of the author, as far as the kind has them."""
    kind = Kind(row.kind)
    row.stars = int(given["stars"]) if kind is Kind.RATING else None
    row.text, row.at = given["text"].strip(), now()
    row.title = given["title"].strip() if kind is Kind.REUSE else ""
    row.url = given["url"].strip() if kind is Kind.REUSE else ""


def rewrite(row: Contribution, given: Mapping[str, str]) -> None:
    """Other words of the author: an answer does not stay under what it does not answer; the case's steps keep it."""
    before = (row.stars, row.title, row.text, row.url)
    write(row, given)
    if (row.stars, row.title, row.text, row.url) != before:
        row.answer, row.answered_at = "", None


def moment_of(row: Contribution) -> str:
    """When the words were written that stand there now; by it one says what one has read."""
    return f"{row.at.isoformat()}Z"


def _ask_review(row: Contribution) -> None:
    link = f"/voices/{row.case_id}"
    clocks.start(row.case_id, REVIEW, now(), thing=_title(row), link=link, tell=[recipients.OPERATOR])
    facts = {"title": _title(row)}
    key = f"contribution:{row.case_id}:{row.at.isoformat()}"
    tell([recipients.OPERATOR], "contribution_handed_in", facts, link=link, about=row.case_id, key=key)


def follow(row: Contribution, case: Case, command: str, reason: str, by: str) -> None:
    """Bring the contribution in line with its case after a step, in the caller's transaction."""
    row.visible = case.state in VISIBLE_IN
    if command == "edit":
        clocks.end(row.case_id, by=by)
        _ask_review(row)
    if command == "delete":
        clocks.end(row.case_id, by=by)
        row.title, row.text, row.url, row.stars, row.living = "", "", "", None, False
    if command in ("show", "hide"):
        clocks.meet(row.case_id, REVIEW, by=by)
    if command == "show" and row.kind == Kind.QUESTION.value and not row.answer:
        _ask_agency(row, case)
    if command == "answer":
        row.answer, row.answered_at = reason, now()
        clocks.meet(row.case_id, ANSWER, by=by)
    if command == "report":
        link, key = f"/voices/{row.case_id}", f"reported:{row.case_id}:{case.n}"
        clocks.start(row.case_id, REVIEW, now(), thing=_title(row), link=link, tell=[recipients.OPERATOR])
        tell(
            [recipients.OPERATOR],
            "contribution_reported",
            {"title": _title(row)},
            link=link,
            about=row.case_id,
            key=key,
        )
    if command in ("hide", "answer"):
        facts = {"title": _title(row), "reply": reason}
        text = "contribution_hidden" if command == "hide" else "contribution_answered"
        tell([recipients.user(row.author)], text, facts, link=f"/voices/{row.case_id}", about=row.case_id)


def _ask_agency(row: Contribution, case: Case) -> None:
    link = f"/voices/{row.case_id}"
    clocks.start(row.case_id, ANSWER, row.at, agency_id=case.agency, thing=_title(row), link=link)
    if case.agency:
        key = f"question:{row.case_id}:{row.at.isoformat()}"
        to = [recipients.agency(case.agency)]
        tell(to, "question_asked", {"title": _title(row)}, link=link, about=row.case_id, key=key)


def _title(row: Contribution) -> str:
    package = model.Session.get(model.Package, row.package_id)
    return (package.title or package.name) if package else row.package_id


def find(package_id: str, kind: str, author: str, limit: int, offset: int) -> tuple[int, Sequence[Contribution]]:
    """How many there are, and a page, the newest first: what everybody sees, or an author's own."""
    found = sa.select(Contribution)
    if author:
        found = found.where(Contribution.author == author, Contribution.living)
    else:
        published = sa.select(model.Package.id).where(model.Package.private.is_(False), model.Package.state == "active")
        times = shuttings()
        shut = sa.select(times.c.package_id).where(times.c.opened_at.is_(None))
        found = found.where(Contribution.visible, Contribution.package_id.not_in(shut))
        found = found if package_id else found.where(Contribution.package_id.in_(published))
    if package_id:
        found = found.where(Contribution.package_id == package_id)
    if kind:
        found = found.where(Contribution.kind == kind)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = found.order_by(Contribution.at.desc(), Contribution.case_id).limit(limit).offset(offset)
    return count, model.Session.scalars(page).all()


def summary(package_id: str) -> dict[str, Any]:
    """Of a dataset: how many of each kind are shown, and the mean of its stars."""
    counted = sa.select(Contribution.kind, sa.func.count(), sa.func.avg(Contribution.stars))
    rows = counted.where(Contribution.package_id == package_id, Contribution.visible).group_by(Contribution.kind)
    found = {str(kind): (int(count), mean) for kind, count, mean in model.Session.execute(rows)}
    count, mean = found.get(Kind.RATING.value, (0, None))
    kinds = {kind.value: found.get(kind.value, (0, None))[0] for kind in Kind}
    return {"kinds": kinds, "ratings": count, "stars": round(float(mean), 1) if mean is not None else None}


def lines(rows: Sequence[Contribution], reader: str | None) -> list[dict[str, Any]]:
    """Contributions as everybody reads them; names of datasets are read at once."""
    named = _datasets({row.package_id for row in rows})
    return [_line(row, named.get(row.package_id, ("", "")), reader) for row in rows]


def _datasets(ids: Collection[str]) -> dict[str, tuple[str, str]]:
    rows = sa.select(model.Package.id, model.Package.name, model.Package.title).where(model.Package.id.in_(list(ids)))
    return {one: (name, title or name) for one, name, title in model.Session.execute(rows)} if ids else {}


def _line(row: Contribution, named: tuple[str, str], reader: str | None) -> dict[str, Any]:
    plain = {
        name: getattr(row, name) for name in ("kind", "pseudonym", "stars", "title", "text", "url", "answer", "visible")
    }
    answered = f"{row.answered_at.isoformat()}Z" if row.answered_at else None
    more = {"id": row.case_id, "kind_title": tk._(TITLES[Kind(row.kind)]), "at": moment_of(row)}
    about = {"dataset": row.package_id, "name": named[0], "dataset_title": named[1]}
    return {**plain, **more, **about, "answered_at": answered, "mine": row.author == reader}


def whole(row: Contribution, case: Case, roles: frozenset[str], by: str) -> dict[str, Any]:
    """One contribution with its state, steps and what can be done next, for its author and those who handle it."""
    state = CONTRIBUTION.state(case.state)
    shown = {**lines([row], by)[0], "state": case.state, "state_title": tk._(state.title)}
    handles = bool(roles - {READER, AUTHOR})
    events = [_event(one, OPERATOR in roles) for one in cases.events(case.id)] if handles else []
    reasons = [one.reason for one in cases.events(case.id) if one.command == "hide"]
    terms = [{"due": one.due_day.isoformat(), "overdue": one.overdue} for one in clocks.of(case.id) if one.open]
    hidden = reasons[-1] if reasons and case.state == "hidden" else ""
    return {**shown, "events": events, "hidden_because": hidden, "clocks": terms, "next": next_steps(case, roles, by)}


def _event(one: Any, with_names: bool) -> dict[str, Any]:
    """A step; whose words they are, and who reported them, is for the operator alone."""
    shown = event_as_dict(one)
    return shown if with_names or one.role not in (AUTHOR, READER) else {**shown, "done_by": ""}


def forget(row: Contribution) -> None:
    """Let its author delete a contribution, and take its row off the portal; the case stays, as all cases do."""
    case = cases.locked(row.case_id)
    if not CONTRIBUTION.state(case.state).final:
        cases.take(row.case_id, "delete", row.author, AUTHOR)
        clocks.end(row.case_id)
    model.Session.delete(row)
