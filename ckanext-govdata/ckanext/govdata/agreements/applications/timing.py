"""The clocks of an application (LYG-19, YZ-22): the agency's answer, the supply, the appeal; by rule, or as a promise."""

from __future__ import annotations

import datetime

from ...clocks import keeping
from ...clocks.errors import ClockRefused
from ...clocks.views import View, due_of
from ...notices import recipients
from ...rules.domain import Topic
from ...workflow.model import Case
from .domain import Kind, answer_topic
from .model import Application

SUPPLY = Topic.SHARING_SUPPLY.value
APPEAL, COORDINATION = "appeal_answer", "coordination"

__all__ = ("APPEAL", "COORDINATION", "SUPPLY", "ClockRefused", "View", "due_of", "foresee")


def link(row: Application) -> str:
    """The application's page."""
    return f"/application/{row.id}"


def applicants(row: Application) -> str:
    """The applicants' side, as a recipient of notices."""
    return recipients.party(row.party_id) if row.party_id else recipients.agency(row.applicant_agency or "")


def foresee(kind: Kind) -> View | None:
    """The clock that would start with a submission now."""
    return keeping.foresee(answer_topic(kind))


def start(row: Application, case: Case, topic: str, at: datetime.datetime, by: str, *, to_agency: bool = True) -> None:
    """Start a clock, where rule or promise gives one."""
    keeping.start(
        row.id,
        topic,
        at,
        by=by,
        agency_id=case.agency if to_agency else None,
        thing=row.title,
        link=link(row),
        tell=[applicants(row)],
    )


def answer_received(row: Application, case: Case, at: datetime.datetime, by: str) -> None:
    """The receipt starts the answer's clock; the agency has the application."""
    start(row, case, answer_topic(Kind(row.kind)), at, by)
    keeping.hold(row.id, "agency", by=by, at=at)


def meet(row: Application, topic: str, by: str) -> None:
    keeping.meet(row.id, topic, by=by)


def end_all(row: Application, by: str) -> None:
    keeping.end(row.id, by=by)


def held_by(row: Application, holder: str, by: str) -> None:
    """Who has the application from now on: the clock runs on, and a breach shows whose days went."""
    keeping.hold(row.id, holder, by=by)
