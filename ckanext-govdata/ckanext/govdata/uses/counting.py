"""Counts requests as they are answered, and sums them up by month."""

from __future__ import annotations

import datetime
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from flask import Response, g, request
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from .. import config
from ..columns import now
from .agents import known_agents
from .domain import DOUBLE_CLICK_SECONDS, Asked, Client, Kind, counts, item_key, visitor_key

logger = logging.getLogger(__name__)

# Ends of endpoints, with the argument that names the dataset or the resource.
_PAGES: Mapping[str, tuple[Kind, str, str]] = {
    "dataset.read": (Kind.VIEW, "dataset", "id"),
    "resource.read": (Kind.VIEW, "resource", "resource_id"),
    "resource.download": (Kind.DOWNLOAD, "resource", "resource_id"),
    "datastore.dump": (Kind.DOWNLOAD, "resource", "resource_id"),
}
# Actions that give data or its description, with what their parameter `id` or `resource_id` names.
_CALLS: Mapping[str, str] = {
    "package_show": "dataset",
    "resource_show": "resource",
    "datastore_search": "resource",
    "datastore_search_sql": "sql",
}
_RESOURCE_IN_SQL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A request may be written down this much later than one that follows it.
SETTLING = datetime.timedelta(minutes=5)
_EVERY_SECONDS = 600
_LOOK_SECONDS = 60.0

# One trip to the database, and no waiting for the disk: a lost count harms nobody.
_INSERT = sa.text(
    "INSERT INTO govdata_use_event (at, dataset_id, kind, client, item, visitor)"
    " SELECT :at, :dataset_id, :kind, :client, :item, :visitor"
    " FROM (SELECT set_config('synchronous_commit', 'off', true)) AS unwaited"
)
_SUM_UP = sa.text(
    """
    WITH followed AS (
        SELECT id, at, dataset_id, kind, client,
               lead(at) OVER (PARTITION BY visitor, dataset_id, kind, item ORDER BY at, id) AS next
        FROM govdata_use_event
    ), settled AS (
        SELECT date_trunc('month', at)::date AS month, dataset_id, kind, client, count(*) AS number
        FROM followed
        WHERE at <= :until AND (next IS NULL OR next - at > make_interval(secs => :seconds))
        GROUP BY 1, 2, 3, 4
    )
    INSERT INTO govdata_use_count AS held (dataset_id, month, kind, client, count)
    SELECT dataset_id, month, kind, client, number FROM settled
    ON CONFLICT (dataset_id, month, kind, client) DO UPDATE SET count = held.count + excluded.count
    """
)
_LOCK = 7233_0418


def count_request(response: Response) -> Response:
    """After each answer: write down what may count. A use that cannot be counted is still answered."""
    used = _used()
    if used is not None:
        kind, named, item = used
        client = _client(kind, response)
        dataset_id = _dataset_of(named) if client else None
        if client and dataset_id:
            _keep(dataset_id, kind, client, item)
    return response


def _used() -> tuple[Kind, tuple[str, str], str] | None:
    """Kind, what names the dataset, and the item of a request that a dataset's use may be; None for all others."""
    endpoint, arguments = request.endpoint or "", request.view_args or {}
    if endpoint == "api.action":
        return _call(str(arguments.get("logic_function")))
    for ending, (kind, what, argument) in _PAGES.items():
        if endpoint == ending or endpoint.endswith((f".{ending}", f"_{ending}")):
            named = (what, str(arguments.get(argument) or ""))
            # A dataset's page has two addresses, by name and by id.
            return kind, named, item_key({"page": ending, "of": named[1] if what == "resource" else ""})
    return None


def _call(action: str) -> tuple[Kind, tuple[str, str], str] | None:
    what = _CALLS.get(action)
    if what is None:
        return None
    given: dict[str, Any] = request.args.to_dict() | (request.form.to_dict() or request.get_json(silent=True) or {})
    named = str(given.get("resource_id") or given.get("id") or "")
    if what == "sql":
        found = _RESOURCE_IN_SQL.search(str(given.get("sql") or ""))
        what, named = "resource", found[0] if found else ""
    parts = {name: str(value) for name, value in given.items()}
    return Kind.API, (what, named), item_key({**parts, "action": action})


def _client(kind: Kind, response: Response) -> Client | None:
    agent = request.user_agent.string or ""
    asked = Asked(request.method, response.status_code, request.headers.get("Range", ""), agent)
    return known_agents().client(agent) if counts(asked, kind) else None


def _dataset_of(named: tuple[str, str]) -> str | None:
    what, reference = named
    if not reference:
        return None
    if what == "resource":
        resource = model.Resource.get(reference)
        return resource.package_id if resource else None
    package = model.Package.get(reference)
    return package.id if package and package.type == "dataset" else None


def _keep(dataset_id: str, kind: Kind, client: Client, item: str) -> None:
    user = g.get("userobj")
    visitor = visitor_key(
        config.uses_secret(), getattr(user, "id", None), request.remote_addr or "", request.user_agent.string or ""
    )
    row = {
        "at": now(),
        "dataset_id": dataset_id,
        "kind": kind.value,
        "client": client.value,
        "item": item,
        "visitor": visitor,
    }
    try:
        keep_events([row])
        _sum_up_sometimes()
    except (SQLAlchemyError, RedisError):
        logger.warning("A use could not be counted", exc_info=True)


def keep_events(rows: list[dict[str, Any]]) -> None:
    """Write requests down in a transaction of their own."""
    with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
        connection.execute(_INSERT, rows)


class _Queueing:
    """When this process last looked whether the summing up is to be queued."""

    looked = -float("inf")


def _sum_up_sometimes() -> None:
    """Queue the summing up, at most once in ten minutes; each process looks once a minute."""
    if time.monotonic() < _Queueing.looked + _LOOK_SECONDS:
        return
    _Queueing.looked = time.monotonic()
    key = f"govdata:{tk.config.get('ckan.site_id')}:uses:queued"
    if connect_to_redis().set(key, 1, nx=True, ex=_EVERY_SECONDS):
        tk.enqueue_job(sum_up, title="Sum up uses by month")


def sum_up(until: datetime.datetime | None = None) -> int:
    """Add what has settled to the months' counts and forget the requests; returns how many were done with.

    One transaction and one at a time: a request is counted once, whatever is killed when.
    """
    moment = until or now() - SETTLING
    # Counted and deleted by one view of the table: what arrives meanwhile is in neither.
    engine = model.meta.engine.execution_options(isolation_level="REPEATABLE READ")  # pyright: ignore
    with engine.begin() as connection:
        if not connection.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}).scalar():
            return 0
        connection.execute(_SUM_UP, {"until": moment, "seconds": DOUBLE_CLICK_SECONDS})
        return connection.execute(
            sa.text("DELETE FROM govdata_use_event WHERE at <= :until"), {"until": moment}
        ).rowcount
