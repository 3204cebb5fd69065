"""The ledger's deliveries and denials as rows: who has this version, what has this party, how is an agency's data used."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from .model import Use

_LOCK = 7233_0419
AT_ONCE = 50_000

# One statement, one view of the tables: an entry on its way from intake to log is seen in one of them. What waits in the intake
# is taken along, so that a trace is whole even while the sequencer is down; it comes by again from the log and adds nothing.
_PROJECT = """
WITH progress AS (
    SELECT coalesce((SELECT seq FROM govdata_use_progress WHERE name = 'log'), -1) AS seq
), fresh AS (
    SELECT seq, entry FROM govdata_ledger.log
    WHERE seq > (SELECT seq FROM progress) ORDER BY seq LIMIT :limit
), read AS (
    SELECT convert_from(entry, 'UTF8') AS text FROM fresh
    UNION ALL SELECT convert_from(entry, 'UTF8') FROM govdata_ledger.intake
), entries AS (
    SELECT text::jsonb AS e FROM read WHERE position('\\u0000' IN text) = 0 AND position('"action":"dataset-' IN text) > 0
), uses AS (
    INSERT INTO govdata_use (
        entry_id, at, mode, outcome, reason, tier, dataset_id, agency_id, resource_id, version, sha256, columns, rows,
        grant_id, agreement_id, party_id, user_id, client_id
    )
    SELECT (e #>> '{event,id}')::uuid, (e ->> '@timestamp')::timestamptz AT TIME ZONE 'UTC', e #>> '{govdata,mode}',
           e #>> '{event,outcome}', e #>> '{event,reason}', e #>> '{govdata,tier}', e #>> '{govdata,dataset,id}',
           e #>> '{govdata,agency,id}', e #>> '{govdata,resource,id}', e #>> '{govdata,resource,version}',
           e #>> '{file,hash,sha256}', e #> '{govdata,columns}', (e #>> '{govdata,rows}')::bigint,
           e #>> '{govdata,grant,id}', e #>> '{govdata,agreement,id}', e #>> '{govdata,party,id}', e #>> '{user,id}',
           e #>> '{govdata,client,id}'
    FROM entries WHERE e #>> '{event,action}' <> 'dataset-delivered' AND e #>> '{govdata,mode}' IS NOT NULL
    ON CONFLICT (entry_id) DO NOTHING
), moved AS (
    INSERT INTO govdata_use_progress (name, seq)
    SELECT 'log', max(seq) FROM fresh HAVING max(seq) IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET seq = excluded.seq
)
SELECT (SELECT count(*) FROM fresh),
       (SELECT coalesce(json_agg(json_build_object(
            'id', e #>> '{govdata,delivery,id}', 'bytes', (e #>> '{http,response,bytes}')::bigint,
            'whole', e #>> '{event,outcome}' = 'success')), '[]')
        FROM entries WHERE e #>> '{event,action}' = 'dataset-delivered')
"""
_ENDS = """
UPDATE govdata_use SET bytes = (one ->> 'bytes')::bigint, whole = (one ->> 'whole')::boolean
FROM json_array_elements(CAST(:ends AS json)) AS one WHERE entry_id = (one ->> 'id')::uuid
"""


def project(limit: int = AT_ONCE) -> int:
    """Bring the rows up to the ledger as it is now; returns how many entries were read. One at a time, in one transaction."""
    total = 0
    while True:
        with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            count, ends = connection.exec_driver_sql(_PROJECT.replace(":limit", str(int(limit)))).one()
            if ends:
                connection.execute(sa.text(_ENDS), {"ends": json.dumps(ends)})
        total += count
        if count < limit:
            return total


def uses(
    where: Mapping[str, Any],
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """The uses whose columns have these values, newest first; a list of values means any of them."""
    found = (
        _chosen(sa.select(Use), where, since, until).order_by(Use.at.desc(), Use.entry_id).limit(limit).offset(offset)
    )
    return [_as_dict(row) for row in model.Session.scalars(found)]


def number(
    where: Mapping[str, Any], since: datetime.datetime | None = None, until: datetime.datetime | None = None
) -> int:
    """How many uses there are, by the same choice."""
    return int(model.Session.scalar(_chosen(sa.select(sa.func.count()).select_from(Use), where, since, until)) or 0)


def stream(where: Mapping[str, Any], most: int, at_once: int = 1000) -> Iterator[dict[str, Any]]:
    """At most so many uses, newest first, read in portions."""
    for start in range(0, most, at_once):
        portion = uses(where, limit=min(at_once, most - start), offset=start)
        yield from portion
        if len(portion) < at_once:
            return


def holders(
    where: Mapping[str, Any], until: datetime.datetime | None = None, without: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Who has taken what the choice names (LYG-26): each party, or person where there is none, with first, last and number.

    Deliveries of files with one of the digests `without` do not count.
    """
    taken = {**where, "outcome": "success"}
    columns = (Use.party_id, sa.case((Use.party_id.is_(None), Use.user_id)).label("user_id"))
    counted = (sa.func.min(Use.at), sa.func.max(Use.at), sa.func.count())
    found = _chosen(sa.select(*columns, *counted), taken, until=until)
    if without:
        found = found.where(sa.or_(Use.sha256.is_(None), Use.sha256.not_in(list(without))))
    found = found.group_by(*columns).order_by(sa.func.min(Use.at))
    return [
        {"party_id": party, "user_id": user, "first": first, "last": last, "count": count}
        for party, user, first, last, count in model.Session.execute(found)
    ]


def counts_of(where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Uses as counts by dataset, mode and outcome: what may be said where persons may not be named."""
    columns = (Use.dataset_id, Use.mode, Use.outcome)
    found = _chosen(sa.select(*columns, sa.func.count()), where).group_by(*columns).order_by(*columns)
    return [
        {"dataset_id": dataset, "mode": mode, "outcome": outcome, "count": count}
        for dataset, mode, outcome, count in model.Session.execute(found)
    ]


def persons(entry_ids: list[str]) -> dict[str, dict[str, str]]:
    """The names and addresses behind entries, as far as they are not purged: entry -> field -> value."""
    if not entry_ids:
        return {}
    words = sa.text(
        "SELECT entry_id::text, opened FROM govdata_ledger.personal WHERE entry_id = ANY(CAST(:ids AS uuid[]))"
    )
    rows = model.Session.execute(words, {"ids": entry_ids})
    return {entry: {field: kept["value"] for field, kept in opened.items()} for entry, opened in rows}


def _chosen(found: Any, where: Mapping[str, Any], since: Any = None, until: Any = None) -> Any:
    for name, value in where.items():
        column = getattr(Use, name)
        found = found.where(column.in_(value) if isinstance(value, list | tuple | set | frozenset) else column == value)
    if since:
        found = found.where(Use.at >= since)
    return found.where(Use.at < until) if until else found


def _as_dict(row: Use) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in Use.__table__.columns}
    return {**values, "at": row.at.isoformat() + "Z"}
