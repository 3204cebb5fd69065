"""Uses as files, and the hook that counts requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ckan.common import current_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request, stream_with_context

from . import exports, statistics
from .counting import count_request

blueprint = Blueprint("govdata_uses", __name__)
blueprint.after_app_request(count_request)

# A file of uses holds the newest so many.
MOST = 100_000
_AT_ONCE = 1000


def _context() -> Any:
    user = current_user if current_user.is_authenticated else None
    return {"user": current_user.name, "auth_user_obj": user}


@blueprint.route("/statistics/uses.<any('csv', 'json'):form>")
def open_statistics(form: str) -> Response:
    """All counts as open data: a row a month and dataset."""
    rows = statistics.everything()
    if form == "csv":
        lines = exports.as_csv(rows, statistics.COLUMNS)
        return Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    return Response(stream_with_context(_json_array(rows)), content_type="application/json; charset=utf-8")


def _json_array(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield b"["
    for number, row in enumerate(rows):
        yield ((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)).encode()
    yield b"\n]\n"


@blueprint.route("/uses.<any('jsonl', 'prov.json', 'csv', 'xlsx'):form>")
def own(form: str) -> Response:
    """The signed-in user's own uses."""
    return _file("govdata_use_own", {}, form, "uses")


@blueprint.route("/desk/uses.<any('jsonl', 'prov.json', 'csv', 'xlsx'):form>")
def of_agency(form: str) -> Response:
    """The uses of an agency's conditional data."""
    return _file("govdata_use_list", {name: request.args.get(name) for name in ("agency", "id")}, form, "uses")


@blueprint.route("/desk/trace.<any('jsonl', 'prov.json', 'csv', 'xlsx'):form>")
def trace(form: str) -> Response:
    """A trace; each portion of the file is an entry of the ledger."""
    names = ("reason", "dataset", "resource", "version", "sha256", "party", "user")
    return _file("govdata_use_trace", {name: request.args.get(name) for name in names}, form, "trace")


def _file(action: str, asked: dict[str, Any], form: str, name: str) -> Response:
    """The action's results in portions; the first one is asked for here, so that a denial is an answer and not a broken file."""
    data = {key: value for key, value in asked.items() if value}
    try:
        first = tk.get_action(action)(_context(), {**data, "rows": _AT_ONCE})["results"]
    except tk.NotAuthorized as denied:
        return tk.abort(403 if current_user.is_authenticated else 401, str(denied))  # pyright: ignore[reportReturnType]
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))  # pyright: ignore[reportReturnType]
    except tk.ValidationError as refused:
        return tk.abort(400, json.dumps(refused.error_dict, ensure_ascii=False))  # pyright: ignore[reportReturnType]
    media, write = exports.FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "private, no-store"}
    # Read before answering: the session does not outlive the request that a streamed answer belongs to.
    rows = [*first, *_rest(action, data, len(first))]
    return Response(write(rows), content_type=media, headers=headers)


def _rest(action: str, data: dict[str, Any], start: int) -> Iterator[dict[str, Any]]:
    while start and start % _AT_ONCE == 0 and start < MOST:
        found = tk.get_action(action)(_context(), {**data, "rows": _AT_ONCE, "start": start})["results"]
        yield from found
        start += len(found)
        if not found:
            return
