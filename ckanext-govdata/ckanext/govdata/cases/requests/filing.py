"""A request comes in, others add their voices, and the operator or the agency moves it: what goes with each step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ...clocks import keeping as clocks
from ...columns import new_id, now
from ...ledger import journal
from ...notices import recipients
from ...notices.telling import tell
from ...workflow import cases
from ...workflow.model import Case
from .. import sealing
from ..numbering import new_number
from .domain import ASKER, grams
from .machine import REQUEST
from .model import DataRequest, DataRequestVoice

REVIEW, ANSWER = "voice_review", "data_request_answer"
LONGEST = {"title": 100, "text": 4000, "purpose": 2000}


def file(by: str, given: Mapping[str, str], agency: str | None) -> DataRequest:
    """Open the case in the caller's transaction, with the asker's own voice. Nobody but handlers reads it yet."""
    case_id = new_id()
    words = {name: given[name].strip() for name in LONGEST}
    row = DataRequest(case_id=case_id, number=new_number("D", DataRequest.number), filed_at=now())
    row.words = sealing.seal(json.dumps(words, ensure_ascii=False).encode(), case_id)
    cases.open_case(
        REQUEST.name, by, ASKER, command="file", agency=agency, subject=row.number, case_id=case_id, at=row.filed_at
    )
    model.Session.add(row)
    model.Session.add(DataRequestVoice(case_id=case_id, user_id=by))
    link = f"/requests/{row.number}"
    clocks.start(case_id, REVIEW, row.filed_at, thing=row.number, link=link, tell=[recipients.OPERATOR])
    tell(
        [recipients.OPERATOR], "request_filed", {"number": row.number}, link=link, about=case_id, key=f"filed:{case_id}"
    )
    model.Session.flush()
    return row


def support(row: DataRequest, user_id: str, withdraw: bool) -> None:
    """Add or take back one voice, on record; a second call changes nothing. The caller commits."""
    mine: Any = DataRequestVoice.__table__
    if withdraw:
        gone = sa.delete(mine).where(mine.c.case_id == row.case_id, mine.c.user_id == user_id).returning(mine.c.user_id)
        moved = model.Session.execute(gone).scalar()
    else:
        values = {"case_id": row.case_id, "user_id": user_id, "at": now()}
        moved = model.Session.execute(
            insert(mine).values(values).on_conflict_do_nothing().returning(mine.c.user_id)
        ).scalar()
    if moved is None:
        return
    _count(row)
    action = "data-request-voice-withdrawn" if withdraw else "data-request-voice"
    journal.change(action, user_id, {"govdata.case.id": row.case_id})


def _count(row: DataRequest) -> None:
    voices = sa.select(sa.func.count()).where(DataRequestVoice.case_id == row.case_id).scalar_subquery()
    model.Session.execute(sa.update(DataRequest).where(DataRequest.case_id == row.case_id).values(voices=voices))
    model.Session.refresh(row)


def show(row: DataRequest, case: Case, title: str, text: str, agency: str, by: str) -> None:
    """The operator's words stand in public from now on, and the agency has the term from the day it was asked."""
    row.title, row.text, row.grams = title, text, grams(f"{title} {text}")
    if case.agency != agency:
        cases.hand_over(case, by, agency=agency)
    clocks.meet(row.case_id, REVIEW, by=by)
    link = f"/requests/{row.number}"
    clocks.start(row.case_id, ANSWER, row.filed_at, by=by, agency_id=agency, thing=f"{row.number} {title}", link=link)
    _tell_agency(row, agency)
    tell_askers(row, "request_shown", {})


def _tell_agency(row: DataRequest, agency: str) -> None:
    facts, key = {"title": row.title, "number": row.number}, f"asked:{row.case_id}:{agency}"
    tell(
        [recipients.agency(agency)],
        "request_for_agency",
        facts,
        link=f"/requests/{row.number}",
        about=row.case_id,
        key=key,
    )


def pass_on(row: DataRequest, case: Case, agency: str, reason: str, by: str) -> None:
    """Another agency has the request, with the days that are left."""
    cases.hand_over(case, by, agency=agency, reason=reason)
    clocks.pass_on(row.case_id, agency, by=by)
    _tell_agency(row, agency)


def answered(row: DataRequest, reply: str, by: str) -> None:
    """The agency has said yes or no: its term is met, in time or late."""
    stopped = clocks.meet(row.case_id, ANSWER, by=by)
    if row.answered_at is None:
        row.answered_at, row.late = now(), any(one.breached_at is not None for one in stopped)
    row.reply = reply


def join(row: DataRequest, into: DataRequest) -> None:
    """All voices go to the other request, each counted once there."""
    mine: Any = DataRequestVoice.__table__
    voices = sa.select(sa.literal(into.case_id), mine.c.user_id, mine.c.at).where(mine.c.case_id == row.case_id)
    model.Session.execute(insert(mine).from_select(["case_id", "user_id", "at"], voices).on_conflict_do_nothing())
    _count(into)
    row.into = into.case_id
    clocks.end(row.case_id)
    tell_askers(row, "request_joined", {"into": into.number}, link=f"/requests/{into.number}")


def tell_askers(row: DataRequest, text: str, more: Mapping[str, str], link: str = "") -> None:
    """Tell everybody whose voice is in the request, each once of each thing."""
    who = model.Session.scalars(sa.select(DataRequestVoice.user_id).where(DataRequestVoice.case_id == row.case_id))
    facts = {"title": row.title or row.number, "number": row.number, **more}
    at = link or f"/requests/{row.number}"
    key = f"{text}:{row.case_id}:{row.promised or ''}"
    tell([recipients.user(one) for one in who], text, facts, link=at, about=row.case_id, key=key)


def forget(row: DataRequest) -> None:
    """Delete a request with its voices; the case stays, as all cases do. The caller commits."""
    clocks.end(row.case_id)
    model.Session.execute(sa.delete(DataRequestVoice).where(DataRequestVoice.case_id == row.case_id))
    model.Session.delete(row)
