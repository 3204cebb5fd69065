"""Taking lists in, side by side with ckanext-harvest on the same CKAN and the same records, and a list of 100,000 rows.

Both read the same made-up CKAN portal. ckanext-harvest's stages are called one after another, without its queues, which is its
fastest way; its second run is told to look at all datasets, as ours does. GOVDATA_BENCH_RECORDS: how many (2000), of which
ckanext-harvest takes GOVDATA_BENCH_THEIRS (all); GOVDATA_BENCH_ROWS: rows of the long list (100000, 0 for none).
"""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk

from tests.beside import CKAN
from tests.beside import run as command

_PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest harvest ckan_harvester"


def main() -> Iterator[Mapping[str, object]]:
    count = int(os.environ.get("GOVDATA_BENCH_RECORDS", "2000"))
    theirs = int(os.environ.get("GOVDATA_BENCH_THEIRS", str(count)))
    rows = int(os.environ.get("GOVDATA_BENCH_ROWS", "100000"))
    with tempfile.TemporaryDirectory() as folder:
        ini = _ini(Path(folder))
        for words in (["db", "init"], ["db", "pending-migrations", "--apply"]):
            command(*CKAN, "-c", str(ini), *words)
        application: Any = make_app(CKANConfigLoader(str(ini)).get_config())
        with application._wsgi_app.test_request_context():
            agency = _agency()
            # First, so that the memory of its processes is that of a fresh worker.
            if rows:
                yield from _long_list(rows, agency, Path(folder))
            yield from _side_by_side(count, theirs, agency)


def _ini(folder: Path) -> Path:
    ini = folder / "bench.ini"
    base = os.environ["CKAN_INI"]
    given = {
        "ckan.plugins": _PLUGINS,
        "govdata.city": "guiyang",
        "govdata.search.index_path": str(folder / "index"),
        "ckan.storage_path": str(folder / "storage"),
        "govdata.harvest.folder": str(folder),
        "govdata.harvest.inner_networks": "127.0.0.0/8",
        "govdata.harvest.host_pause_ms": "0",
        "govdata.harvest.tombstone_seconds": "0",
        "govdata.harvest.slice_seconds": "3600",
    }
    lines = [f"{key} = {value}" for key, value in given.items()]
    ini.write_text("\n".join(["[app:main]", f"use = config:{base}", *lines, ""]), "utf-8")
    return ini


def _agency() -> dict[str, Any]:
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    wanted = {"name": "bureau", "title": "交通运输局"}
    return {**tk.get_action("organization_create")({"ignore_auth": True, "user": site}, wanted), "site": site}


def _side_by_side(count: int, theirs: int, agency: dict[str, Any]) -> Iterator[Mapping[str, object]]:
    rates: dict[str, float] = {}
    for number, name, run in ((theirs, "ckanext-harvest 1.6.3", _theirs), (count, "ours", _ours)):
        with _Served(number) as address:
            work = run(address, agency)
            for what in ("first import", "again, nothing changed"):
                row = _measured(f"{name}: {what}", number, work)
                rate = float(str(row["records/s"]))
                row["times theirs"] = round(rate / rates[what], 1) if what in rates else ""
                rates.setdefault(what, rate)
                yield row


