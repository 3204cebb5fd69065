"""Sending rows to an index with as much patience as there is: whoever waits for a write has little, a rebuild has much."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import Any, Protocol

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from ..config import ElasticsearchSettings
from ..errors import EngineFailure
from . import elasticsearch_index as lying
from .base import ALONE, Change, Feed, Position, Workers
from .elasticsearch_client import BLOCKED, PASSING, Refused
from .elasticsearch_family import to_write

_BULK_ROWS = 500
_SHARE = 50
"""How many documents are sent to another process at a time."""
_BULK_BYTES = 8 << 20
# Whoever goes on after an interruption has at most so many documents to do again.
_NOTED_EACH = 10_000
_LEAST_SHARE = 0.2
"""What each request may take however late it is, as a share of the time limit; so a long piece of work gets on, too."""
_KEPT_ANSWERS = (200, 201, 409)
"""Written, deleted, and a newer row is there already."""
_NOT_THERE = 404
Operation = dict[str, Any]


class Pace(Protocol):
    """How long a piece of work waits for the cluster, and how often it asks again."""

    retries: int
    """How often a refused part of a bulk is sent again, after 0.5, 1, 2, ... seconds."""

    @property
    def client(self) -> Elasticsearch: ...

    def begin(self) -> None:
        """Count time from here."""
        ...


class Brisk:
    """For a write that somebody waits for: a cluster that is silent takes the time limit once, whatever number of requests.

    Of several nodes another is asked after half of it.
    """

    retries = 1

    def __init__(self, client: Elasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client
        self._limit = settings.timeout
        self._several = len(settings.urls) > 1
        self.begin()

    def begin(self) -> None:
        self._until = time.monotonic() + self._limit

    @property
    def client(self) -> Elasticsearch:
        left = max(self._limit * _LEAST_SHARE, self._until - time.monotonic())
        return self._client.options(request_timeout=left / 2 if self._several else left, max_retries=2)


class Patient:
    """For a rebuild: the cluster gets its time, for nobody waits for a page meanwhile."""

    retries = 8

    def __init__(self, client: Elasticsearch) -> None:
        self.client = client.options(retry_on_timeout=True)

    def begin(self) -> None:
        """Time does not matter."""


class Sender:
    """Applies rows to an index and notes how far; what an interruption leaves undone is done again."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def fill(self, index: str, feed: Feed, workers: Workers = ALONE) -> None:
        laid_out = workers.map(lying.operation, feed.changes, _SHARE)
        for clearing, rows in groupby(laid_out, key=lambda row: row[0].key is None):
            if clearing:
                self._clear(index, (change for change, _operation in rows))
                continue
            while part := Part(islice(rows, _NOTED_EACH)):
                self._send(index, part)
                if part.count > _BULK_ROWS:
                    self._pace.begin()
                if part.count == _NOTED_EACH:
                    self._note(index, Position(feed.until.table, part.last))
        self._note(index, feed.until)

    def _send(self, index: str, operations: Iterable[Operation]) -> None:
        """Send rows; the cluster may say that it has enough for the moment, then its share is sent again."""
        sent = streaming_bulk(
            self._pace.client,
            operations,
            index=to_write(index),
            require_alias=True,
            chunk_size=_BULK_ROWS,
            max_chunk_bytes=_BULK_BYTES,
            max_retries=self._pace.retries,
            initial_backoff=0.5,
            max_backoff=10,
            retry_on_status=PASSING,
            raise_on_error=False,
        )
        for _good, answer in sent:
            (outcome,) = answer.values()
            _check(outcome)

    def _clear(self, index: str, changes: Iterable[Change]) -> None:
        """Remove the documents of sites as far as they are older than the row that says so."""
        for change in changes:
            self._pace.client.indices.refresh(index=index)
            older = [{"term": {"site": change.site}}, {"range": {"number": {"lt": change.number}}}]
            self._pace.client.options(request_timeout=600).delete_by_query(
                index=index, query={"bool": {"filter": older}}, conflicts="proceed", refresh=True
            )
            self._pace.begin()

    def _note(self, index: str, position: Position) -> None:
        note = lying.position_note(position)
        self._pace.client.index(index=to_write(index), id=lying.POSITION_KEY, document=note, require_alias=True)


def _check(outcome: dict[str, Any]) -> None:
    """Nothing for what the cluster has done. Raises Refused where it may do it later, EngineFailure where it will not."""
    status, error = outcome["status"], outcome.get("error")
    if status in _KEPT_ANSWERS or (status == _NOT_THERE and not error):
        return
    kind = error.get("type") if isinstance(error, dict) else None
    if status == _NOT_THERE:
        raise EngineFailure("writing", f"{error}. Run `ckan govdata-search rebuild`, which makes its index anew")
    if status in PASSING or kind == BLOCKED:
        raise Refused(f"{status} {error.get('reason') if isinstance(error, dict) else error}")
    raise EngineFailure("writing", f"{outcome['_id']}: {status} {error}")


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
