"""The engine for a cluster: one alias that is searched, and behind it one index, built anew beside the old one.

Rows carry their number as Elasticsearch's external version, so applying one twice, or after a newer one, changes nothing;
the note of the position is written only after everything before it. Writers take turns by `turns`, because the deletion of
a site has no version that a straggler would respect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError

from ..errors import EngineBusy, IndexMissing, RebuildHeldUp, Refusing
from ..query import Query
from ..request import Answer, Request
from . import elasticsearch_index as lying
from .base import ALONE, Capabilities, Feed, Position, Workers
from .elasticsearch_client import Guard, connect
from .elasticsearch_family import Family, to_write
from .elasticsearch_search import Searcher
from .elasticsearch_writing import Brisk, Patient, Sender

T = TypeVar("T")
_AT_ONCE = 2_000
"""A table that has given no more numbers than these is sent within seconds."""
_BUILDING = {"refresh_interval": "-1", "auto_expand_replicas": False, "number_of_replicas": 0}


class ElasticsearchEngine:
    """Searches on a cluster that all machines of the portal share."""

    name = "elasticsearch"
    capabilities = Capabilities(shared=True, durable=True, remote=True)

    def __init__(self, settings: Any) -> None:
        self._settings = settings.elasticsearch
        self.alias = self._settings.index
        self._family = Family(self.alias)
        self._guard = Guard(self._settings)
        self._writing = Guard(self._settings, Refusing, self._guard)
        self._client: Elasticsearch = connect(self._settings)
        self._searcher = Searcher(self._client, self.alias)
        self._lock_seconds = float(settings.lock_seconds)
        self.turns: Callable[[float], AbstractContextManager[Any]] = nullcontext
        self.rebuilds: Callable[[], AbstractContextManager[Any]] = nullcontext

    # Reading

    def search(self, request: Request) -> Answer:
        with self._guard.doing("searching"):
            return self._found(lambda: self._searcher.search(request))

    def keys(self, query: Query) -> list[str]:
        with self._guard.doing("searching"):
            return self._found(lambda: self._searcher.keys(query))

    def _found(self, ask: Callable[[], T]) -> T:
        """What is found. Raises IndexMissing."""
        try:
            return ask()
        except NotFoundError as error:
            if error.error != "index_not_found_exception":
                raise
            raise self._missing() from error

    def position(self) -> Position:
        with self._guard.doing("reading its position"):
            return self._position_of(self._live())

    def _live(self, client: Elasticsearch | None = None) -> str | None:
        """The index behind the alias; None while there is none, or only one of another version."""
        try:
            found = (client or self._client).indices.get_alias(name=self.alias)
        except NotFoundError:
            return None
        return next((name for name in found if self._family.is_current(name)), None)

    def _position_of(self, index: str | None, client: Elasticsearch | None = None) -> Position:
        if index is None:
            return Position()
        try:
            return lying.position_in((client or self._client).get(index=index, id=lying.POSITION_KEY)["_source"])
        except NotFoundError:
            return Position()

    # Writing

    def catch_up(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self._catch_up(feed, self._lock_seconds, self._build)

    def catch_up_if_free(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self._catch_up(feed, 0.0, self._build_small)

    def _catch_up(
        self, feed: Callable[[Position], Feed | None], seconds: float, build: Callable[[Feed], None]
    ) -> Position:
        """Waits so many seconds for its turn, and counts them to what the cluster may take."""
        with self._writing.doing("writing"):
            pace = Brisk(self._client, self._settings)
            with self.turns(seconds):
                # Whoever had the turn before may have found the cluster gone.
                self._writing.check("writing")
                return self._applied(feed, pace, build)

    def _applied(self, feed: Callable[[Position], Feed | None], pace: Brisk, build: Callable[[Feed], None]) -> Position:
        live = self._live(pace.client)
        position = self._position_of(live, pace.client)
        found = feed(position)
        if found is None:
            return position
        if live is None or found.from_start:
            build(found)
        else:
            Sender(pace).fill(live, found)
            pace.client.indices.refresh(index=live)
        return found.until

    def _build_small(self, feed: Feed) -> None:
        """Raises IndexMissing where whoever only wants to search would wait for a whole index."""
        if feed.until.number > _AT_ONCE:
            raise self._missing()
        self._build(feed)

    def _missing(self) -> IndexMissing:
        return IndexMissing(f"{self.alias} in Elasticsearch")

    def _build(self, feed: Feed) -> None:
        """Write a whole index and change over to it, unless somebody else does so: that one has all rows at its end."""
        with self.rebuilds():
            self._family.check_name(self._client)
            building = self._make()
            with self._or_removed(building):
                Sender(Patient(self._client)).fill(building, feed)
                self._change_over(building)

    def rebuild(
        self, feed: Callable[[Position], Feed | None], workers: Workers = ALONE, anew: bool = False
    ) -> Position:
        """As the protocol says; an index that an interrupted rebuild left is gone on with. Raises RebuildRunning."""
        with self._writing.doing("rebuilding"), self.rebuilds():
            self._family.check_name(self._client)
            building = (None if anew else self._left_behind()) or self._make()
            building, position = self._filled(building, feed, self._position_of(building), workers)
            with self._last_turn():
                building, position = self._filled(building, feed, position, workers)
                with self._or_removed(building, unless_noted=True):
                    self._change_over(building)
            return position

    @contextmanager
    def _last_turn(self) -> Iterator[None]:
        """The turn in which a rebuild ends. Raises RebuildHeldUp where it does not come."""
        try:
            with self.turns(self._lock_seconds):
                yield
        except EngineBusy as error:
            raise RebuildHeldUp(self._lock_seconds) from error

    def _filled(
        self, building: str, feed: Callable[[Position], Feed | None], position: Position, workers: Workers
    ) -> tuple[str, Position]:
        """Apply what is behind a position; where it was of another table, into another new index."""
        found = feed(position)
        if found is None:
            return building, position
        if found.from_start and position != Position():
            self._client.indices.delete(index=building)
            building = self._make()
        with self._or_removed(building, unless_noted=True):
            Sender(Patient(self._client)).fill(building, found, workers)
        return building, found.until

    @contextmanager
    def _or_removed(self, building: str, unless_noted: bool = False) -> Iterator[None]:
        """What fails leaves no index behind; with `unless_noted` only one that the next rebuild can go on with."""
        try:
            yield
        except TransportError:
            # Nobody knows whether the cluster did it all the same; the next change-over clears up.
            raise
        except BaseException:
            with suppress(ApiError, TransportError):
                searched = self.alias in self._family.members(self._client).get(building, ())
                if not searched and not (unless_noted and self._position_of(building).number):
                    self._client.indices.delete(index=building)
            raise

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
