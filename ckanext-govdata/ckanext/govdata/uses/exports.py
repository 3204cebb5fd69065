"""Uses as files: JSON Lines, PROV-JSON (W3C), CSV, Excel. Pure."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

Row = Mapping[str, Any]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = dict.fromkeys(code for code in range(32) if code not in (9, 10, 13))
_CHUNK = 64 * 1024

COLUMNS = (
    *(
        "entry_id",
        "at",
        "outcome",
        "reason",
        "mode",
        "tier",
        "dataset_id",
        "agency_id",
        "resource_id",
        "version",
        "sha256",
    ),
    *("columns", "rows", "bytes", "whole", "grant_id", "agreement_id", "party_id", "user_id", "client_id"),
    *("user.name", "source.ip", "user_agent.original"),
)


def as_jsonl(rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """One JSON object a line; what is unknown is left out."""
    for row in rows:
        yield (json.dumps(_given(row, columns), ensure_ascii=False) + "\n").encode()


def as_csv(rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """CSV with a byte order mark; no cell is run as a formula."""
    yield b"\xef\xbb\xbf" + _line(columns)
    for row in rows:
        yield _line([row.get(name) for name in columns])


def as_xlsx(rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """A workbook of one sheet, written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("uses")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_cell(row.get(name)) for name in columns])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def as_prov(rows: Iterable[Row]) -> Iterator[bytes]:
    """One PROV-JSON document: each delivery an activity that used a version, associated with a user, on behalf of a party."""
    document: dict[str, Any] = {"prefix": {"govdata": "urn:govdata:", "prov": "http://www.w3.org/ns/prov#"}}
    for row in rows:
        _add_use(document, row)
    yield json.dumps(document, ensure_ascii=False, indent=1).encode()


def _add_use(document: dict[str, Any], row: Row) -> None:
    use = f"govdata:use/{row['entry_id']}"
    version = f"govdata:version/{row.get('resource_id') or row.get('dataset_id')}/{row.get('version') or 'unknown'}"
    said = ("mode", "outcome", "reason", "columns", "rows", "grant_id", "agreement_id")
    _put(document, "activity", use, {"prov:startTime": row["at"], **_own(row, said)})
    _put(document, "entity", version, _own(row, ("dataset_id", "resource_id", "version", "sha256", "tier")))
    if row.get("outcome") == "success":
        _put(document, "used", f"_:{row['entry_id']}", {"prov:activity": use, "prov:entity": version})
    user = f"govdata:user/{row['user_id']}" if row.get("user_id") else None
    party = f"govdata:party/{row['party_id']}" if row.get("party_id") else None
    for agent, kind in ((user, "prov:Person"), (party, "prov:Organization")):
        if agent:
            _put(document, "agent", agent, {"prov:type": {"$": kind, "type": "prov:QUALIFIED_NAME"}})
    if user or party:
        association = {"prov:activity": use, "prov:agent": user or party}
        _put(document, "wasAssociatedWith", f"_:a-{row['entry_id']}", association)
    if user and party:
        acted = {"prov:delegate": user, "prov:responsible": party}
        _put(document, "actedOnBehalfOf", f"_:b-{row['user_id']}-{row['party_id']}", acted)


def _put(document: dict[str, Any], kind: str, name: str, what: Mapping[str, Any]) -> None:
    document.setdefault(kind, {})[name] = dict(what)


def _own(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {f"govdata:{name}": _plain(row[name]) for name in names if row.get(name) is not None}


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _given(row: Row, columns: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in columns if row.get(name) is not None}


def _line(values: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([_cell(value) for value in values])
    return line.getvalue().encode()


def _cell(value: Any) -> str:
    text = str(_plain(value) if value is not None else "").translate(_CONTROL)[:32767]
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


FORMS: Mapping[str, tuple[str, Callable[..., Iterator[bytes]]]] = {
    "jsonl": ("application/jsonl; charset=utf-8", as_jsonl),
    "prov.json": ("application/json; charset=utf-8", as_prov),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
