"""A drill (LYG-34, GY-c7): the whole path of a withdrawal on a copy of a dataset, with the seconds until each route is shut.

Guarantee: the dataset itself is only read; the copy is purged at the end, and the drill is on record whether it went well or not.
"""

from __future__ import annotations

import contextlib
import io
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins as p
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ...ledger import journal
from ...stored import path_of
from ...tables.loader import load_table
from ...uses import tracing as uses
from ...workflow import cases
from . import carried, cleaning, holders, withdrawing
from .domain import AUTHORITY, OPERATOR
from .model import Drill

_PATIENCE = 30.0
_FEW_ROWS = "编号,名称\r\n1,{planted}\r\n2,演练\r\n"
# An answer with one of these gives nothing of the data.
_SHUT = (401, 403, 404, 409, 410)


@dataclass
class Rehearsal:
    """What a drill found: seconds to zero access by route, holders of the dataset itself, and what went wrong."""

    case_id: str = ""
    drill_id: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    holders: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.faults and bool(self.seconds)


def rehearse(application: Any, dataset: model.Package, first: model.User, second: model.User) -> Rehearsal:
    """Walk the path on a copy: `first` withdraws and proposes, `second` opens again; records the drill, purges the copy."""
    found = Rehearsal()
    uses.project()
    found.holders = len(holders.find(dataset.id))
    planted = f"drill{secrets.token_hex(8)}"
    copy_id = _copy(dataset, planted, first)
    try:
        with _token(first) as token:
            _walk(application.test_client(), found, copy_id, planted, token, (first, second))
    finally:
        _record(found, dataset, first)
        _purge(copy_id)
    return found


def _walk(
    client: Any, found: Rehearsal, copy_id: str, planted: str, token: str, people: tuple[model.User, model.User]
) -> None:
    routes = _routes(client, copy_id, token)
    found.faults += [f"{name} gives nothing before" for name, ask in routes.items() if planted not in ask()[1]]
    package = model.Session.get(model.Package, copy_id)
    if package is None:
        raise LookupError(copy_id)
    row = withdrawing.withdraw(
        package, people[0].id, OPERATOR, "演练", f"演练 {planted[:6]}", notice_title=tk._("Drill"), drill=True
    )
    found.case_id = row.case_id
    model.Session.commit()
    began = time.monotonic()
    for name, ask in routes.items():
        found.seconds[name] = _until_shut(ask, planted, began)
    found.faults += [f"{name} is still open" for name, taken in found.seconds.items() if taken >= _PATIENCE]
    cleaning.follow(found.case_id)
    found.seconds["sealed"] = round(time.monotonic() - began, 3)
    for name, address in _TOLD.items():
        found.seconds[name] = _until_untold(_asked(client, address.format(id=copy_id), token), planted, began)
        found.faults += [f"{name} still tells of it"] if found.seconds[name] >= _PATIENCE else []
    _answers(found.case_id, people[0])
    _open_again(found.case_id, people)
    found.faults += [f"{name} gives back what leaked" for name, ask in routes.items() if planted in ask()[1]]


# What tells of an entry rather than giving its data; when all is sealed, nothing of what leaked is in it.
_TOLD = {
    "metadata": "/api/3/action/package_show?id={id}",
    "search": "/api/3/action/package_search?q=id:{id}&include_private=true",
    "page": "/dataset/{id}",
}


def _until_untold(ask: Callable[[], tuple[int, str]], planted: str, began: float) -> float:
    while time.monotonic() - began < _PATIENCE and planted in ask()[1]:
        time.sleep(0.02)
    return round(time.monotonic() - began, 3)


def _until_shut(ask: Callable[[], tuple[int, str]], planted: str, began: float) -> float:
    while time.monotonic() - began < _PATIENCE:
        status, text = ask()
        if status in _SHUT and planted not in text:
            break
        time.sleep(0.02)
    return round(time.monotonic() - began, 3)


def _routes(client: Any, copy_id: str, token: str) -> dict[str, Callable[[], tuple[int, str]]]:
    """The ways to bytes and rows of the copy, each as a question to the running application."""
    package = model.Session.get(model.Package, copy_id)
    resource = package.resources[0] if package else None
    if package is None or resource is None:
        raise LookupError(copy_id)
    file = f"/dataset/{package.id}/resource/{resource.id}"
    addresses = {"file": f"{file}/download/data.csv", "version": f"{file}/version/1"}
    if resource.extras.get("datastore_active"):
        addresses["rows"] = f"/api/3/action/datastore_search?resource_id={resource.id}"
        addresses["dump"] = f"/datastore/dump/{resource.id}"
    if "rows" in addresses and tk.config.get("ckan.datastore.sqlsearch.enabled"):
        addresses["sql"] = f'/api/3/action/datastore_search_sql?sql=SELECT * FROM "{resource.id}"'  # noqa: S608 - an id of our own
    found = {name: _asked(client, address, token) for name, address in addresses.items()}
    return {**found, "range": _asked(client, addresses["file"], token, Range="bytes=0-999")}


