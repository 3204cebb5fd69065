"""The process in which a foreign harvester runs: `python -m ckanext.govdata_harvest.foreign.child`.

It has ckanext-harvest's tables in memory, no portal, and no way out but to ask its parent for an address. What the harvester
would write as a dataset is told. Lines of JSON go both ways: the parent's order, then questions and answers, last the end.
"""

from __future__ import annotations

import io
import json
import mimetypes
import socket
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import plugins as lib_plugins
from ckan.model import meta
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles

_AGENCY = "agency-of-the-source"
_MOST_MESSAGE = 300
Captured = dict[str, Any]


@compiles(JSONB, "sqlite")
def _as_json(*_all: Any, **_more: Any) -> str:
    return "JSON"


def main() -> None:
    """Run one harvester by the order that stands in the first line."""
    talk = sys.stdout
    # What a harvester prints must not be taken for an answer.
    sys.stdout = sys.stderr
    order = json.loads(sys.stdin.readline())

    def ask(**question: Any) -> dict[str, Any]:
        talk.write(json.dumps(question) + "\n")
        talk.flush()
        return json.loads(sys.stdin.readline())

    _shut_in(ask)
    try:
        end = _run(order, ask)
    except Exception as error:  # noqa: BLE001 - whatever a foreign harvester raises is told
        end = {"failed": f"{type(error).__name__}: {error}"[:_MOST_MESSAGE]}
    talk.write(json.dumps({"end": end}) + "\n")
    talk.flush()


def _shut_in(ask: Callable[..., dict[str, Any]]) -> None:
    """From here on an address is asked for through the parent's guarded door, or not at all."""

    def send(_adapter: Any, request: requests.PreparedRequest, **_more: Any) -> requests.Response:
        if request.method not in ("GET", "HEAD"):
            raise requests.ConnectionError(f"{request.method} is not allowed here")
        own = {name: value for name, value in request.headers.items() if name in ("Accept", "Authorization")}
        answer = ask(fetch=str(request.url), headers=own)
        response = requests.Response()
        response.url, response.request = str(request.url), request
        if "failed" in answer:
            raise requests.ConnectionError(answer["failed"])
        response.status_code = int(answer["status"])
        data = Path(answer["path"]).read_bytes() if answer.get("path") and request.method == "GET" else b""
        response.raw = io.BytesIO(data)
        response.encoding = "utf-8"
        kind, _ = mimetypes.guess_type(urlsplit(str(request.url)).path)
        response.headers["Content-Type"] = kind or "application/octet-stream"
        return response

    def refused(*_all: Any, **_more: Any) -> NoReturn:
        raise OSError("a harvester reaches other machines through the portal's door alone")

    requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]
    socket.socket.connect = refused  # type: ignore[method-assign]
    socket.create_connection = refused  # type: ignore[assignment]


def _run(order: dict[str, Any], ask: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    _database()
    captured: dict[str, Captured] = {}
    _actions(captured)
    harvester = _harvester(str(order["plugin"]))
    from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject, HarvestSource

    config = order["config"]
    if config and hasattr(harvester, "validate_config"):
        config = harvester.validate_config(config)
    source = HarvestSource(url=order["address"], type=harvester.info()["name"], config=config, title="source")
    source.save()
    model.Session.add(model.Package(id=source.id, name="source", type="harvest", owner_org=_AGENCY, state="active"))
    job = HarvestJob(source=source, status="Running")
    job.save()
    ids = harvester.gather_stage(job)
    errors = [error.message for error in model.Session.query(HarvestGatherError)]
    if ids is None or errors:
        return {"failed": (errors or ["gather_stage gave no list"])[0][:_MOST_MESSAGE]}
    return {"told": [told for one in ids for told in _one(harvester, HarvestObject.get(one), captured, ask)]}


def _one(
    harvester: Any, found: Any, captured: dict[str, Captured], ask: Callable[..., dict[str, Any]]
) -> Iterator[str]:
    """Fetch and import one object; the dataset is told at once, so that memory does not grow with the source."""
    guid = str(found.guid)
    captured.clear()
    if harvester.fetch_stage(found):
        harvester.import_stage(found)
    dataset = next(iter(captured.values()), None)
    error = "; ".join(str(one.message) for one in found.errors)[:_MOST_MESSAGE]
    if dataset is not None or error:
        ask(guid=guid, dataset=dataset, error="" if dataset is not None else error)
        yield guid


def _database() -> None:
    """The tables that harvesters know, in memory, and empty: nothing was harvested before, so everything is brought."""
    from ckanext.harvest import model as _harvest_tables  # noqa: F401

    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
    known = ("package", "group", "user", "resource", "tag", "package_tag", "member")
    tables = [table for name, table in meta.metadata.tables.items() if name.startswith("harvest_") or name in known]
    for table in tables:
        table.indexes.clear()
        table.constraints -= {one for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        for column in table.columns:
            column.constraints.clear()
            column.server_default = None

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _postgres_only(_c: Any, _cursor: Any, statement: str, parameters: Any, _ctx: Any, _many: bool) -> Any:
        return ("SELECT 1" if statement.startswith("SET CONSTRAINTS") else statement), parameters

    meta.engine = engine
    meta.Session.configure(bind=engine)
    meta.metadata.create_all(engine, tables=tables)
    lib_plugins.register_package_plugins()


def _actions(captured: dict[str, Captured]) -> None:
    """The actions that a harvester may call: those that write a dataset keep it, those that look find an empty portal."""

    def keep(context: Context, data_dict: DataDict) -> dict[str, Any]:
        captured[str(data_dict.get("id") or len(captured))] = json.loads(json.dumps(data_dict, default=str))
        return data_dict

    def show_package(context: Context, data_dict: DataDict) -> dict[str, Any]:
        found = model.Session.get(model.Package, data_dict["id"])
        if found is None:
            raise tk.ObjectNotFound("Dataset not found")
        return {"id": found.id, "name": found.name, "owner_org": found.owner_org}

    def absent(context: Context, data_dict: DataDict) -> NoReturn:
        raise tk.ObjectNotFound("not found")

    def nothing(context: Context, data_dict: DataDict) -> dict[str, Any]:
        return {}

    def site_user(context: Context, data_dict: DataDict) -> dict[str, Any]:
        return {"name": "harvest", "apikey": ""}

    known: dict[str, Callable[..., Any]] = {
        **dict.fromkeys(("package_create", "package_update", "package_create_rest", "package_update_rest"), keep),
        "package_show": show_package,
        **dict.fromkeys(("group_show", "organization_show", "user_show"), absent),
        **dict.fromkeys(("group_create", "organization_create", "package_delete"), nothing),
        "get_site_user": site_user,
    }
    logic._actions.clear()
    logic._actions.update(known)


def _harvester(plugin: str) -> Any:
    """The harvester behind a plugin's name. Raises LookupError where there is none, or it is no harvester."""
    found = next((point for point in entry_points(group="ckan.plugins") if point.name == plugin), None)
    made = found.load()() if found is not None else None
    if not all(hasattr(made, stage) for stage in ("gather_stage", "fetch_stage", "import_stage", "info")):
        raise LookupError(f"{plugin} is no harvester")
    return made


if __name__ == "__main__":
    main()
