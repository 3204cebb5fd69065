"""How fast the index is built anew: from the table of documents on each engine, from CKAN's tables, and stock CKAN beside them.

GOVDATA_BENCH_DATASETS: how many datasets (2000). GOVDATA_ELASTICSEARCH_URL: a cluster, for the Elasticsearch engine.
GOVDATA_BENCH_STOCK: a command that rebuilds the index of a stock CKAN on Solr, such as `ckan -c stock.ini search-index rebuild`,
and GOVDATA_BENCH_STOCK_DATABASE its database, of whose datasets ours gets copies, so that both index the same.
Ours is the database that CKAN_INI names; it is emptied.
"""

from __future__ import annotations

import os
import random
import resource
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.lib import search
from ckan.model.types import make_uuid
from ckan.plugins import toolkit as tk
from elasticsearch import Elasticsearch

from ckanext.govdata_search import from_tables, log
from ckanext.govdata_search.projection import projection
from tests.bench._made import AGENCIES, FORMATS, records

_DATASETS = int(os.environ.get("GOVDATA_BENCH_DATASETS", "2000"))
_ROWS = 1_000
_ONE_BY_ONE = 200
_INDEX = "govdata-bench-rebuild"


def main() -> Iterator[Mapping[str, object]]:
    settings = CKANConfigLoader(os.environ["CKAN_INI"]).get_config()
    settings["ckan.plugins"] = "govdata_search"
    app: Any = make_app(settings)
    with app._wsgi_app.test_request_context():
        stock = os.environ.get("GOVDATA_BENCH_STOCK")
        _emptied()
        count = _copied(os.environ["GOVDATA_BENCH_STOCK_DATABASE"]) if stock else _made(_DATASETS)
        beside = 0.0
        if stock:
            row = _measured("stock CKAN on Solr: search-index rebuild", count, lambda: _run(stock), 0.0)
            beside = count / float(str(row["s"]))
            yield row
        few = from_tables.dataset_ids()[:_ONE_BY_ONE]
        yield _measured("one by one, as CKAN's own command", len(few), lambda: _one_by_one(few), beside)
        several = (1, os.cpu_count() or 1)
        for number in several:
            yield _measured(f"--from-tables, {number} processes", count, lambda n=number: _make(n), beside)
        with tempfile.TemporaryDirectory() as folder:
            for engine, more in _engines(Path(folder)).items():
                tk.config.update({"govdata.search.engine": engine, **more})
                for number in several:
                    what = f"rebuild on {engine}, {number} processes"
                    yield _measured(what, count, lambda n=number: projection().rebuild(processes=n), beside)
        _clear()


def _make(processes: int) -> None:
    outcome = from_tables.make_all(processes, True, lambda _done, _total: None)
    if outcome.failed:
        raise RuntimeError(str(outcome.failed))


def _one_by_one(ids: list[str]) -> None:
    """CKAN's own rebuild, which makes and writes one document after another; here without Solr's share of the work."""
    search.rebuild(package_ids=ids)


def _measured(what: str, count: int, work: Callable[[], None], beside: float) -> dict[str, object]:
    begun, spent = time.perf_counter(), _processor()
    work()
    seconds, spent = time.perf_counter() - begun, _processor() - spent
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    row: dict[str, object] = {"work": what, "datasets": count, "s": round(seconds, 2)}
    row |= {"datasets/s": round(count / seconds, 1), "processor ms a dataset": round(1000 * spent / count, 2)}
    row["most memory MB"] = max(usage.ru_maxrss for usage in usages) // 1024
    row["times stock"] = round(count / seconds / beside, 1) if beside else ""
    return row


