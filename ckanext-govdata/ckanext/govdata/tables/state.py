"""Where each file's table stands, in CKAN's own task_status: loaded, refused with a reason, or dropped."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

_TASK = "govdata_tables"
_KEY = "table"


@dataclass(frozen=True)
class TableState:
    """The state of one resource's table: `loaded`, `failed` or `waiting`; digest of the file; rows; why it failed; when (UTC)."""

    state: str
    digest: str = ""
    rows: int = 0
    code: str = ""
    facts: Mapping[str, Any] | None = None
    at: datetime.datetime | None = None

    def message(self) -> str:
        """Why the table was not loaded, in the reader's language; empty when it was."""
        words = _words().get(self.code, self.code)
        return words.format(**(self.facts or {}))


def _words() -> dict[str, str]:
    return {
        "": "",
        "empty": tk._("The file has no table: it is empty. Upload a file with a heading row and at least one row."),
        "too_many_rows": tk._(
            "The file has {rows} rows, more than the {limit} that the portal previews (govdata.tables.max_rows). "
            "The file itself can be downloaded; split it to have a preview."
        ),
        "too_large": tk._(
            "The file has {megabytes} MB, more than the {limit} that the portal previews (govdata.tables.max_megabytes). "
            "The file itself can be downloaded; split it to have a preview."
        ),
        "unreadable_workbook": tk._(
            "The workbook cannot be read: it is damaged or needs a password. Save it again and upload it."
        ),
        "unreadable_text": tk._("The file is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8 and upload it."),
        "web_page": tk._("The file is a web page, not a table. Upload the table itself."),
        "file_missing": tk._("The file is not in the portal's storage. Upload it again."),
        "refused": tk._("The database refused the table: {reason}"),
    }


def state_of(resource_id: str) -> TableState | None:
    """The state that was recorded last; None when the file was never tried."""
    row = _row(resource_id)
    if row is None:
        return None
    value: dict[str, Any] = json.loads(row.value or "{}")
    return TableState(row.state or "", at=row.last_updated, **value)


def loaded_ids() -> set[str]:
    """The resources whose tables were loaded to the end, with state and view."""
    wanted = sa.select(model.TaskStatus.entity_id).where(
        model.TaskStatus.task_type == _TASK, model.TaskStatus.key == _KEY, model.TaskStatus.state == "loaded"
    )
    return set(model.Session.scalars(wanted))


def record(resource_id: str, state: TableState) -> None:
    """Keep the state; the caller commits."""
    row = _row(resource_id)
    if row is None:
        row = model.TaskStatus(entity_id=resource_id, entity_type="resource", task_type=_TASK, key=_KEY)
        model.Session.add(row)
    value = {"digest": state.digest, "rows": state.rows, "code": state.code, "facts": dict(state.facts or {})}
    row.value, row.state = json.dumps(value, ensure_ascii=False), state.state
    row.error = state.code
    row.last_updated = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def forget(resource_id: str) -> None:
    """Drop the record of a table that is gone; the caller commits."""
    row = _row(resource_id)
    if row is not None:
        model.Session.delete(row)


def _row(resource_id: str) -> model.TaskStatus | None:
    wanted = sa.select(model.TaskStatus).where(
        model.TaskStatus.entity_id == resource_id, model.TaskStatus.task_type == _TASK, model.TaskStatus.key == _KEY
    )
    return model.Session.scalars(wanted).first()