def _asked(client: Any, address: str, token: str, **more: str) -> Callable[[], tuple[int, str]]:
    def now() -> tuple[int, str]:
        with client.get(address, headers={"Authorization": token, **more}) as answer:
            return _said(answer)

    return now


def _said(answer: Any) -> tuple[int, str]:
    try:
        return answer.status_code, answer.get_data(as_text=True)
    except Exception:  # noqa: BLE001 - a transfer that is broken off gives nothing
        return 403, ""


def _copy(dataset: model.Package, planted: str, by: model.User) -> str:
    """An entry of the same agency with a small table of its own; neither data nor text of the dataset is copied.

    It is unconditional whatever the dataset's tier: every route asks the one gate, and nothing closed may stand in a copy.
    """
    title = f"{tk._('Drill')} {planted}"
    fields = {"name": f"drill-{secrets.token_hex(6)}", "title": title, "open_tier": "unconditional"}
    made = tk.get_action("package_create")(_as(by), {**fields, "owner_org": dataset.owner_org, "notes": planted})
    upload = FileStorage(io.BytesIO(_FEW_ROWS.format(planted=planted).encode()), "data.csv")
    file = {"package_id": made["id"], "name": "data", "format": "CSV", "url": "f", "upload": upload}
    resource = tk.get_action("resource_create")(_as(by), file)
    if p.plugin_loaded("datastore"):
        load_table(resource["id"])
    return str(made["id"])


def _as(user: model.User) -> Context:
    """The portal itself acts, in somebody's name."""
    return Context(user=user.name, ignore_auth=True)


@contextlib.contextmanager
def _token(user: model.User) -> Iterator[str]:
    context: Any = {"user": user.name, "ignore_auth": True}
    made = tk.get_action("api_token_create")(context, {"user": user.name, "name": f"drill {secrets.token_hex(4)}"})
    try:
        yield str(made["token"])
    finally:
        tk.get_action("api_token_revoke")({"user": user.name, "ignore_auth": True}, {"token": made["token"]})


def _answers(case_id: str, by: model.User) -> None:
    context: Any = {"user": by.name}
    with contextlib.suppress(tk.ObjectNotFound):
        tk.get_action("govdata_withdrawal_confirm")(context, {"id": case_id, "answer": "演练"})


def _open_again(case_id: str, people: tuple[model.User, model.User]) -> None:
    """By two persons, as the machine and the tables ask."""
    from .actions import _open_again as reopen

    case = cases.get(case_id)
    package = model.Session.get(model.Package, case.dataset or "") if case else None
    if case is None or package is None:
        raise LookupError(case_id)
    tier = str((package.extras or {}).get("open_tier") or "")
    cases.take(case_id, "rework", people[0].id, OPERATOR, reason="演练")
    cases.take(case_id, "propose", people[0].id, OPERATOR, reason="演练", facts={"tier": tier})
    cases.take(case_id, "open-again", people[1].id, AUTHORITY)
    reopen(case, people[1].id)
    model.Session.commit()


def _record(found: Rehearsal, dataset: model.Package, by: model.User) -> None:
    model.Session.rollback()
    row = Drill(package_id=dataset.id, case_id=found.case_id, seconds=found.seconds, holders=found.holders)
    row.whole, row.by = found.whole, by.id
    model.Session.add(row)
    model.Session.flush()
    found.drill_id = row.id
    fields = {
        "govdata.dataset.id": dataset.id,
        "govdata.drill.id": row.id,
        "govdata.drill.seconds": {name: str(taken) for name, taken in found.seconds.items()} or None,
        "govdata.drill.holders": found.holders,
        "govdata.drill.faults": found.faults or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    journal.change("withdrawal-rehearsed", by.id, given, outcome="success" if found.whole else "failure")
    model.Session.commit()


def _purge(copy_id: str) -> None:
    package = model.Session.get(model.Package, copy_id)
    for resource in package.resources_all if package else ():
        path = path_of(resource)
        if path is not None:
            carried.remove(path)
    tk.get_action("dataset_purge")({"ignore_auth": True, "user": ""}, {"id": copy_id})