class _Served:
    """The made-up portal in a process of its own."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __enter__(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, str(Path(__file__).with_name("_portal.py")), str(port), str(self._count)]
        self._process = subprocess.Popen(command)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return f"http://127.0.0.1:{port}"
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the made-up portal does not answer")

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()


def _theirs(address: str, agency: dict[str, Any]) -> Callable[[], dict[str, int]]:
    """A source of ckanext-harvest; each call is a run of it."""
    from ckan import plugins as p
    from ckanext.harvest import queue
    from ckanext.harvest.interfaces import IHarvester
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    site = {"ignore_auth": True, "user": agency["site"]}
    fields = {"name": "theirs", "title": "theirs", "url": address, "source_type": "ckan", "owner_org": agency["id"]}
    made = tk.get_action("harvest_source_create")(dict(site), {**fields, "config": json.dumps({"force_all": True})})
    harvester = next(one for one in p.PluginImplementations(IHarvester) if one.info()["name"] == "ckan")

    def run() -> dict[str, int]:
        job = HarvestJob(source=HarvestSource.get(made["id"]), status="Running")
        job.save()
        found: dict[str, int] = {}
        for object_id in queue.gather_stage(harvester, job) or ():
            one = HarvestObject.get(object_id)
            queue.fetch_and_import_stages(harvester, one)
            found[str(one.report_status)] = found.get(str(one.report_status), 0) + 1
        job.status = "Finished"
        job.save()
        return found

    return run


def _ours(address: str, agency: dict[str, Any]) -> Callable[[], dict[str, int]]:
    """A source of ours that reads the same portal; each call is a run of it, from the question to its report."""
    settings = {"address": address, "tier_field": "open_type"}
    return _source("ours", "ckan", settings, agency)


def _source(name: str, kind: str, settings: dict[str, str], agency: dict[str, Any]) -> Callable[[], dict[str, int]]:
    from ckanext.govdata_harvest.jobs.domain import WORKING
    from ckanext.govdata_harvest.jobs.working import work
    from ckanext.govdata_harvest.source_model import HarvestJob, HarvestSource

    by = model.User.get(agency["site"])
    assert by is not None
    source = HarvestSource(
        name=name, title=name, kind=kind, agency_id=agency["id"], settings=settings, trusted=True, created_by=by.id
    )
    model.Session.add(source)
    model.Session.commit()
    source_id, user_id = source.id, by.id

    def run() -> dict[str, int]:
        job = HarvestJob(source_id=source_id, started_by=user_id, scheduled=True)
        model.Session.add(job)
        model.Session.commit()
        job_id = job.id
        while True:
            work(job_id)
            model.Session.expire_all()
            found = model.Session.get(HarvestJob, job_id)
            assert found is not None
            if found.state not in [state.value for state in WORKING]:
                break
        if found.state != "finished":
            raise RuntimeError(f"{found.state}: {found.cause} {found.detail}")
        return {name: found.report[name] for name in ("added", "changed", "unchanged", "held", "refused")}

    return run


def _measured(what: str, count: int, work: Callable[[], dict[str, int]]) -> dict[str, object]:
    statements = 0

    def note(*_all: object) -> None:
        nonlocal statements
        statements += 1

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    begun, spent = time.perf_counter(), _processor()
    found = work()
    seconds, spent = time.perf_counter() - begun, _processor() - spent
    sa.event.remove(engine, "before_cursor_execute", note)
    return {
        "run": what,
        "records": count,
        "s": round(seconds, 2),
        "records/s": round(count / seconds, 1),
        "processor ms a record": round(1000 * spent / count, 3),
        "SQL statements a record": round(statements / count, 3),
        "outcome": " ".join(f"{name} {number}" for name, number in found.items() if number),
    }


def _processor() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _long_list(count: int, agency: dict[str, Any], folder: Path) -> Iterator[Mapping[str, object]]:
    """A list that is planned, whose entries are then put into the tables, and which comes again in another order."""
    place = folder / "long"
    place.mkdir()
    order = list(range(count))
    _write(place, order)
    run = _source("long", "folder", {"path": "long"}, agency)
    yield _apart(f"{count} rows: the plan of a first run", count, lambda: _planned(agency, place / "list.jsonl"))
    _fill(agency)
    random.Random(5).shuffle(order)
    _write(place, order)
    yield _apart(f"{count} rows: unchanged, in another order", count, run)
    yield _apart(f"{count} rows: unchanged, the same file", count, run)
    model.Session.execute(sa.text("delete from package where extras ->> 'list_id' = 'long'"))
    model.Session.commit()


def _write(place: Path, order: list[int]) -> None:
    with (place / "list.jsonl").open("w", encoding="utf-8") as out:
        for number in order:
            row = {
                "资源名称": f"公交站点第{number}册",
                "资源代码": f"JT-{number:06}",
                "资源摘要": "站点名称、经纬度、途经线路、首末班车时间" * 3,
                "开放属性": "无条件开放",
                "关键字": "公交、站点",
                "更新频率": "每月",
                "更新时间": "2026-02-03",
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _apart(what: str, count: int, work: Callable[[], dict[str, int]]) -> dict[str, object]:
    """Measured in a process of its own, as a worker runs it, with the most memory that it had."""
    reading, writing = os.pipe()
    model.Session.remove()
    model.meta.engine.dispose()
    child = os.fork()
    if child == 0:
        row = _measured(what, count, work)
        row["most memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        os.write(writing, json.dumps(row).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text)


_PLANNED = """
    create table if not exists bench_planned (id text, name text, title text, extras jsonb)
"""


def _planned(agency: dict[str, Any], path: Path) -> dict[str, int]:
    """Plan the list and keep what would be added, as rows."""
    from ckanext.govdata_harvest.importing import Importing

    by = model.User.get(agency["site"])
    assert by is not None
    model.Session.execute(sa.text(_PLANNED))
    keeper = _Keeper()
    report = Importing(path, by, agency["name"], writing=False, list_id="long", keeper=keeper).run()
    keeper.flush()
    model.Session.commit()
    return {name: report[name] for name in ("added", "unchanged", "refused")}


class _Keeper:
    """Keeps the entries of a plan as they would stand in CKAN's table."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def looked(self, found: Any, list_id: str, place: Any) -> None:
        """Nothing of the columns is needed."""

    def step(self, step: Any, causes: tuple[str, ...]) -> None:
        row = step.row
        mark = {"list_id": "long", "list_key": row.key, "list_hash": row.content, "publication": "published"}
        extras = {"open_tier": row.tier, "tier_word": row.entry.get("tier_word", ""), **mark}
        number = len(self._rows)
        name = f"long-{row.number:06}"
        self._rows.append({"id": name, "name": name, "title": row.entry["title"], "extras": json.dumps(extras)})
        if number >= 5_000:
            self.flush()

    def leaving(self, entries: tuple[Any, ...]) -> None:
        """Nothing leaves."""

    def flush(self) -> None:
        if self._rows:
            model.Session.execute(sa.text("insert into bench_planned values (:id, :name, :title, :extras)"), self._rows)
            self._rows = []


def _fill(agency: dict[str, Any]) -> None:
    """The planned entries as packages of CKAN's own table."""
    words = (
        "insert into package (id, name, title, extras, owner_org, state, type, private, metadata_created, metadata_modified) "
        "select id, name, title, extras, :owner, 'active', 'dataset', false, now(), now() from bench_planned"
    )
    model.Session.execute(sa.text(words), {"owner": agency["id"]})
    model.Session.commit()
