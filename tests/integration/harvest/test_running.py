"""Runs on CKAN's background jobs: killed workers, a lost Redis, twenty sources, a source that is slow, schedules."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk

from ckanext.govdata.columns import now
from ckanext.govdata_harvest import history
from ckanext.govdata_harvest.jobs import queue
from ckanext.govdata_harvest.jobs.watch import tick
from ckanext.govdata_harvest.source_model import HarvestJob, HarvestPlanned, HarvestSource

from .conftest import adds_up, stored
from .sources import act, hand_in, make, row, through

ALL = bool(os.environ.get("GOVDATA_TEST_ALL"))
KILLS, ROWS = (100, 2_000) if ALL else (10, 200)
ROOT = Path(__file__).parents[3]
People = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.usefixtures("people"),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
    pytest.mark.ckan_config("govdata.harvest.host_pause_ms", 0),
    pytest.mark.ckan_config("govdata.harvest.inner_networks", "127.0.0.0/8"),
    pytest.mark.timeout(7_200),
]


class Worker:
    """A worker of background jobs that can be killed with everything it started, and begun anew."""

    def __init__(self, ini: Path) -> None:
        self._ini = ini
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.integration.harvest.worker", str(self._ini)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def worker(ckan_config: dict[str, Any], tmp_path: Path) -> Iterator[Worker]:
    ini = tmp_path / "worker.ini"
    kept = ("ckan.storage_path", "govdata.search.index_path", "ckan.plugins")
    own = "".join(f"{key} = {value}\n" for key in kept if isinstance(value := ckan_config.get(key), str))
    own += "govdata.harvest.batch_size = 10\ngovdata.harvest.lease_seconds = 5\ngovdata.city = guiyang\n"
    ini.write_text(f"[app:main]\nuse = config:{ckan_config['__file__']}\n{own}", "utf-8")
    running = Worker(ini)
    yield running
    running.kill()


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


def done_steps(run: dict[str, Any]) -> int:
    model.Session.rollback()
    found = sa.select(sa.func.count()).where(HarvestPlanned.job_id == run["id"], HarvestPlanned.state == "done")
    return int(model.Session.scalar(found) or 0)


def whole(people: People, run: dict[str, Any], size: int) -> None:
    """Each dataset is there once, the sums are right, and nothing is stuck."""
    run = act("run_show", people["decider"], id=run["id"])
    assert (run["state"], run["counts"]["added"]) == ("finished", size), run
    adds_up(run["report"])
    keys = Counter(package.extras["list_key"] for package in stored())
    assert (len(keys), max(keys.values())) == (size, 1)
    found = tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True, "rows": 0})
    assert found["count"] == size
    assert Counter(one["state"] for one in history.runs("stops")) == {"finished": 1}
    step = sa.text("select count(*), count(distinct package_id) from govdata_harvest_step")
    assert tuple(model.Session.execute(step).one()) == (size, size), "each entry stands in the record once"


def test_workers_are_killed_at_any_moment_and_redis_is_lost(
    people: People, listed: Callable[..., Path], worker: Worker, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.harvest.lease_seconds", 5)
    run = sent(people, listed, ROWS)
    chance = Random(7)
    killed = 0
    for number in range(KILLS):
        worker.start()
        wanted = done_steps(run) + chance.randint(0, max(1, ROWS // KILLS))
        wait_until(lambda wanted=wanted: done_steps(run) >= min(wanted, ROWS) or not states()["applying"])
        time.sleep(chance.uniform(0, 0.3))
        killed += bool(states()["applying"])
        worker.kill()
        if number == KILLS // 2:
            # Redis comes back without anything in it.
            connect_to_redis().flushdb()
        _forget_the_queue(run)
        assert tick()["handed_on"] in (0, 1)
    assert killed > KILLS // 3, "the kills met no run"
    worker.start()
    wait_until(lambda: bool(states()["finished"]), 600)
    print({"kills": KILLS, "met a run": killed, "rows": ROWS})
    whole(people, run, ROWS)


def _forget_the_queue(run: dict[str, Any]) -> None:
    """A run that nobody has looked at for long is handed on; here at once."""
    model.Session.execute(sa.update(HarvestJob).where(HarvestJob.id == run["id"]).values(queued_at=None))
    model.Session.commit()


def test_redis_is_away_while_a_run_starts(
    people: People, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as Away

    def away(*_args: Any, **_more: Any) -> None:
        raise Away("Connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(queue.tk, "enqueue_job", away)
        run = sent(people, listed, 3)
    assert run["state"] == "applying"
    assert tick()["handed_on"] == 1, "the run is handed on when Redis is there again"
    assert through(people["decider"], run)["state"] == "finished"


def test_twenty_sources_take_turns_and_a_slow_one_keeps_only_itself_waiting(
    people: People, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    monkeypatch.setitem(ckan_config, "govdata.harvest.slice_seconds", 0)
    monkeypatch.setitem(ckan_config, "govdata.harvest.batch_size", 5)
    monkeypatch.setitem(ckan_config, "govdata.harvest.fetch_seconds", 3)
    monkeypatch.setitem(ckan_config, "govdata.harvest.fetch_tries", 1)

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        if "slow" in handler.path:
            time.sleep(4)
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
    # Nobody has a second slice before everybody had a first one.
    applied = [job_id for job_id, state in order if state == "applying"]
    assert len(set(applied[:19])) == 19
    assert len(stored()) == 19 * 12


def _work_as_one_worker_would() -> list[tuple[str, str]]:
    """Take jobs from the queue one after another; each with the state in which it found its run."""
    from ckan.lib import jobs

    order = []
    waiting = jobs.get_queue(queue.QUEUE)
    while job := waiting.pop_job_id():
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


def test_what_a_source_does_wrong_is_said_and_tried_again_with_pauses(people: People) -> None:
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
