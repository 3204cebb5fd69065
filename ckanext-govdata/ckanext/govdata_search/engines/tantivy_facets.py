"""How often each value of a field stands in what a search finds: exact, since each segment gives all of its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tantivy

from ..query import Everything, Query, matching
from ..request import Facet, Request
from .beside import beside
from .memory import cut
from .tantivy_present import postings
from .tantivy_query import Translator
from .tantivy_schema import FACET_MARK, facet_path
from .tantivy_view import Counts

Facets = dict[str, list[tuple[str, int]]]
_MOST_VALUES = 60_000
_FEWEST_VALUES = 1_000
_WORTH_A_THREAD = 30_000
"""From so many entries on counting takes longer than handing it over, which costs a quarter of a millisecond."""


class Counting:
    """The facets of one search."""

    def __init__(self, translator: Translator, request: Request) -> None:
        self._translator = translator
        self._view = translator.view
        self._request = request

    def begun(self) -> Callable[[], Facets]:
        """What gives the facets; where there is much to count another thread has begun, while this one finds the page."""
        query = self._request.query
        if not self._request.facets:
            return dict
        # The counts of match-all are mostly known already.
        is_quick = isinstance(query, Everything) or postings(query, self._view) < _WORTH_A_THREAD
        return self.facets if is_quick else beside(self.facets)

    def facets(self) -> Facets:
        facets = self._request.facets
        counted = self._counts(self._request.query, facets)
        with_none = tuple(facet for facet in facets if facet.least <= 0)
        if with_none:
            # Values counted as none come from what the filters let through: those of hidden documents must not appear.
            known = self._counts(Everything(), with_none)
            counted |= {name: {**dict.fromkeys(known[name], 0), **counted[name]} for name in known}
        return {facet.field: cut(facet, counted[facet.field].items()) for facet in facets}

    def _counts(self, query: Query, facets: tuple[Facet, ...]) -> Counts:
        """The counts of all facets; those of match-all are kept until the next commit."""
        filters, of_all = self._request.filters, isinstance(query, Everything)
        kept = self._view.kept(filters, facets) if of_all else None
        if kept is None:
            kept = aggregated(self._view.searcher, self._translator.filtered(matching(query), filters), facets)
            if of_all:
                self._view.keep(filters, facets, kept)
        return dict(kept)


def aggregated(searcher: tantivy.Searcher, query: tantivy.Query, facets: tuple[Facet, ...]) -> Counts:
    out: Counts = {}
    skipped = len(FACET_MARK)
    together = {facet.field: _terms(facet) for facet in facets if facet.limit is not None and not facet.prefix}
    groups = [together, *({facet.field: _terms(facet)} for facet in facets if facet.field not in together)]
    for group in filter(None, groups):
        named = {f"f{number}": terms for number, terms in enumerate(group.values())}
        found = searcher.aggregate(query, named)
        for number, field in enumerate(group):
            buckets = found[f"f{number}"]["buckets"]
            out[field] = {bucket["key"][skipped:]: bucket["doc_count"] for bucket in buckets}
    return out


def _terms(facet: Facet) -> dict[str, Any]:
    all_of_them = facet.limit is None or facet.prefix or facet.by_value
    asked = _MOST_VALUES if all_of_them else 2 * (facet.offset + (facet.limit or 0))
    size = min(max(_FEWEST_VALUES, asked), _MOST_VALUES)
    return {"terms": {"field": facet_path(facet.field), "size": size, "segment_size": _MOST_VALUES}}
