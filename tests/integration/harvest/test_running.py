"""Runs on CKAN's background jobs: twenty sources at once, a source that is slow, one that fails, a run that is cancelled."""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.columns import now
from ckanext.govdata_harvest.jobs import queue
from ckanext.govdata_harvest.jobs.watch import tick
from ckanext.govdata_harvest.source_model import HarvestJob, HarvestSource

from .conftest import stored
from .sources import act, hand_in, make, row, through

People = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.usefixtures("people"),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
    pytest.mark.ckan_config("govdata.harvest.host_pause_ms", 0),
    pytest.mark.ckan_config("govdata.harvest.inner_networks", "127.0.0.0/8"),
    pytest.mark.timeout(7_200),
]


@contextmanager
def served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/list.json"
    finally:
        server.shutdown()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def states() -> Counter[str]:
    model.Session.rollback()
    return Counter(model.Session.scalars(sa.select(HarvestJob.state)))


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, states()
        time.sleep(0.05)


def sent(people: People, listed: Callable[..., Path], size: int) -> dict[str, Any]:
    """A plan of so many new entries of a trusted source, sent to be applied."""
    make(people["decider"])
    act("source_trust", people["operator"], id="stops", trusted=True)
    run = hand_in(people["decider"], listed([row(n) for n in range(size)]))
    return act("plan_send", people["decider"], id=run["id"])


def test_twenty_sources_take_turns_and_a_slow_one_keeps_only_itself_waiting(
    people: People, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.harvest.slice_seconds", 0)
    monkeypatch.setitem(ckan_config, "govdata.harvest.batch_size", 5)
    monkeypatch.setitem(ckan_config, "govdata.harvest.fetch_seconds", 3)
    monkeypatch.setitem(ckan_config, "govdata.harvest.fetch_tries", 1)

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if "slow" in handler.path:
            time.sleep(4)
            return
        say(handler, body)

    rows = [{**row(n), "资源名称": f"册{n}"} for n in range(12)]
    with served(partial(answer, body=json.dumps(rows, ensure_ascii=False).encode())) as address:
        for number in range(20):
            name = "slow" if number == 0 else f"s{number}"
            make(people["decider"], name, "address", settings={"address": f"{address}?{name}"})
            act("source_trust", people["operator"], id=name, trusted=True)
        model.Session.execute(
            sa.update(HarvestSource).values(every_hours=24, due_at=now() - datetime.timedelta(hours=1))
        )
        model.Session.commit()
        assert tick()["started"] == 20
        order = _work_as_one_worker_would()
    assert states() == {"finished": 19, "queued": 1}
    slow = model.Session.scalar(sa.select(HarvestJob).where(HarvestJob.state == "queued"))
    assert slow is not None and (slow.cause, slow.not_before is not None) == ("source_too_slow", True)
    # Nobody stays while somebody else waits. A run may stand in the queue twice, by itself and by whoever fetched for it on
    # the way, and where the two places meet it has two slices in a row, never three.
    for place, (job_id, state) in enumerate(order[:-2]):
        others = {later for later, _ in order[place + 1 :]} - {job_id}
        assert state != "applying" or not others or {later for later, _ in order[place + 1 : place + 3]} != {job_id}
    assert Counter(state for _, state in order)["applying"] > 19
    assert len(stored()) == 19 * 12


def _work_as_one_worker_would() -> list[tuple[str, str]]:
    """Take jobs from the queue one after another; each with the state in which it found its run."""
    from ckan.lib import jobs

    order = []
    waiting = jobs.get_queue(queue.QUEUE)
    while waiting.count:
        job = str(waiting.pop_job_id())
        found = jobs.job_from_id(job)
        waiting.remove(job)
        if not found.func_name.endswith("go_on"):
            continue
        job_id = found.args[0]
        model.Session.rollback()
        run = model.Session.get(HarvestJob, job_id)
        order.append((job_id, run.state if run else ""))
        queue.go_on(job_id)
    return order


def test_what_a_source_does_wrong_is_said_and_tried_again_with_pauses(
    people: People, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Within one visit it is asked but once here: its own pauses are the door's business.
    monkeypatch.setitem(ckan_config, "govdata.harvest.fetch_tries", 1)

    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.send_error(503)

    with served(broken) as address:
        make(people["decider"], "bad", "address", settings={"address": address})
        model.Session.commit()
        run = through(people["decider"], act("run_start", people["decider"], id="bad"))
        pauses = []
        while run["state"] == "queued":
            job = model.Session.get(HarvestJob, run["id"], populate_existing=True)
            assert job is not None and job.not_before is not None
            pauses.append(round((job.not_before - now()).total_seconds() / 60))
            job.not_before = None
            model.Session.commit()
            run = through(people["decider"], run)
    assert pauses == [1, 5, 30, 120]
    assert run["state"] == "failed" and "503" in run["error"]
    source = act("source_show", people["decider"], id="bad")
    assert source["failures"] == 1 and source["last_run"]["error"]
    assert stored() == []


def test_tombstones_that_cannot_be_read_change_nothing_and_the_report_says_so(people: People) -> None:
    entry = {"id": "r1", "name": "a", "title": "停车场名录", "resources": [], "open_tier": "unconditional"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        result = {"success": True, "result": {"count": 1, "results": [entry]}}
        say(handler, b"<h1>!</h1>" if "withdrawn_list" in handler.path else json.dumps(result).encode())

    with served(answer) as address:
        make(people["decider"], "district", "portal", settings={"address": address.removesuffix("/list.json")})
        run = through(people["decider"], act("run_start", people["decider"], id="district"))
    assert (run["state"], run["counts"]["added"]) == ("planned", 1)
    assert "tombstones_unreadable" in [problem["cause"] for problem in run["report"]["problems"]]
    lines = act("report_show", people["decider"], id=run["id"])["lines"]
    assert any("cannot be read" in line for line in lines)


def test_a_run_is_cancelled_before_and_while_it_is_worked_on(people: People, listed: Callable[..., Path]) -> None:
    run = sent(people, listed, 5)
    with pytest.raises(tk.ValidationError, match="still open"):
        act("run_start", people["decider"], id="stops", upload=_file(listed([row(1)])))
    run = act("run_cancel", people["decider"], id=run["id"])
    assert run["state"] == "cancelled" and stored() == []
    with pytest.raises(tk.ValidationError, match="has ended"):
        act("run_cancel", people["decider"], id=run["id"])
    again = hand_in(people["decider"], listed([row(1)]), dry=True)
    assert (again["state"], again["counts"]["added"], stored()) == ("finished", 1, [])


def _file(path: Path) -> Any:
    from werkzeug.datastructures import FileStorage

    return FileStorage(path.open("rb"), filename=path.name)
