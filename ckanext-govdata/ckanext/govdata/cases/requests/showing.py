"""Requests for data as actions answer them: to everybody without anybody's name, to asker and handlers with the asker's words."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...clocks import keeping as clocks
from ...workflow import cases
from ...workflow.model import Case
from ...workflow.showing import event_as_dict, next_steps
from .. import sealing
from .domain import SUPPORTED_IN
from .machine import REQUEST
from .model import DataRequest, DataRequestVoice


def public(found: Sequence[tuple[DataRequest, Case]], reader: str | None = None) -> list[dict[str, Any]]:
    """Lines of the public list, each with whether the reader's voice is in it; names of agencies are read at once."""
    agencies = _titles({case.agency for _, case in found if case.agency})
    own = _voices_of(reader, [row.case_id for row, _ in found]) if reader else set()
    return [_line(row, case, agencies, row.case_id in own) for row, case in found]


def _titles(ids: Collection[str]) -> dict[str, tuple[str, str]]:
    rows = sa.select(model.Group.id, model.Group.name, model.Group.title).where(model.Group.id.in_(list(ids)))
    return {one: (name, title or name) for one, name, title in model.Session.execute(rows)} if ids else {}


def _voices_of(user_id: str, case_ids: Collection[str]) -> set[str]:
    own = sa.select(DataRequestVoice.case_id).where(
        DataRequestVoice.user_id == user_id, DataRequestVoice.case_id.in_(list(case_ids))
    )
    return set(model.Session.scalars(own))


def _line(row: DataRequest, case: Case, agencies: dict[str, tuple[str, str]], supported: bool) -> dict[str, Any]:
    name, title = agencies.get(case.agency or "", ("", ""))
    state = REQUEST.state(case.state)
    return {
        "number": row.number,
        "title": row.title,
        "text": row.text,
        "state": case.state,
        "state_title": tk._(state.title),
        "final": state.final,
        "agency": case.agency,
        "agency_name": name,
        "agency_title": title,
        "voices": row.voices,
        "filed_at": _z(row.filed_at),
        "promised": row.promised.isoformat() if row.promised else None,
        "answered_at": _z(row.answered_at),
        "in_time": None if row.late is None else not row.late,
        "reply": row.reply,
        "supported": supported,
        "may_support": case.state in SUPPORTED_IN,
    }


def whole(row: DataRequest, case: Case, roles: frozenset[str], by: str | None) -> dict[str, Any]:
    """One request; with the asker's own words, steps and terms for `roles` that handle it or asked."""
    line = public([(row, case)], by)[0]
    shown = {**line, "dataset": _dataset(row.package_id), "clocks": _terms(case.id), "joined_to": _number(row.into)}
    if not roles:
        return shown
    steps = [] if roles == {"asker"} else [event_as_dict(one) for one in cases.events(case.id)]
    return {**shown, "id": case.id, "asked": asked(row), "events": steps, "next": next_steps(case, roles, by or "")}


def asked(row: DataRequest) -> dict[str, str]:
    """The asker's own words: `title`, `text`, `purpose`."""
    return json.loads(sealing.unseal(row.words, row.case_id))


def _terms(case_id: str) -> list[dict[str, Any]]:
    names = ("topic", "due_day", "overdue", "open", "words", "words_en", "kind")
    return [{name: one.as_dict()[name] for name in names} for one in clocks.of(case_id)]


def _number(case_id: str | None) -> str:
    row = model.Session.get(DataRequest, case_id) if case_id else None
    return row.number if row else ""


def _dataset(package_id: str | None) -> dict[str, str] | None:
    """The dataset that answers a request, while everybody may see it."""
    package = model.Session.get(model.Package, package_id) if package_id else None
    if package is None or package.private or package.state != "active":
        return None
    return {"id": package.id, "name": package.name, "title": package.title or package.name}


def _z(moment: Any) -> str | None:
    return f"{moment.isoformat()}Z" if moment else None
