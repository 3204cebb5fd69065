"""The statistics: what requests become counts, and that a recount finds the same."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.uses import counting
from ckanext.govdata.uses.agents import known_agents
from ckanext.govdata.uses.domain import Asked, Kind, counts, visitor_key
from ckanext.govdata.uses.model import UseCount

from .recount import Request, month, recount

pytestmark = pytest.mark.requirement("LYG-37", "LYG-21")

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SIZE = 200_000 if os.environ.get("GOVDATA_TEST_ALL") else 5_000


def taken_in(request: Request) -> dict[str, Any] | None:
    """What the portal keeps of a request, by the portal's own rules."""
    kind = Kind(request.kind)
    client = known_agents().client(request.agent)
    if client is None or not counts(Asked(request.method, request.status, request.range, request.agent), kind):
        return None
    visitor = visitor_key(b"key", request.user, request.address, request.agent)
    return {
        "at": request.at, "dataset_id": request.dataset, "kind": kind.value, "client": client.value,
        "item": request.item, "visitor": visitor,
    }  # fmt: skip


def counted() -> dict[tuple[str, str, str], int]:
    model.Session.commit()
    return {(row.dataset_id, row.kind, row.client): row.count for row in model.Session.scalars(sa.select(UseCount))}


@pytest.mark.usefixtures("portal")
def test_the_statistics_of_a_month_equal_an_independent_recount() -> None:
    requests = month(SIZE, [f"dataset-{n}" for n in range(20)])
    events = [event for event in map(taken_in, requests) if event]
    # As in life: summed up again and again while requests come in, here nine times at odd moments.
    for start in range(0, len(events), len(events) // 9):
        portion = events[start : start + len(events) // 9]
        counting.keep_events(portion)
        counting.sum_up(portion[-1]["at"] - counting.SETTLING)
    counting.sum_up(datetime.datetime(2026, 11, 2))
    assert counted() == recount(requests)
    assert model.Session.execute(sa.text("SELECT count(*) FROM govdata_use_event")).scalar() == 0


@pytest.mark.usefixtures("portal")
def test_summing_up_twice_at_once_counts_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    events = [event for event in map(taken_in, month(600, ["d"])) if event]
    counting.keep_events(events)
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(counting.sum_up, datetime.datetime(2026, 11, 2)) for _ in range(4)]
    assert sum(one.result() for one in done if not one.exception()) == len(events)
    assert counted() == recount(month(600, ["d"]))


def waiting() -> list[tuple[str, str]]:
    model.Session.commit()
    rows = model.Session.execute(sa.text("SELECT kind, client FROM govdata_use_event ORDER BY id"))
    return [(kind, client) for kind, client in rows]


@pytest.fixture
def file(make_entry: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    from werkzeug.datastructures import FileStorage

    entry = make_entry(publication="published", title_en="Car parks")
    upload = FileStorage(io.BytesIO("名称\n甲\n".encode()), filename="list.csv")
    made = call_action(
        "resource_create",
        {"user": "administrator"},
        package_id=entry["id"],
        name="名录",
        format="CSV",
        upload=upload,
        url="",
    )
    model.Session.execute(sa.text("DELETE FROM govdata_use_event"))
    model.Session.commit()
    return {**made, "dataset": entry["name"]}


def test_views_downloads_and_calls_are_counted_over_http(app: Any, file: dict[str, Any]) -> None:
    dataset, resource = file["dataset"], file["id"]
    download = f"/dataset/{dataset}/resource/{resource}/download/list.csv"
    app.get(f"/dataset/{dataset}", headers=FIREFOX)
    app.get(f"/en/dataset/{dataset}", headers=FIREFOX)
    app.get(download, headers=FIREFOX)
    app.get(f"/api/action/package_show?id={dataset}", headers={"User-Agent": "curl/8.5.0"})
    assert waiting() == [("view", "person"), ("view", "person"), ("download", "person"), ("api", "script")]


def test_what_is_no_use_is_not_counted_over_http(app: Any, file: dict[str, Any]) -> None:
    dataset, resource = file["dataset"], file["id"]
    download = f"/dataset/{dataset}/resource/{resource}/download/list.csv"
    app.get(f"/dataset/{dataset}", headers={"User-Agent": "Baiduspider/2.0"})
    app.test_client().head(download, headers=FIREFOX)
    app.get("/dataset/no-such-dataset", headers=FIREFOX)
    app.get(download, headers={**FIREFOX, "Range": "bytes=3-5"})
    app.get("/dataset/", headers=FIREFOX)
    app.get("/api/action/package_show?id=no-such-dataset", headers=FIREFOX)
    assert waiting() == []


def test_the_counts_are_shown_with_the_dataset_and_given_as_open_data(app: Any, file: dict[str, Any]) -> None:
    for number in range(3):
        app.get(f"/dataset/{file['dataset']}", headers={"User-Agent": f"{FIREFOX['User-Agent']} {number}"})
    counting.sum_up(datetime.datetime(2100, 1, 1))
    [shown] = call_action("govdata_use_statistics", id=file["dataset"])["months"]
    assert (shown["views"], shown["views_by_scripts"], shown["downloads"]) == (3, 0, 0)
    rows = list(csv.DictReader(io.StringIO(app.get("/statistics/uses.csv").text.lstrip("\ufeff"))))
    assert [(row["dataset"], row["views"]) for row in rows] == [(file["dataset"], "3")]
    assert app.get("/statistics/uses.json").json == [{"dataset": file["dataset"], **shown}]


def test_entries_that_are_not_public_stand_in_no_open_statistics(
    app: Any, file: dict[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    app.get(f"/dataset/{file['dataset']}", headers=FIREFOX)
    counting.sum_up(datetime.datetime(2100, 1, 1))
    closed = {"open_tier": "not_open", "reason": "涉及个人信息"}
    call_action("govdata_tier_change_propose", {"user": "administrator"}, id=file["dataset"], **closed)
    assert app.get("/statistics/uses.json").json == []
    app.get(f"/api/action/govdata_use_statistics?id={file['dataset']}", status=404)
