"""What a correction has changed: of each file the version objected to, the one that has it right, and how many rows differ.

Numbers alone: no register says what stands in a row.
"""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from ckan import model

from ... import config
from ...holdings import history
from ...tables.domain import Sheet, TableError
from ...tables.reading import read_table
from ...tables.state import state_of
from .model import Objection

_MOST_BYTES = 20_000_000


def since_filed(row: Objection) -> list[dict[str, Any]]:
    """The files that were replaced since the objection came in: the one that it names, or all where it names none."""
    replaced = history.replaced_since(row.package_id, row.filed_at)
    concerned = [one for one in replaced if row.resource_id in (None, one.resource_id)]
    if not concerned and row.resource_id and row.version:
        # Who objects to an older version may find it corrected already.
        concerned = history.replaced_after(row.resource_id, row.version)
    return [_as_dict(one, row.version if row.resource_id else None) for one in concerned]


def _as_dict(one: history.Replaced, objected: int | None) -> dict[str, Any]:
    before = objected or one.before
    fresh, gone = _rows(one.resource_id, before, one.after)
    stored = one.stored_at.isoformat()
    return {"resource": one.resource_id, "before": before, "after": one.after, "stored_at": f"{stored}Z",
            "rows_new": fresh, "rows_gone": gone}  # fmt: skip


def _rows(resource_id: str, before: int, after: int) -> tuple[int | None, int | None]:
    """How many rows the newer version has that the older had not, and the other way round; None where one is no table here."""
    old, new = (_table(history.content_of(resource_id, number, _MOST_BYTES)) for number in (before, after))
    if old is None or new is None:
        return None, None
    was, is_now = Counter(old.rows), Counter(new.rows)
    return (is_now - was).total(), (was - is_now).total()


def _table(content: bytes | None) -> Sheet | None:
    try:
        return read_table(content, config.tables_max_rows()) if content else None
    except TableError:
        return None


def shown(row: Objection) -> list[dict[str, Any]]:
    """The changes with what each file is called now."""
    return [{**one, "name": _name(one["resource"])} for one in row.changes]


def _name(resource_id: str) -> str:
    resource = model.Session.get(model.Resource, resource_id)
    return str(resource.name or "") if resource is not None else ""


def wrong_deliveries(row: Objection) -> list[dict[str, Any]]:
    """Which deliveries were of what was wrong, as `withdrawal.holders.find` chooses them.

    Of each corrected file those before the right version was stored, but for the same content taken earlier, those of a replaced
    version later, and those of rows until the table has the right ones. Where no file was replaced, all of the file that the
    objection names, or of the dataset.
    """
    if not row.changes:
        return [{"resource_id": row.resource_id}]
    return [choice for one in row.changes for choice in _of_file(one)]


def _of_file(one: dict[str, Any]) -> list[dict[str, Any]]:
    resource, right = one["resource"], history.digest_of(one["resource"], one["after"])
    stored = datetime.datetime.fromisoformat(one["stored_at"].removesuffix("Z"))
    replaced = history.digests_before(resource, one["after"]) - {right}
    return [
        {"resource_id": resource, "until": stored, "without": [right]},
        {"resource_id": resource, "contents": sorted(replaced)},
        {"resource_id": resource, "rows_only": True, "until": _rows_right_since(resource, right, stored)},
    ]


def _rows_right_since(resource_id: str, right: str, stored: datetime.datetime) -> datetime.datetime | None:
    """Since when the table gives the right version's rows; None where it does not, or nobody knows."""
    table = state_of(resource_id)
    if table is None or table.at is None or (table.state, table.digest) != ("loaded", right):
        return None
    return max(stored, table.at)
