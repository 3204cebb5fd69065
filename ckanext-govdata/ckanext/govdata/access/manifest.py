"""The manifest of a delivery: number, version, digest, agreement, source and date to cite (DCF-25)."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from ..cases.objections import marks
from ..ledger.entry import read
from ..ledger.reading import Reader, run_in


def manifest_of(number: str, user_id: str | None) -> dict[str, Any] | None:
    """The manifest of a delivery that this user received, from the ledger's own entry; None for anybody else's."""
    try:
        entry = Reader(run_in(model.Session)).entry_of(uuid.UUID(number))
    except ValueError:
        return None
    if entry is None or user_id is None:
        return None
    document = read(entry)
    ours = document.get("govdata", {})
    if document.get("user", {}).get("id") != user_id or "dataset" not in ours:
        return None
    return _manifest(number, document, ours)


def _manifest(number: str, document: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    package = model.Package.get(ours["dataset"]["id"])
    agency = model.Group.get(ours.get("agency", {}).get("id") or "")
    obtained = str(document["@timestamp"])
    title = package.title or package.name if package else ours["dataset"]["id"]
    source = agency.title or agency.name if agency else ""
    return {
        "delivery": number,
        "obtained_at": obtained,
        "dataset": {"id": ours["dataset"]["id"], "title": title},
        "resource": ours.get("resource", {}),
        "sha256_of_source": document.get("file", {}).get("hash", {}).get("sha256"),
        **_marks(ours.get("delivered")),
        "under_objection": marks.was_marked(ours["dataset"]["id"], _moment(obtained)),
        "columns": ours.get("columns") or [],
        "rows": ours.get("rows"),
        "mode": ours.get("mode"),
        "grant": ours.get("grant", {}).get("id"),
        "agreement": ours.get("agreement", {}).get("id"),
        "source": source,
        "cite": _citation(source, title, obtained[:10]),
        "receipt": tk.url_for("api.action", ver=3, logic_function="govdata_ledger_receipt", id=number, _external=True),
    }


def _moment(text: str) -> datetime.datetime:
    """A moment of the ledger in UTC without a zone."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def _marks(delivered: dict[str, Any] | None) -> dict[str, Any]:
    """Of a file that is its holder's own: its digests, and what is told about the marks."""
    if not delivered:
        return {}
    words = tk._(
        "The order of the rows, and in text files quotation marks around cells, are this recipient's own, so that a file that"
        " leaks can be traced (LYG-26). Every value is the source's, but for last digits in columns that the agency named"
        " for it. content_sha256 does not depend on the order."
    )
    return {"sha256": delivered["sha256"], "content_sha256": delivered["content_sha256"], "marks": words}


def _citation(source: str, title: str, day: str) -> str:
    return tk._("{source}: {title}. {site}, obtained {day}.").format(
        source=source, title=title, site=tk.config.get("ckan.site_title"), day=day
    )
