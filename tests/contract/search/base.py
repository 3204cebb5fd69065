"""What the tests of every engine share: a table of documents, an engine that has read it, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.govdata_search.document import Document, to_text
from ckanext.govdata_search.engines.base import Change, Engine, Feed, Position
from ckanext.govdata_search.request import read_request

from .city import DOCUMENTS, SITE

WEIGHTS = {"defType": "dismax", "qf": "name^4 title^4 tags^2 groups^2 text", "mm": "2<-1 5<80%", "tie": "0.1"}


class Table:
    """The table of documents, in memory: what an engine reads on in."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.name = "1/1"

    def put(self, *documents: Document) -> None:
        for one in documents:
            self.changes.append(Change(len(self.changes) + 1, one["index_id"], one["site_id"], to_text(one)))

    def delete(self, key: str | None, site: str = SITE) -> None:
        self.changes.append(Change(len(self.changes) + 1, key, site, None))

    def feed(self, position: Position) -> Feed | None:
        from_start = position.table != self.name
        after = 0 if from_start else position.number
        changes = [change for change in self.changes if change.number > after]
        return (
            Feed(changes, Position(self.name, len(self.changes)), len(changes), from_start)
            if changes or from_start
            else None
        )


class EngineTests:
    """Inherit, and give a fixture `make_engine` that makes an engine on a fresh or, called again, on the same index."""

    @pytest.fixture
    def table(self) -> Table:
        return Table()

    @pytest.fixture
    def engine(self, make_engine: Callable[[], Engine], table: Table) -> Engine:
        engine = make_engine()
        table.put(*DOCUMENTS)
        engine.catch_up(table.feed)
        return engine

    @staticmethod
    def names(engine: Engine, q: str = "*:*", **parameters: Any) -> list[str]:
        answer = engine.search(read_request(q, {"rows": 100, "q.op": "AND", "df": "text", **parameters}))
        assert len(answer.documents) == answer.count
        return [one["name"] for one in answer.documents]

    def found(self, engine: Engine, q: str, **parameters: Any) -> set[str]:
        return set(self.names(engine, q, **parameters))

    def facets(self, engine: Engine, field: str, q: str = "*:*", **parameters: Any) -> list[tuple[str, int]]:
        asked = {"facet": "true", "facet.field": [field], "facet.mincount": 1, "rows": 0, "q.op": "AND", **parameters}
        return engine.search(read_request(q, asked)).facets[field]
