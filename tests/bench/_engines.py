"""What answers the benchmark's queries: our engines behind the connection that CKAN gets, and a Solr over HTTP beside them."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pysolr
from ckan.plugins import toolkit as tk

from ckanext.govdata_search import config, projection
from ckanext.govdata_search.connection import Solr
from ckanext.govdata_search.document import cleaned, to_text
from ckanext.govdata_search.engines import make_engine
from ckanext.govdata_search.engines.base import Change, Feed, Position
from ckanext.govdata_search.fields import SUGGEST_WORDS, TITLE_PINYIN

SITE = "default"
SOLR = "GOVDATA_BENCH_SOLR"
"""Address of a Solr core with CKAN's schema to measure beside, such as http://127.0.0.1:8983/solr/ckan. It is emptied."""
ELASTICSEARCH = "GOVDATA_ELASTICSEARCH_URL"
_BATCH = 1000


def named() -> list[str]:
    """The engines of this run: tantivy, and where their addresses are given Elasticsearch and Solr."""
    found = {"elasticsearch": ELASTICSEARCH, "Solr": SOLR}
    return ["tantivy", *(name for name, variable in found.items() if os.environ.get(variable))]


def connection(name: str, records: Iterable[Mapping[str, Any]], folder: Path) -> Any:
    """A connection to an engine that holds exactly the records; our own engines do without table and database."""
    if name == "Solr":
        return _solr(os.environ[SOLR], records)
    chosen = {
        "govdata.search.engine": name,
        "govdata.search.index_path": str(folder / name),
        "govdata.search.elasticsearch.url": os.environ.get(ELASTICSEARCH, ""),
        "govdata.search.elasticsearch.index": "govdata-bench",
    }
    tk.config.update(chosen)
    engine = make_engine(config.settings())
    documents = (cleaned(record) for record in records)
    changes = [Change(number, one["index_id"], one["site_id"], to_text(one)) for number, one in enumerate(documents, 1)]
    engine.catch_up(lambda _position: Feed(changes, Position("bench", len(changes)), len(changes), from_start=True))
    held = projection.Projection(engine)
    # There is no table behind it to catch up with.
    held._caught_up = True
    projection._projections[config.settings()] = held
    return Chosen(chosen)


class Chosen(Solr):
    """The connection of one engine, whichever the settings named before."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        super().__init__("http://127.0.0.1/solr/ckan")
        self._chosen = chosen

    def search(self, q: str | None = None, search_handler: str | None = None, **parameters: Any) -> Any:
        tk.config.update(self._chosen)
        return super().search(q, search_handler, **parameters)


def _solr(address: str, records: Iterable[Mapping[str, Any]]) -> Any:
    _post(address, {"delete": {"query": "*:*"}})
    documents = iter(records)
    while batch := [solr_document(record) for record in islice(documents, _BATCH)]:
        _post(address, batch)
    _post(address, {"commit": {}})
    return pysolr.Solr(address, timeout=60)


def solr_document(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in (SUGGEST_WORDS, TITLE_PINYIN)}


def _post(address: str, body: Any) -> None:
    asked = urllib.request.Request(f"{address}/update", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=300) as answer:
        answer.read()
