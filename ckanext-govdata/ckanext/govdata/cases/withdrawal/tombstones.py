"""Tombstones: which datasets are shut here, for portals that mirror them: ids and moments, nothing of what leaked (LYG-26)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access.gate import is_absent_for
from ...access.switch import shuttings
from ...columns import now
from .model import Withdrawal

FORMAT = "govdata-tombstones/1"
# How long a mirror that was away finds out that a dataset is open again.
_OPENED_FOR = datetime.timedelta(days=400)


def as_answer(limit: int, offset: int) -> dict[str, Any]:
    """The list as everybody gets it, whoever asks; see docs/withdrawal.md for the shape."""
    shut = _times(None)
    return {
        "format": FORMAT,
        "portal": str(tk.config.get("ckan.site_url") or "").rstrip("/"),
        "generated_at": _z(now()),
        "count": len(shut),
        "results": [_tombstone(row) for row in shut[offset : offset + limit]],
        "opened": _opened({row.package_id for row in shut}),
    }


@dataclass(frozen=True)
class _Time:
    """A time that a dataset was shut; its entry, unless that was purged since."""

    package_id: str
    shut_at: datetime.datetime
    opened_at: datetime.datetime | None
    package: model.Package | None


def _times(since: datetime.datetime | None) -> list[_Time]:
    """Datasets that are shut now, or were opened since, the newest first: no drill's, and none that the public never saw."""
    times = shuttings()
    drills = sa.select(Withdrawal.package_id).where(Withdrawal.drill.is_(True))
    found = (
        sa.select(times.c.package_id, times.c.shut_at, times.c.opened_at, model.Package)
        .outerjoin(model.Package, model.Package.id == times.c.package_id)
        .where(times.c.opened_at.is_(None) if since is None else times.c.opened_at > since)
        .where(times.c.package_id.not_in(drills))
        .order_by(times.c.shut_at.desc(), times.c.package_id)
    )
    rows = [_Time(*row) for row in model.Session.execute(found)]
    # One that was deleted or purged stays on the list: to leave it out would look like nothing had happened.
    return [row for row in rows if row.package is None or _is_public(row.package)]


def _is_public(package: model.Package) -> bool:
    return not package.private and not is_absent_for(package, None)


def _tombstone(row: _Time) -> dict[str, Any]:
    package = row.package
    there = package is not None and package.state == "active"
    name = package.name if package is not None and there else None
    address = tk.url_for("dataset.read", id=name, _external=True, locale="default") if name else None
    return {"id": row.package_id, "name": name, "withdrawn_at": _z(row.shut_at), "address": address}


def _opened(shut: set[str]) -> list[dict[str, str]]:
    """Datasets that were opened again, each once with the last time."""
    moments: dict[str, datetime.datetime] = {}
    for row in _times(now() - _OPENED_FOR):
        if row.package_id not in shut and row.opened_at is not None:
            moments[row.package_id] = max(row.opened_at, moments.get(row.package_id, row.opened_at))
    return [{"id": one, "opened_at": _z(at)} for one, at in sorted(moments.items())]


def _z(moment: datetime.datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"


__all__ = ("FORMAT", "as_answer")
