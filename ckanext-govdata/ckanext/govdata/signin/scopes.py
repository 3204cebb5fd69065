"""What a program can be let read: the grants of an account and its parties that run now, and open data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ..access.bearers import DATASET, GRANT
from ..access.domain import State
from ..access.grants import used_today
from ..access.model import Grant
from ..access.parties.standing import parties_of
from ..columns import now

OPEN = "open"


def scopes_of(user_id: str) -> list[dict[str, Any]]:
    """The scopes that this account can give a program at this moment, the open one first."""
    running = list(_running(user_id))
    return [_open(), *(_of_grant(row, package) for row, package in running), *_of_datasets(running)]


def _of_datasets(running: list[tuple[Grant, model.Package]]) -> Iterator[dict[str, Any]]:
    """A dataset with all its grants, those to come too: a program goes on when one grant follows another."""
    last: dict[str, tuple[Grant, model.Package]] = {}
    for row, package in running:
        last[package.id] = (row, package)  # by their ends, so the longest wins
    for row, package in last.values():
        found = _of_grant(row, package)
        title = tk._("{dataset}: all your grants, later ones too").format(dataset=found["title"])
        yield {**found, "name": DATASET + package.id, "title": title, "quota": None, "used": None}


def _open() -> dict[str, Any]:
    title = tk._("Unconditional data, as everybody may read it")
    return {"name": OPEN, "title": title, "example": "/api/3/action/package_search?rows=3"}


def _running(user_id: str) -> Iterator[tuple[Grant, model.Package]]:
    parties = [party.id for party in parties_of(user_id) if not party.blocked]
    moment = now()
    query = (
        sa.select(Grant, model.Package)
        .join(model.Package, model.Package.id == Grant.package_id)
        .where(sa.or_(Grant.user_id == user_id, Grant.party_id.in_(parties)), Grant.state == State.RUNNING.value)
        .where(Grant.starts_at <= moment, Grant.ends_at > moment)
        .order_by(Grant.ends_at)
    )
    yield from (row._tuple() for row in model.Session.execute(query))


def _of_grant(row: Grant, package: model.Package) -> dict[str, Any]:
    return {
        "name": GRANT + row.id,
        "title": str(package.title or package.name),
        "until": row.ends_at.isoformat() + "Z",
        "quota": row.quota,
        "used": used_today(row.id) if row.quota is not None else None,
        "example": _example(row, package),
    }


def _example(row: Grant, package: model.Package) -> str:
    """The path of a file or table that this grant gives."""
    files = [one for one in package.resources if one.state == "active" and (not row.files or one.id in row.files)]
    if not files:
        return ""
    if any(one.extras.get("datastore_active") for one in files) and "api" in row.modes:
        table = next(one for one in files if one.extras.get("datastore_active"))
        return f"/api/3/action/datastore_search?resource_id={table.id}&limit=3"
    return f"/dataset/{package.id}/resource/{files[0].id}/download"
