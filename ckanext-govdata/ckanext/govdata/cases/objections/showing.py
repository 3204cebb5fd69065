"""Objections as actions answer them: to the public without anybody's words, to handlers with them."""

from __future__ import annotations

import base64
import json
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access.parties.standing import verified_names
from ...clocks import keeping as clocks
from ...columns import now
from ...workflow import cases
from ...workflow.model import Case
from ...workflow.showing import case_as_dict, event_as_dict, next_steps
from .. import sealing
from . import changes, corrections
from .domain import AUTHORITY, OBJECTOR, TITLES, Reason
from .model import Objection, ObjectionWords


def public(row: Objection, case: Case) -> dict[str, Any]:
    """The register's line: what, how it ended, in how many days; no words of the objector, no keys."""
    package = model.Session.get(model.Package, row.package_id)
    end = row.settled_at or now()
    shown = case_as_dict(case)
    return {
        "number": row.number,
        "dataset": row.package_id,
        "name": package.name if package else "",
        "title": package.title or package.name if package else "",
        "reason": row.reason,
        "reason_title": tk._(TITLES[Reason(row.reason)]),
        "items": row.items,
        "state": shown["state"],
        "state_title": shown["state_title"],
        "filed_at": f"{row.filed_at.isoformat()}Z",
        "settled_at": f"{row.settled_at.isoformat()}Z" if row.settled_at else None,
        "days": (end - row.filed_at).days,
        "marked": row.marked_at is not None and row.lifted_at is None,
        "reply": row.reply,
        "authority_reply": _authority_reply(case),
        "old_version": row.old_version,
        "new_version": row.new_version,
        "changes": changes.shown(row),
    }


def for_handlers(row: Objection, case: Case, roles: frozenset[str], by: str) -> dict[str, Any]:
    """The whole case: the objector's words, the rows by key, evidence, steps and what can be done next."""
    words = list(model.Session.scalars(sa.select(ObjectionWords).where(ObjectionWords.case_id == case.id)))
    told = corrections.of_case(case.id)
    once = ("text", "rows", "items")
    opened = {one.kind: sealing.unseal(one.sealed, case.id).decode() for one in words if one.kind in once}
    return {
        "id": case.id,
        **public(row, case),
        "items": [*row.items, *json.loads(opened.get("items", "[]"))],
        "resource": row.resource_id,
        "version": row.version,
        "own_right": row.own_right,
        "objector": _objector(row, case),
        "again": [sealing.unseal(one.sealed, case.id).decode() for one in words if one.kind == "again"],
        "text": opened.get("text", ""),
        "keys": json.loads(opened["rows"])["keys"] if "rows" in opened else [],
        "commitments": row.rows,
        "sharing": row.sharing,
        "by_agency": row.by_agency,
        **_whose(row, case),
        "told": len(told),
        "acknowledged": sum(one.acknowledged_at is not None for one in told),
        "purged": not words,
        "files": [{"id": one.id, "media_type": one.media_type} for one in words if one.kind == "file"],
        "events": [_event(row, one) for one in cases.events(case.id)],
        "clocks": [_clock(one) for one in clocks.of(case.id)],
        "next": next_steps(case, roles, by),
    }


def _objector(row: Objection, case: Case) -> str:
    """Who objects, where a right of their own is concerned, by account and verified name; else nobody needs to know."""
    user = model.Session.get(model.User, case.opened_by) if row.own_right else None
    if user is None:
        return ""
    names = verified_names(user.id)
    return f"{user.display_name} ({', '.join(names)})" if names else str(user.display_name)


def _event(row: Objection, one: Any) -> dict[str, Any]:
    """A step; that of the objector is nobody's by name, unless a right of their own is concerned."""
    shown = event_as_dict(one)
    return {**shown, "done_by": ""} if one.role == OBJECTOR and not row.own_right else shown


def _authority_reply(case: Case) -> str:
    """What the authority answered to whoever asked it to look again, when it closed the case."""
    if case.state != "closed":
        return ""
    last = cases.events(case.id)[-1]
    return last.reason if last.from_state == "looked_at" and last.role == AUTHORITY else ""


def _whose(row: Objection, case: Case) -> dict[str, Any]:
    """The agency that has the case; that of the entry where it is another one, and what the entry's writers call its source."""
    package = model.Session.get(model.Package, row.package_id)
    name, title = _agency(case.agency)
    elsewhere = package is not None and package.owner_org != case.agency
    return {
        "agency": case.agency,
        "agency_name": name,
        "agency_title": title,
        "from_agency": _agency(package.owner_org)[1] if package is not None and elsewhere else "",
        "source_said": str((package.extras or {}).get("source_url") or "") if package is not None else "",
    }


def _agency(agency_id: str | None) -> tuple[str, str]:
    group = model.Session.get(model.Group, agency_id) if agency_id else None
    return (group.name, group.title or group.name) if group else ("", "")


def _clock(view: Any) -> dict[str, Any]:
    return {
        "kind": str(getattr(view.kind, "value", view.kind)),
        "due": view.due_day.isoformat(),
        "state": str(view.state),
    }


def file_of(file_id: str) -> dict[str, Any] | None:
    """A file of evidence; None where there is none."""
    row = model.Session.get(ObjectionWords, file_id)
    if row is None or row.kind != "file":
        return None
    data = base64.b64encode(sealing.unseal(row.sealed, row.case_id)).decode()
    return {"case": row.case_id, "media_type": row.media_type, "data": data}
