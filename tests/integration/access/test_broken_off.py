"""Transfers that lose their leave: whatever ends it, they are broken off within a second, and the receiver sees it."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.access.parties.model import Block, Member
from ckanext.govdata.access.transfer import TransferStopped
from ckanext.govdata.columns import now

from .stage import PLUGINS, Dataset, Stage, entries, upload
from .taking import address
from .web import A_SECOND, Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]


@pytest.fixture
def large(stage: Stage, closed: Dataset) -> Iterator[str]:
    """A file of conditional data that takes a while."""
    if "large" not in stage.kept:
        stage.kept["large"] = upload(closed.id, b"lot,spaces\r\n" + b"x,1\r\n" * 2_000_000, "large.csv", "large")
    yield stage.kept["large"]


Ending = Callable[[Stage, Dataset], Callable[[], None]]


def _state(stage: Stage, dataset: Dataset, **values: Any) -> Callable[[], None]:
    row = stage.grant("running", dataset)
    before = {name: getattr(row, name) for name in values}

    def put(given: dict[str, Any]) -> None:
        row = stage.grant("running", dataset)
        for name, value in given.items():
            setattr(row, name, value)
        model.Session.commit()

    put(values)
    return lambda: put(before)


def suspended(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    grant = stage.grants["running", dataset.id]
    call_action("govdata_grant_suspend", {"user": "own-agency"}, id=grant, reason="违约")
    return lambda: call_action("govdata_grant_resume", {"user": "own-agency"}, id=grant, reason="已改正") and None


def ended(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    return _state(stage, dataset, ends_at=now())


def fewer_columns(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    return _state(stage, dataset, items=["lot"])


def party_blocked(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    end = now() + datetime.timedelta(days=1)
    row = Block(party_id=stage.parties["running"], breach="misuse", reason="违约", danger=True, state="in_force")
    row.until, row.reply_until, row.proposed_by = end, end, "portal"
    model.Session.add(row)
    model.Session.commit()

    def lift() -> None:
        model.Session.query(Block).delete()
        model.Session.commit()

    return lift


def member_left(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    person = stage.people["running"]
    assert person is not None

    def put(moment: Any, by: Any) -> None:
        term = model.Session.query(Member).filter(Member.user_id == person["id"]).one()
        term.ended_at, term.ended_by = moment, by
        model.Session.commit()

    put(now(), "portal")
    return lambda: put(None, None)


def switch_thrown(stage: Stage, dataset: Dataset) -> Callable[[], None]:
    call_action("govdata_shut", {"user": "operator"}, id=dataset.id, reason="疑似泄露")

    def open_again() -> None:
        call_action("govdata_open_again_propose", {"user": "own-agency"}, id=dataset.id, reason="已脱敏")
        call_action("govdata_open_again_decide", {"user": "authority"}, id=dataset.id, accept=True)

    return open_again


@pytest.mark.requirement("LYG-26", "LYG-40", "LYG-19")
@pytest.mark.parametrize("end", [suspended, ended, fewer_columns, party_blocked, member_left, switch_thrown])
@pytest.mark.parametrize("part", ["", "bytes=1-"])
def test_a_running_transfer_is_broken_off_within_a_second(
    app: Any, stage: Stage, closed: Dataset, large: str, end: Ending, part: str
) -> None:
    client = app.flask_app.test_client()
    headers = stage.headers("running") | ({"Range": part} if part else {})
    answer = client.get(address(closed, large), headers=headers, buffered=False)
    pieces = iter(answer.response)
    assert next(pieces)
    put_back = end(stage, closed)
    since = time.monotonic()
    try:
        with pytest.raises(TransferStopped):
            while time.monotonic() - since < 2 * A_SECOND:
                next(pieces)
                time.sleep(0.02)
        assert time.monotonic() - since < A_SECOND
        answer.close()
        again = app.get(address(closed, large), headers=headers)
        assert again.status_code == (200 if end is fewer_columns else 403)
    finally:
        put_back()
    last = [entry for entry in entries() if entry["event"]["action"] == "dataset-delivered"][-2:]
    assert "failure" in {entry["event"]["outcome"] for entry in last}
    json.dumps(last)


@pytest.mark.requirement("LYG-26")
def test_behind_a_socket_the_receiver_sees_a_broken_transfer_and_no_whole_file(
    web: Web, stage: Stage, closed: Dataset, large: str
) -> None:
    answer = web.stream(address(closed, large), stage.headers("running"))
    pieces = answer.iter_content(1 << 16)
    got = len(next(pieces))
    put_back = suspended(stage, closed)
    since = time.monotonic()
    try:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for piece in pieces:
                got += len(piece)
                time.sleep(0.05)
        # What had left before lies in the sockets' buffers; the server has sent nothing more.
        assert got < int(answer.headers["Content-Length"])
        assert time.monotonic() - since < 10
    finally:
        put_back()


@pytest.mark.requirement("LYG-26")
def test_a_dump_is_broken_off_too(app: Any, stage: Stage, closed: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckanext.govdata.access.transfer.ASK_AGAIN_SECONDS", 0.0)
    client = app.flask_app.test_client()
    answer = client.get(f"/datastore/dump/{closed.file}", headers=stage.headers("running"), buffered=False)
    put_back = suspended(stage, closed)
    try:
        with pytest.raises((TransferStopped, tk.NotAuthorized)):
            list(answer.response)
    finally:
        put_back()
