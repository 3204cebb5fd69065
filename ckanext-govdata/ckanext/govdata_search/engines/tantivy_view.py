"""One commit of the index as it is searched, and what is worth knowing of it until the next: never an answer to a text."""

from __future__ import annotations

import math
import threading
from functools import cached_property
from typing import Any

import tantivy

from ..document import Document
from ..query import Combine, Everything, Exists, Query, Term, demands
from ..request import Facet, SortKey
from ..sorting import Rank, rank
from .base import Position
from .tantivy_schema import EVERY, from_tantivy, place, position_in, schema

Counts = dict[str, dict[str, int]]
_MOST_KEPT = 200
_MOST_ORDERS = 8
_MOST_FREQUENCIES = 20_000
_MOST_RANKED = 3
_MOST_DOCUMENTS = 512
"""As many as Solr's cache of documents holds; at ten kilobytes each that is 5 MB a process."""
Order = tuple[int, list[Any]]
"""How many documents there are, and the addresses of the first of them."""


class View:
    """A searcher, and what every document of its commit has in common."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self._everywhere: dict[tuple[str, str], bool] = {}
        self._frequencies: dict[tuple[str, str], int] = {}
        self._facets: dict[tuple[Any, ...], Counts] = {}
        self._orders: dict[tuple[Any, ...], Order] = {}
        self._ranks: dict[SortKey, dict[tuple[int, int], Rank]] = {}
        self._documents: dict[tuple[Any, ...], Document] = {}
        self._lock = threading.Lock()

    @cached_property
    def position(self) -> Position:
        """How far this commit has applied the table."""
        return position_in(self.searcher, schema())

    def document(self, address: Any, wanted: tuple[str, ...]) -> Document:
        """The wanted fields of a document; reading one from the index unpacks all that are stored beside it."""
        key = (address.segment_ord, address.doc, wanted)
        with self._lock:
            found = self._documents.pop(key, None)
        if found is None:
            found = from_tantivy(self.searcher.doc(address), wanted)
        with self._lock:
            # The last one used stands last, so the first one goes first.
            self._documents[key] = found
            if len(self._documents) > _MOST_DOCUMENTS:
                del self._documents[next(iter(self._documents))]
        return dict(found)

    def _is_everywhere(self, field: str, token: str) -> bool:
        """Whether every document carries a token; deleted ones count on both sides until they are merged away."""
        known = self._everywhere.get((field, token))
        if known is None:
            known = self.searcher.doc_freq(field, token) == self.searcher.doc_freq("has", EVERY)
            if len(self._everywhere) < _MOST_KEPT:
                self._everywhere[field, token] = known
        return known

    def frequency(self, field: str, token: str) -> int:
        """In how many documents a token stands, deleted ones included until they are merged away."""
        found = self._frequencies.get((field, token))
        if found is None:
            found = self.searcher.doc_freq(field, token)
            if len(self._frequencies) >= _MOST_FREQUENCIES:
                self._frequencies.clear()
            self._frequencies[field, token] = found
        return found

    def rarity(self, field: str, token: str) -> float:
        """What finding a token is worth: BM25's share of how rare it is, as for a field without lengths."""
        having, held = self.frequency(field, token), self.searcher.num_docs
        return math.log(1 + max(0.0, held - having + 0.5) / (having + 0.5))

    def is_present_everywhere(self, name: str) -> bool:
        """Whether every document has a value in a field."""
        return self._is_everywhere("has", name)

    def demanding(self, filters: tuple[Query, ...]) -> tuple[Query, ...]:
        """The filters, taken apart and without those that every document fits, such as the state where all are active."""
        return tuple(part for query in filters for part in demands(query) if not self._is_met(part))

    def _is_met(self, query: Query) -> bool:
        if isinstance(query, Everything):
            return True
        if isinstance(query, Exists):
            return self.is_present_everywhere(query.field)
        if isinstance(query, Term):
            field, before = place(query.field)
            return self._is_everywhere(field, before + query.token)
        if isinstance(query, Combine) and not query.must and not query.must_not and query.minimum == 1:
            return len(query.should) < _MOST_KEPT and any(self._is_met(part) for part in query.should)
        return False

    def kept(self, filters: tuple[Query, ...], facets: tuple[Facet, ...]) -> Counts | None:
        """The facets of match-all within these filters, if they were counted since the last commit."""
        return self._facets.get((filters, facets))

    def keep(self, filters: tuple[Query, ...], facets: tuple[Facet, ...], counts: Counts) -> None:
        if len(self._facets) >= _MOST_KEPT:
            self._facets.clear()
        self._facets[filters, facets] = counts

    def ordered(self, filters: tuple[Query, ...], keys: tuple[SortKey, ...]) -> Order | None:
        """The order of match-all within these filters, if somebody has paged through it since the last commit."""
        return self._orders.get((filters, keys))

    def keep_ordered(self, filters: tuple[Query, ...], keys: tuple[SortKey, ...], order: Order) -> None:
        if len(self._orders) >= _MOST_ORDERS:
            self._orders.clear()
        self._orders[filters, keys] = order

    def ranks(self, addresses: list[Any], key: SortKey) -> list[Rank]:
        """What orders documents by a key, read once from each; of few keys, since that takes as much memory as all titles."""
        with self._lock:
            known = self._ranks.setdefault(key, {})
            if len(self._ranks) > _MOST_RANKED:
                del self._ranks[next(iter(self._ranks))]
        places = [(address.segment_ord, address.doc) for address in addresses]
        for address, place_of in zip(addresses, places, strict=True):
            if place_of not in known:
                known[place_of] = rank(from_tantivy(self.searcher.doc(address)), key)
        return [known[place_of] for place_of in places]
