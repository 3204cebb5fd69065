"""The engine for a cluster: one alias that is searched, and behind it one index, built anew beside the old one.

Rows carry their number as Elasticsearch's external version, so applying one twice, or after a newer one, changes nothing;
the note of the position is written only after everything before it. Writers take turns by `turns`, because the deletion of
a site has no version that a straggler would respect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, groupby, islice
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk

from ..errors import EngineFailure
from ..query import Query
from ..request import Answer, Request
from . import elasticsearch_index as lying
from .base import ALONE, Capabilities, Change, Feed, Position, Workers
from .elasticsearch_client import PASSING, Guard, connect
from .elasticsearch_family import Family, to_write
from .elasticsearch_search import Searcher

# A refused part of a bulk is sent again after 0.5, 1, 2, ... seconds.
_RETRIES = 8
_BULK_ROWS = 500
_SHARE = 50
"""How many documents are sent to another process at a time."""
_BULK_BYTES = 8 << 20
# Whoever goes on after an interruption has at most so many documents to do again.
_NOTED_EACH = 10_000
_BUILDING = {"refresh_interval": "-1", "auto_expand_replicas": False, "number_of_replicas": 0}
Operation = dict[str, Any]
_KEPT_ANSWERS = (200, 201, 404, 409)
"""Written, deleted, nothing to delete, and a newer row is there already."""


class ElasticsearchEngine:
    """Searches on a cluster that all machines of the portal share."""

    name = "elasticsearch"
    capabilities = Capabilities(shared=True, durable=True, remote=True)

    def __init__(self, settings: Any) -> None:
        self._settings = settings.elasticsearch
        self.alias = self._settings.index
        self._family = Family(self.alias)
        self._guard = Guard(self._settings)
        # A shard that takes no writes for a moment may well be read.
        self._writing = Guard(self._settings)
        self._client: Elasticsearch = connect(self._settings)
        self._searcher = Searcher(self._client, self.alias)
        self.turns: Callable[[], AbstractContextManager[Any]] = nullcontext

    # Reading

    def search(self, request: Request) -> Answer:
        with self._guard.doing("searching"):
            return self._searcher.search(request)

    def keys(self, query: Query) -> list[str]:
        with self._guard.doing("searching"):
            return self._searcher.keys(query)

    def position(self) -> Position:
        with self._guard.doing("reading its position"):
            return self._position_of(self._live())

    def _live(self) -> str | None:
        """The index behind the alias; None while there is none, or only one of another version."""
        try:
            found = self._client.indices.get_alias(name=self.alias)
        except NotFoundError:
            return None
        return next((name for name in found if self._family.is_current(name)), None)

    def _position_of(self, index: str | None) -> Position:
        if index is None:
            return Position()
        try:
            return lying.position_in(self._client.get(index=index, id=lying.POSITION_KEY)["_source"])
        except NotFoundError:
            return Position()

    # Writing

    def catch_up(self, feed: Callable[[Position], Feed | None]) -> Position:
        with self._writing.doing("writing"), self.turns():
            live = self._live()
            position = self._position_of(live)
            found = feed(position)
            if found is None:
                return position
            if live is None or found.from_start:
                building = self._make()
                self._fill(building, found)
                self._change_over(building)
                return found.until
            self._fill(live, found)
            self._client.indices.refresh(index=live)
            return found.until

    def catch_up_if_free(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self.catch_up(feed)

    def rebuild(self, feed: Callable[[Position], Feed | None], workers: Workers = ALONE) -> Position:
        """As the protocol says; an index that an interrupted rebuild left is gone on with."""
        with self._writing.doing("rebuilding"):
            building = self._left_behind() or self._make()
            building, position = self._filled(building, feed, self._position_of(building), workers)
            with self.turns():
                building, position = self._filled(building, feed, position, workers)
                self._change_over(building)
            return position

    def _filled(
        self, building: str, feed: Callable[[Position], Feed | None], position: Position, workers: Workers
    ) -> tuple[str, Position]:
        """Apply what is behind a position; where it was of another table, into another new index."""
        found = feed(position)
        if found is None:
            return building, position
        if found.from_start and position != Position():
            building = self._make()
        self._fill(building, found, workers)
        return building, found.until

    def _make(self) -> str:
        """A new index that nobody searches yet, without copies and without refreshing."""
        definition = lying.definition(self._settings.shards, self._settings.replicas)
        definition["settings"]["index"] |= _BUILDING
        index = self._family.new_name()
        patient = self._client.options(request_timeout=max(60.0, self._settings.timeout))
        try:
            patient.indices.create(index=index, aliases={to_write(index): {}}, **definition)
        except BadRequestError as error:
            # The first try was carried out, only its answer was late. Nobody else uses a name by chance.
            if error.error != "resource_already_exists_exception":
                raise
        return index

    def _left_behind(self) -> str | None:
        """The index that an interrupted rebuild was filling, if it noted how far it got."""
        members = self._family.members(self._client).items()
        waiting = [name for name, aliases in members if self._family.is_current(name) and self.alias not in aliases]
        return next((name for name in waiting if self._position_of(name).number), None)

    def _change_over(self, building: str) -> None:
        """Let searches go to the index that was built, with its copies, and remove all others of this alias, and only those.

        The cluster then makes one piece of each shard while it answers: every word is looked up in each piece.
        """
        usual = {"refresh_interval": "1s", **lying.replicated(self._settings.replicas)}
        self._client.indices.put_settings(index=building, settings=usual)
        self._client.indices.refresh(index=building)
        others = [name for name in self._family.members(self._client) if name != building]
        actions: list[dict[str, Any]] = [{"add": {"index": building, "alias": self.alias}}]
        actions += [{"remove_index": {"index": name}} for name in others]
        self._client.indices.update_aliases(actions=actions)
        self._client.indices.forcemerge(index=building, max_num_segments=1, wait_for_completion=False)

    def _fill(self, index: str, feed: Feed, workers: Workers = ALONE) -> None:
        """Apply rows and note how far; what an interruption leaves undone is done again."""
        laid_out = workers.map(lying.operation, feed.changes, _SHARE)
        for clearing, rows in groupby(laid_out, key=lambda row: row[0].key is None):
            if clearing:
                self._clear(index, (change for change, _operation in rows))
                continue
            while part := Part(islice(rows, _NOTED_EACH)):
                self._send(index, part)
                if part.count == _NOTED_EACH:
                    self._note(index, Position(feed.until.table, part.last))
        self._note(index, feed.until)

    def _send(self, index: str, operations: Iterable[Operation]) -> None:
        """Send rows; the cluster may say that it has enough for the moment, then its share is sent again."""
        sent = streaming_bulk(
            self._client,
            operations,
            index=to_write(index),
            require_alias=True,
            chunk_size=_BULK_ROWS,
            max_chunk_bytes=_BULK_BYTES,
            max_retries=_RETRIES,
            initial_backoff=0.5,
            max_backoff=10,
            retry_on_status=PASSING,
            raise_on_error=False,
        )
        for _good, answer in sent:
            (outcome,) = answer.values()
            if outcome["status"] not in _KEPT_ANSWERS:
                raise EngineFailure("writing", f"{outcome['_id']}: {outcome['status']} {outcome.get('error')}")

    def _clear(self, index: str, changes: Iterable[Change]) -> None:
        """Remove the documents of sites as far as they are older than the row that says so."""
        for change in changes:
            self._client.indices.refresh(index=index)
            older = [{"term": {"site": change.site}}, {"range": {"number": {"lt": change.number}}}]
            self._client.options(request_timeout=600).delete_by_query(
                index=index, query={"bool": {"filter": older}}, conflicts="proceed", refresh=True
            )

    def _note(self, index: str, position: Position) -> None:
        note = lying.position_note(position)
        self._client.index(index=to_write(index), id=lying.POSITION_KEY, document=note, require_alias=True)

    def status(self) -> dict[str, Any]:
        with self._guard.doing("asking for its state"):
            health = self._client.cluster.health()
            live = self._live()
            told = {
                "engine": self.name,
                "documents": 0,
                "index": live or "none",
                "bytes": 0,
                "nodes": health["number_of_nodes"],
            }
            if live:
                stats = self._client.indices.stats(index=live, metric="store")["_all"]["primaries"]
                told |= {"documents": self._searcher.count(), "bytes": stats["store"]["size_in_bytes"]}
                told["health"] = self._client.cluster.health(index=live)["status"]
            return told


class Part:
    """Operations on their way; false when there are none, and afterwards it knows how many they were and the last's number."""

    def __init__(self, rows: Iterator[tuple[Change, Operation]]) -> None:
        self._first = next(rows, None)
        self._rest = rows
        self.count = 0
        self.last = 0

    def __bool__(self) -> bool:
        return self._first is not None

    def __iter__(self) -> Iterator[Operation]:
        for change, operation in chain([self._first] if self._first else [], self._rest):
            self.count += 1
            self.last = change.number
            yield operation
