"""An objection comes in: numbered, its words and keys sealed, with the agency whose data it is, on the clock."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from ...access.items import data_items
from ...clocks import keeping as clocks
from ...columns import new_id, now
from ...holdings import history
from ...notices import recipients
from ...notices.telling import tell
from ...rules.domain import Topic
from ...workflow import cases
from ...workflow.model import Case
from .. import evidence, sealing
from ..numbering import code_digest, new_code, new_number
from .domain import OBJECTOR, Reason, commitment
from .machine import OBJECTION
from .model import Objection, ObjectionWords
from .routing import agency_of, source_of

# What the record of a step says in place of the objector's own words, which are sealed.
SEALED = "sealed"
_MOST_ROWS = 200


def file(
    package: model.Package, by: str, given: Mapping[str, Any], by_agency: str | None = None
) -> tuple[Objection, str]:
    """Open the case in the caller's transaction; answers it and the code by which it is followed. Raises ValidationError.

    `by_agency` is the agency that uses the data by sharing, whose doubt this is (YZ-25).
    """
    files = evidence.attached(given)
    case_id, code, salt = new_id(), new_code(10), secrets.token_bytes(32)
    keys = _keys(given.get("rows"))
    number = new_number("Y", Objection.number)
    row = Objection(case_id=case_id, number=number, code=code_digest(code), package_id=package.id)
    row.resource_id, row.reason = _resource(package, given.get("resource")), Reason(given["reason"]).value
    row.sharing, row.by_agency, row.own_right = by_agency is not None, by_agency, bool(given.get("own_right"))
    row.version = _version(package, row.resource_id, given.get("version"))
    row.items, others = _items(package, given.get("items"))
    row.rows = [commitment(key, salt) for key in keys]
    row.old_version = package.metadata_modified.isoformat() if package.metadata_modified else ""
    agency, source = agency_of(package), source_of(package)
    facts = {"reason": row.reason, "rows": row.rows}
    facts |= {"by_agency": by_agency} if by_agency else {}
    facts |= {"own_right": True} if row.own_right else {}
    facts |= {"taken_from": source.id} if source.id != package.id else {}
    cases.open_case(
        OBJECTION.name, by, OBJECTOR, command="file", agency=agency, dataset=package.id, subject=row.number,
        facts=facts, case_id=case_id,
    )  # fmt: skip
    model.Session.add(row)
    _seal(case_id, "text", str(given["text"]).encode())
    if keys:
        _seal(case_id, "rows", json.dumps({"salt": salt.hex(), "keys": keys}, ensure_ascii=False).encode())
    if others:
        _seal(case_id, "items", json.dumps(others, ensure_ascii=False).encode())
    for media_type, content in files:
        _seal(case_id, "file", content, media_type)
    _start(row, package, agency)
    return row, code


def as_report(package: model.Package, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is said to be a leak, as a report: where it is goes with the words, all of them sealed; and the files."""
    places = (
        (tk._("File concerned"), _resource(package, given.get("resource"))),
        (tk._("Version concerned"), given.get("version")),
        (tk._("Data items concerned"), ", ".join(_lines(given.get("items")))),
        (tk._("Rows concerned"), ", ".join(_lines(given.get("rows")))),
    )
    text = "\n".join([str(given["text"]), *(f"{name}: {where}" for name, where in places if where)])
    files = {name: given[name] for name in evidence.FIELDS if given.get(name)}
    personal = given["reason"] == Reason.PERSONAL.value
    return {"id": package.id, "text": text, "personal": personal, "objection": True, **files}


def say_again(row: Objection, text: str) -> None:
    """Seal why the objector asks the authority to look again: it goes with their other words."""
    _seal(row.case_id, "again", text.encode())


def start_clock(row: Objection, agency: str | None, received_at: datetime.datetime) -> None:
    """The agency's term: the city's for a doubt about shared data, else the portal's promise."""
    topic = Topic.SHARING_DOUBT if row.sharing else Topic.OPEN_OBJECTION
    link = f"/desk/objections/{row.case_id}"
    clocks.start(row.case_id, topic.value, received_at, agency_id=agency, thing=row.number, link=link)


def _resource(package: model.Package, resource_id: Any) -> str | None:
    """The file that is objected to; without its dataset's file nobody could be told of a correction."""
    if not resource_id:
        return None
    resource = model.Session.get(model.Resource, str(resource_id))
    if resource is None or resource.package_id != package.id:
        raise tk.ValidationError(
            {"resource": [tk._("This dataset has no such file. Leave it empty if you do not know.")]}
        )
    return resource.id


def _keys(given: Any) -> list[str]:
    keys = _lines(given)
    if len(keys) > _MOST_ROWS:
        words = tk._("Name at most {number} rows. Of more, say in words which they are.")
        raise tk.ValidationError({"rows": [words.format(number=_MOST_ROWS)]})
    return keys


def _items(package: model.Package, given: Any) -> tuple[list[str], list[str]]:
    """The data items that the dataset has by these names, which the register says; and the other words, which are sealed."""
    named = _lines(given)
    known = {str(item.get(word) or "") for item in data_items(package) for word in ("name", "title")}
    return [one for one in named if one in known], [one for one in named if one not in known]


def _version(package: model.Package, resource_id: str | None, number: Any) -> int | None:
    if number in (None, ""):
        return None
    if resource_id is None or not history.is_version(package.id, resource_id, int(number)):
        raise tk.ValidationError(
            {"version": [tk._("This file has no version of this number. Leave it empty for the newest.")]}
        )
    return int(number)


def _start(row: Objection, package: model.Package, agency: str | None) -> None:
    link = f"/desk/objections/{row.case_id}"
    start_clock(row, agency, row.filed_at or now())
    facts = {"title": package.title or package.name, "number": row.number}
    # The operator routes what no agency has.
    to = [*([recipients.agency(agency)] if agency else []), recipients.OPERATOR]
    tell(
        to,
        "objection_doubt" if row.sharing else "objection_filed",
        facts,
        link=link,
        about=row.case_id,
        key=f"objection:{row.case_id}",
    )


def route(row: Objection, case: Case, agency: str, by: str, reason: str) -> None:
    """Give the case to another agency in the caller's transaction: it is told, and the clock is its own from now on."""
    package = model.Session.get(model.Package, row.package_id)
    cases.hand_over(case, by, agency=agency, reason=reason)
    clocks.pass_on(case.id, agency, by=by)
    facts = {"title": package.title or package.name if package else row.package_id, "number": row.number}
    text = "objection_doubt" if row.sharing else "objection_filed"
    link = f"/desk/objections/{case.id}"
    tell([recipients.agency(agency)], text, facts, link=link, about=case.id, key=f"objection:{case.id}")


def _seal(case_id: str, kind: str, content: bytes, media_type: str = "") -> None:
    sealed = sealing.seal(content, case_id)
    model.Session.add(ObjectionWords(id=new_id(), case_id=case_id, kind=kind, media_type=media_type, sealed=sealed))


def _lines(text: Any) -> list[str]:
    return [line.strip() for line in str(text or "").replace(",", "\n").splitlines() if line.strip()]
