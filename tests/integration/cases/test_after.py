"""After a withdrawal: no visitor gets a byte by any route, running transfers are broken off, and no address tells of it.

That it takes less than a second is measured in access/test_broken_off.py, without a socket's buffers in between.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.access.inventory import load
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.stored import path_of
from tests.integration.access.stage import PLUGINS, VISITORS, Dataset, Stage, add_dataset, add_grant, upload
from tests.integration.access.test_visitors import ROUTES
from tests.integration.access.web import Web

from .planted import planted

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26"),
]
TRANSFERS = ("anonymous", "running", "operator")
LINE = b"x,1\r\n"


@pytest.fixture
def word() -> str:
    return planted()


@pytest.fixture
def leaky(
    stage: Stage, word: str, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Dataset:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    found = add_dataset(stage, "unconditional", False, f"after-{model.types.make_uuid()[:8]}")
    context: Any = {"user": "administrator", "ignore_auth": True}
    call_action("package_patch", context, id=found.id, title=f"{word}名录", notes=f"含{word}", tag_string=f"{word}tag")
    for visitor in ("running", "columns_only"):
        add_grant(stage, visitor, found)
    return found


def withdraw(web: Web, stage: Stage, dataset: Dataset) -> str:
    order = {"id": dataset.id, "reason": "疑似泄露", "what": "误含经营者电话"}
    answer = web.post("/api/3/action/govdata_withdraw", json=order, headers=stage.headers("operator"))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.json["result"]["id"])


def rest_of(answer: requests.Response) -> int:
    """How many bytes still come, until the end or the breaking off."""
    got = 0
    try:
        for piece in answer.iter_content(1 << 20):
            got += len(piece)
    except requests.exceptions.RequestException:
        pass
    return got


def test_no_visitor_gets_a_byte_by_any_route_and_running_transfers_are_broken_off(
    web: Web, stage: Stage, leaky: Dataset
) -> None:
    size = 10_000_000
    large = upload(leaky.id, b"lot,spaces\r\n" + LINE * (size // len(LINE)), "large.csv", "large")
    before = {route: ask(web, stage, "anonymous", leaky) for route, ask in ROUTES.items()}
    assert sum(leaky.open_word in answer.get_data(as_text=True) for answer in before.values()) >= 10
    running = [web.stream(f"/dataset/{leaky.id}/resource/{large}/download", stage.headers(who)) for who in TRANSFERS]
    got = [len(next(answer.iter_content(1 << 16))) for answer in running]
    # As a web server has it that sends the file itself.
    handed_over = path_of(model.Resource.get(leaky.file)).open("rb")

    withdraw(web, stage, leaky)
    since = time.monotonic()
    assert handed_over.read() == b""
    for answer in running:
        assert rest_of(answer) + got[0] < size, "the transfer was broken off"
    print(f"{len(running)} transfers ended after {time.monotonic() - since:.2f} s")
    for visitor in VISITORS:
        for route, ask in ROUTES.items():
            answer = ask(web, stage, visitor, leaky)
            text = answer.get_data(as_text=True)
            assert leaky.open_word not in text and leaky.closed_word not in text, (visitor, route)
            assert answer.status_code in (302, 401, 403, 404, 409), (visitor, route, answer.status_code)


def filled(rule: str, dataset: Dataset) -> str | None:
    """An address of the inventory for this dataset; None where it names something else."""
    words = {"id": dataset.name, "resource_id": dataset.file, "view_id": dataset.view, "package_type": "dataset"}
    words |= {"resource_view_id": dataset.view, "_format": "ttl"}
    names = re.findall(r"<(?:[^:>]+:)?(\w+)>", rule)
    if not names or not {"id", "resource_id"} & set(names) or not set(names) <= set(words):
        return None
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: words[found[1]], rule)


def test_no_address_of_the_inventory_tells_of_what_leaked(
    app: Any, web: Web, stage: Stage, leaky: Dataset, word: str
) -> None:
    assert word in app.get(f"/api/3/action/package_show?id={leaky.id}").get_data(as_text=True)
    assert cleaning.follow(withdraw(web, stage, leaky))
    model.Session.rollback()
    inventory = load()
    # What has been seen by the administrator, from whom no metadata is hidden, has been seen by everybody.
    found, asked, refused = [], 0, 0
    words = (word, leaky.open_word, leaky.closed_word)
    addresses = {one for name in inventory.routes if (one := filled(name.split(" ", 1)[1], leaky))}
    for address in sorted(addresses):
        for visitor in ("administrator", "anonymous"):
            asked += 1
            try:
                answer = app.get(address, headers=stage.headers(visitor), follow_redirects=False)
            except (tk.ObjectNotFound, tk.NotAuthorized):
                refused += 1  # CKAN's own pages of people and groups, which no name of a dataset leads to
                continue
            if any(one in answer.get_data(as_text=True) for one in words):
                found.append((visitor, address))
    for action in inventory.actions:
        try:
            function: Any = tk.get_action(action)
        except KeyError:
            continue  # of a plugin that is not on here
        if not getattr(function, "side_effect_free", False):
            continue
        for query in (
            f"id={leaky.id}&q={leaky.name}&fq=name:{leaky.name}",
            f"id={leaky.file}&resource_id={leaky.file}",
        ):
            asked += 1
            answer = app.get(f"/api/3/action/{action}?{query}", headers=stage.headers("administrator"))
            if any(one in answer.get_data(as_text=True) for one in words):
                found.append((action, query))
    print(f"{asked} addresses and actions of the inventory asked, {refused} lead nowhere")
    assert found == []
    assert asked - refused > 200
