"""Real workers that are killed at any moment, a Redis that is lost with all that stood in it: each dataset is there once."""

from __future__ import annotations

import datetime
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.plugins import toolkit as tk

from ckanext.govdata.columns import now
from ckanext.govdata_harvest import history
from ckanext.govdata_harvest.jobs import queue
from ckanext.govdata_harvest.jobs.domain import OPEN
from ckanext.govdata_harvest.jobs.watch import tick
from ckanext.govdata_harvest.source_model import HarvestJob, HarvestPlanned, HarvestSource

from .conftest import adds_up, stored
from .sources import act, make, row
from .workers import Workers, own_redis, workers

ALL = bool(os.environ.get("GOVDATA_TEST_ALL"))
KILLS, ROWS = (100, 2_000) if ALL else (10, 120)
SMALL = {"batch_size": 5, "watch_seconds": 0, "lease_seconds": 5}
People = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.usefixtures("people"),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
    # What stood in Redis alone when it was lost is looked for after so many seconds.
    pytest.mark.ckan_config("govdata.harvest.lease_seconds", 5),
    pytest.mark.timeout(7_200),
]


@pytest.fixture
def kept(people: People, tmp_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A trusted source whose list lies in a folder and has so many rows; its run is due."""
    folder = tmp_path / "lists"
    folder.mkdir()
    monkeypatch.setitem(ckan_config, "govdata.harvest.folder", str(folder))

    def keep(size: int) -> None:
        (folder / "list.json").write_text(json.dumps([row(n) for n in range(size)], ensure_ascii=False), "utf-8")
        if not model.Session.scalar(sa.select(HarvestSource.id)):
            make(people["operator"], "stops", "folder", settings={"path": "."}, every_hours=24)
            act("source_trust", people["operator"], id="stops", trusted=True)
        # Letters to the people that were made, which are none of this test's business.
        jobs.get_queue(queue.QUEUE).empty()
        model.Session.execute(sa.update(HarvestSource).values(due_at=now() - datetime.timedelta(hours=1)))
        model.Session.commit()

    return keep


def job() -> HarvestJob:
    """The newest run."""
    model.Session.rollback()
    newest = sa.select(HarvestJob).order_by(HarvestJob.created_at.desc()).limit(1)
    found = model.Session.scalar(newest.execution_options(populate_existing=True))
    assert found is not None
    return found


def is_open() -> bool:
    return job().state in [state.value for state in OPEN]


def there() -> int:
    model.Session.rollback()
    return model.Session.query(model.Package).count()


def wait_until(true: Callable[[], bool], looking: Callable[[], Any] = lambda: None, seconds: float = 240) -> None:
    """Until it is so; meanwhile look again and again, as the portal's own watch does."""
    until = time.monotonic() + seconds
    while not true():
        found = job()
        assert time.monotonic() < until, (found.state, found.cause, found.lease_by, found.queued_at, there())
        looking()
        time.sleep(0.02)


def watched(running: Workers) -> Callable[[], None]:
    """The watch looks, and whoever looks after the processes starts a worker where there is none."""

    def look() -> None:
        tick()
        running.ensure()

    return look


def each_is_there_once(size: int) -> None:
    report = job().report
    adds_up(report)
    assert (job().state, report["added"], report["read"]) == ("finished", size, size)
    keys = Counter(package.extras["list_key"] for package in stored())
    assert (len(keys), max(keys.values())) == (size, 1)
    outcome = Counter(model.Session.scalars(sa.select(HarvestPlanned.state).where(HarvestPlanned.job_id == job().id)))
    assert outcome == {"done": size}
    assert [(one["state"], one["added"]) for one in history.runs()] == [("finished", size)]
    assert (job().lease_by, job().lease_until) == ("", None)
    found = tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True, "rows": 0})
    assert found["count"] == size


def test_a_worker_is_killed_at_any_moment_and_the_run_ends_right(
    kept: Callable[[int], None], ckan_config: Any, tmp_path: Path
) -> None:
    kept(ROWS)
    chance = Random(7)
    met = 0
    with workers(ckan_config, tmp_path, **SMALL, folder=ckan_config["govdata.harvest.folder"]) as running:
        assert tick()["started"] == 1
        while met < KILLS and is_open():
            running.ensure()
            wanted = there() + chance.randint(0, ROWS // KILLS)
            wait_until(lambda wanted=wanted: there() >= wanted or not is_open(), watched(running))
            time.sleep(chance.uniform(0, 0.1))
            met += bool(job().lease_by)
            running.kill(horse=chance.random() < 0.3)
        wait_until(lambda: not is_open(), watched(running))
    print(f"{met} kills met the run at work; {job().report['added']} added")
    assert met >= KILLS // 2, "too few kills met the run"
    each_is_there_once(ROWS)


def test_redis_is_away_lost_and_back_and_the_run_ends_right(
    kept: Callable[[int], None], ckan_config: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 40
    kept(rows)
    with (
        own_redis(ckan_config, monkeypatch) as redis,
        workers(ckan_config, tmp_path, **SMALL, folder=ckan_config["govdata.harvest.folder"]) as running,
    ):
        redis.kill()
        assert tick() == {"started": 1, "handed_on": 0}, "nothing is lost where Redis does not answer"
        assert job().state == "queued"
        redis.start()
        assert tick()["handed_on"] == 1, "the run is handed on when Redis is there again"
        wait_until(lambda: there() >= rows // 3, watched(running))
        redis.kill()
        redis.start()
        wait_until(lambda: not is_open(), watched(running))
    each_is_there_once(rows)


@pytest.mark.long
def test_a_run_is_cancelled_while_a_worker_is_at_it_and_the_next_goes_on(
    people: People, kept: Callable[[int], None], ckan_config: Any, tmp_path: Path
) -> None:
    rows = 40
    kept(rows)
    with workers(ckan_config, tmp_path, **SMALL, folder=ckan_config["govdata.harvest.folder"]) as running:
        tick()
        wait_until(lambda: there() >= 5, watched(running))
        first = job().id
        act("run_cancel", people["decider"], id=first)
        wait_until(lambda: not is_open(), watched(running))
        written = there()
        kept(rows)
        wait_until(lambda: job().id != first and not is_open(), watched(running))
    cancelled = act("run_show", people["decider"], id=first)
    report = job().report
    assert (cancelled["state"], job().state) == ("cancelled", "finished")
    assert 5 <= written < rows
    assert (report["added"], report["unchanged"]) == (rows - written, written)
    assert max(Counter(package.extras["list_key"] for package in stored()).values()) == 1