def _processor() -> float:
    """Seconds of processor that this process and those it started have used; databases and servers are not among them."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _run(command: str) -> None:
    subprocess.run(shlex.split(command), check=True, capture_output=True)


def _engines(folder: Path) -> dict[str, dict[str, str]]:
    found = {"tantivy": {"govdata.search.index_path": str(folder)}}
    url = os.environ.get("GOVDATA_ELASTICSEARCH_URL")
    if url:
        cluster = {"url": url, "index": _INDEX}
        found["elasticsearch"] = {f"govdata.search.elasticsearch.{name}": value for name, value in cluster.items()}
    return found


def _clear() -> None:
    """Take the index away from the cluster again."""
    url = os.environ.get("GOVDATA_ELASTICSEARCH_URL")
    if url:
        with Elasticsearch(url) as client:
            client.indices.delete(index=list(client.indices.get(index=f"{_INDEX}-*")))


def _emptied() -> None:
    model.repo.rebuild_db()
    # CKAN's migrations leave a connection opened anew for each use, which no portal that runs has.
    model.init_model(sa.engine_from_config(dict(tk.config)))
    database = _database()
    log.ensure_table(database)
    with database.begin() as connection:
        connection.execute(sa.text("TRUNCATE govdata_search_document"))


def _database() -> sa.engine.Engine:
    database = log.database()
    if database is None:
        raise RuntimeError("no database")
    return database


def _copied(address: str) -> int:
    """The rows of another CKAN's datasets and of what belongs to them. Returns how many datasets they are."""
    theirs = sa.create_engine(address)
    tables = (
        model.group_table,
        model.package_table,
        model.resource_table,
        model.tag_table,
        model.package_tag_table,
        model.member_table,
    )
    with theirs.connect() as source, _database().begin() as connection:
        for table in tables:
            _insert(connection, table, [dict(row) for row in source.execute(sa.select(table)).mappings()])
        return int(source.execute(sa.select(sa.func.count()).select_from(model.package_table)).scalar_one())


def _made(count: int) -> int:
    """Datasets as rows of CKAN's tables, each with resources, tags and an agency. Returns how many they are."""
    chance = random.Random(4)
    with _database().begin() as connection:
        agencies = {name: make_uuid() for name in AGENCIES}
        _insert(connection, model.group_table, [_agency(name, id_) for name, id_ in agencies.items()])
        tags: dict[str, str] = {}
        packages: list[dict[str, Any]] = []
        resources: list[dict[str, Any]] = []
        links: list[dict[str, Any]] = []
        for record in records(count, seed=4, blobs=False):
            package = _package(record, agencies[chance.choice(AGENCIES)])
            packages.append(package)
            resources += [_resource(package["id"], at, chance.choice(FORMATS)) for at in range(chance.randint(1, 4))]
            for tag in record.get("tags") or ():
                link = {"id": make_uuid(), "package_id": package["id"], "state": "active"}
                links.append({**link, "tag_id": tags.setdefault(tag, make_uuid())})
        _insert(connection, model.package_table, packages)
        _insert(connection, model.resource_table, resources)
        _insert(connection, model.tag_table, [{"id": id_, "name": tag} for tag, id_ in tags.items()])
        _insert(connection, model.package_tag_table, links)
    return count


def _insert(connection: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS):
        connection.execute(sa.insert(table), rows[start : start + _ROWS])


def _agency(name: str, id_: str) -> dict[str, Any]:
    return {"id": id_, "name": name, "title": name, "type": "organization", "is_organization": True, "state": "active"}


def _package(record: Mapping[str, Any], agency: str) -> dict[str, Any]:
    named = {key: record.get(key) for key in ("name", "title", "notes")}
    common = {"type": "dataset", "state": "active", "private": False, "owner_org": agency, "license_id": "cc-by"}
    return {"id": make_uuid(), **named, **common, "extras": {"theme": "transport", "update_cycle": "daily"}}


def _resource(package: str, at: int, kind: str) -> dict[str, Any]:
    about = {"name": f"名录 {at + 1}", "format": kind, "url": f"http://city.example/{package}/{at}"}
    return {"id": make_uuid(), "package_id": package, "position": at, "state": "active", **about, "url_type": None}
