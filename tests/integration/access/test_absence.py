"""A dataset that is not open answers a stranger as one that never existed: in status, words and the work that it makes."""

from __future__ import annotations

import gc
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ckan import model
from sqlalchemy import event

from tests.integration.catalogue.ways import lasting

from .stage import PLUGINS, Dataset, Stage

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("YZ-22", "LYG-7"),
]
ROUTES = (
    "/dataset/{id}/resource/{file}/download",
    "/dataset/{id}/resource/{file}/download/f.csv",
    "/dataset/{id}/resource/{link}/download",
    "/dataset/{id}/resource/{link}/proxy",
    "/datastore/dump/{file}",
    "/datastore/dump/{file}?format=json&bom=true",
    "/api/3/action/datastore_search?resource_id={file}",
    "/api/3/action/datastore_info?id={file}",
    "/file/download/{file}",
    "/file/public-download/resources/{place}",
    "/dataset/{id}/resource/{file}/view/{view}",
    "/dataset/{id}/inspection",
    "/api/3/action/datastore_search?resource_id={alias}",
    '/api/3/action/datastore_search_sql?sql=SELECT * FROM "{file}"',
    "/api/3/action/govdata_use_statistics?id={id}",
    "/api/3/action/govdata_ledger_receipt?id={id}",
    "POST /datatables/ajax/{view}",
    "POST /datatables/filtered-download/{view}",
    "HEAD /dataset/{id}/resource/{file}/download",
)
_FORM = {"draw": "1", "search[value]": "", "start": "0", "length": "10", "format": "csv"}
_PARAMS = '{"search": {"value": ""}, "visibleColumns": ["x"], "columns": [], "order": []}'


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that the portal's database gets meanwhile."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)


def ask(app: Any, stage: Stage, visitor: str, route: str, ids: dict[str, str]) -> tuple[int, str, list[str]]:
    with statements() as seen:
        method, address = route.split(" ", 1) if route[0] != "/" else ("GET", route)
        form = {"data": {**_FORM, "params": _PARAMS}} if method == "POST" else {}
        client = app.test_client(use_cookies=False)
        try:
            answer = client.open(
                address.format(**ids), method=method, headers=stage.headers(visitor), follow_redirects=False, **form
            )
        except Exception as error:  # noqa: BLE001 - what CKAN does not catch has to be the same for both, too
            return 500, type(error).__name__, list(seen)
    text = answer.get_data(as_text=True)
    for name, value in ids.items():
        text = text.replace(value, name)
    return answer.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", lasting(text)), list(seen)


def ids_of(dataset: Dataset) -> dict[str, str]:
    found = {"id": dataset.id, "file": dataset.file, "link": dataset.link, "view": dataset.view, "alias": dataset.alias}
    return {**found, "place": f"{dataset.file[:3]}/{dataset.file[3:6]}/{dataset.file[6:]}"}


def invented() -> dict[str, str]:
    found = {name: str(uuid.uuid4()) for name in ("id", "file", "link", "view")}
    found["alias"] = f"aliasnotopen{found['id'][:8]}"
    return {**found, "place": f"{found['file'][:3]}/{found['file'][3:6]}/{found['file'][6:]}"}


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """An object that the collector takes between two statements is loaded once more: chance, and no answer to anybody."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("visitor", ["anonymous", "signed_in", "running"])
@pytest.mark.parametrize("shut", [False, True])
def test_status_words_and_work_are_those_of_nothing(app: Any, stage: Stage, visitor: str, shut: bool) -> None:
    dataset = stage.datasets["not_open", shut]
    differing = {}
    for route in ROUTES:
        ask(app, stage, visitor, route, invented())  # what is loaded but once is loaded now
        there = ask(app, stage, visitor, route, ids_of(dataset))
        nowhere = ask(app, stage, visitor, route, invented())
        assert there[0] in (302, 400, 401, 403, 404, 409, 500), route
        if there[:2] != nowhere[:2]:
            differing[route] = (there[:2], nowhere[:2])
        elif len(there[2]) != len(nowhere[2]):
            more = [line for line in there[2] if line not in nowhere[2]] or [
                line for line in nowhere[2] if line not in there[2]
            ]
            differing[route] = (len(there[2]), len(nowhere[2]), [line[:160] for line in more])
    assert differing == {}
