"""The counts that everybody may see: of one dataset, and of all as open data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from ckan import model

from .domain import Client, Kind
from .model import UseCount

# Month, dataset and then one number for each kind; those by scripts are part of it and stand apart too.
COLUMNS = (
    "month",
    "dataset",
    "views",
    "downloads",
    "api_calls",
    "views_by_scripts",
    "downloads_by_scripts",
    "api_calls_by_scripts",
)
_NAMES = {Kind.VIEW.value: "views", Kind.DOWNLOAD.value: "downloads", Kind.API.value: "api_calls"}


def months_of(dataset_id: str) -> list[dict[str, Any]]:
    """A dataset's counts by month, oldest first."""
    found = sa.select(UseCount).where(UseCount.dataset_id == dataset_id)
    return _by_month(model.Session.scalars(found))


def _by_month(rows: Any) -> list[dict[str, Any]]:
    months: dict[str, dict[str, Any]] = {}
    for row in rows:
        month = row.month.strftime("%Y-%m")
        _add(months.setdefault(month, {"month": month, **_zeros()}), row.kind, row.client, row.count)
    return [months[month] for month in sorted(months)]


def everything() -> Iterator[dict[str, Any]]:
    """The counts of all datasets that everybody may see, by month and name; streamed."""
    package = model.Package
    found = (
        sa.select(UseCount.month, package.name, UseCount.kind, UseCount.client, UseCount.count)
        .join(package, package.id == UseCount.dataset_id)
        .where(package.state == "active", package.private.is_(False))
        .order_by(UseCount.month, package.name)
    )
    row: dict[str, Any] | None = None
    for month, name, kind, client, count in model.Session.execute(found):
        key = (month.strftime("%Y-%m"), name)
        if row is None or (row["month"], row["dataset"]) != key:
            if row is not None:
                yield row
            row = {"month": key[0], "dataset": name, **_zeros()}
        _add(row, kind, client, count)
    if row is not None:
        yield row


def _zeros() -> dict[str, int]:
    return dict.fromkeys(COLUMNS[2:], 0)


def _add(row: dict[str, Any], kind: str, client: str, count: int) -> None:
    name = _NAMES[kind]
    row[name] += count
    if client == Client.SCRIPT.value:
        row[f"{name}_by_scripts"] += count
