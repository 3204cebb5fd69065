"""Asking the cluster: pages in order, exact counts, and the way to what lies beyond the window of one request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from elasticsearch import Elasticsearch

from ..errors import TooManyValues
from ..fields import kind_of, sort_field
from ..query import Everything, Query, has_score
from ..request import Answer, Facet, Request, SortKey
from ..sorting import none_is_first, value_of_none
from ..values import WRITTEN
from .elasticsearch_index import DATES, FAST_DATES, column, document_of, held, order_column, window
from .elasticsearch_query import Body, filtered, translate
from .memory import cut

_MOST_VALUES = 60_000
_MOST_COUNTED = 2**31 - 1
_REGEX = frozenset('.?+*|{}[]()"\\#@&<>~^$')
_HELD = "1m"
"""How long the cluster keeps a view of the index for the next step of a walk."""
_LAST = {"number": "asc"}
_NO_PAGE: Body = {"size": 0, "from": 0}
_WHOLE: Body = {"allow_partial_search_results": False}
"""A count without those of a shard that is lost would be wrong, and nobody would know."""
_JSON = {"accept": "application/json", "content-type": "application/json"}
_COUNTED, _LISTED, _KNOWN = "counted", "listed", "known"


class Searcher:
    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self._client = client
        self._alias = alias
        self._path = f"/{quote(alias, safe='')}/_search"
        self._shards = 1

    def search(self, request: Request) -> Answer:
        """Raises what the client raises, NotFoundError where there is no index."""
        count, hits, facets = self._found(request)
        documents = [document_of(hit) for hit in hits]
        return Answer(count, documents, [float(hit.get("_score") or 1.0) for hit in hits], facets)

    def _found(self, request: Request) -> tuple[int, list[Body], dict[str, list[tuple[str, int]]]]:
        """The count, the page and the facets: of all searches that this takes the cluster is asked at once."""
        found = self._asked(_searches(request, self._shards))
        before, self._shards = self._shards, int(found[_COUNTED]["_shards"]["total"])
        if request.facets and before == 1 < self._shards:
            found = self._asked(_searches(request, self._shards))
        count = int(found[_COUNTED]["hits"]["total"]["value"])
        hits = found.get(_LISTED, found[_COUNTED])["hits"]["hits"]
        if request.rows and request.start < count and request.start + request.rows > window():
            hits = self._beyond(request, count)
        return count, hits, _facets(request, found)

    def _asked(self, searches: dict[str, Body]) -> dict[str, Body]:
        """The answers by the names of the searches. What failed among several is asked once more by itself: the client
        then goes to another node, or raises what there is to say of it."""
        if len(searches) == 1:
            return {name: self._answer(asked) for name, asked in searches.items()}
        lines = [line for asked in searches.values() for line in (_WHOLE, asked)]
        answers = self._client.msearch(index=self._alias, searches=lines)["responses"]
        return {
            name: self._answer(asked) if "error" in answer else answer
            for (name, asked), answer in zip(searches.items(), answers, strict=True)
        }

    def _answer(self, asked: Body) -> Body:
        """By the client's one door for all requests: its method for searches takes a twentieth of the time of a short one."""
        path = "/_search" if "pit" in asked else self._path
        return self._client.perform_request("POST", path, params=_WHOLE, headers=_JSON, body=asked).body

    def count(self) -> int:
        return self.search(Request(rows=0)).count

    def keys(self, query: Query) -> list[str]:
        asked = {"query": translate(query), "sort": [_LAST], "_source": False}
        return [hit["_id"] for hits in self._walk(asked) for hit in hits]

    def _beyond(self, request: Request, count: int) -> list[Body]:
        """The page behind the window of one request: walked to in long steps, of which only sort values are given back."""
        end = min(request.start + request.rows, count)
        query, keys = filtered(request.query, request.filters), order(request)
        found: list[Body] = []
        skipped = 0
        light = {"query": query, "sort": keys, "_source": False}
        full = {"query": query, "sort": keys, **_texts(request), "track_scores": "score" in request.fields}
        for hits in self._walk(light, full, request.start, end):
            keep = hits[max(0, request.start - skipped) : max(0, end - skipped)]
            found += keep
            skipped += len(hits)
        return found

    def _walk(
        self, light: Body, full: Body | None = None, start: int = 0, end: int | None = None
    ) -> Iterator[list[Body]]:
        """Step through everything that is found, in one view of the index; from `start` on by the request `full`."""
        view = self._client.open_point_in_time(index=self._alias, keep_alive=_HELD)["id"]
        after: list[Any] | None = None
        seen = 0
        try:
            while end is None or seen < end:
                before = full is not None and seen < start
                asked = light if before or full is None else full
                size = min(window(), (start if before else end or window() + seen) - seen)
                step = {**asked, "size": size, "track_total_hits": False, "pit": {"id": view, "keep_alive": _HELD}}
                if after is not None:
                    step["search_after"] = after
                found = self._answer(step)
                view = found.get("pit_id", view)
                hits = found["hits"]["hits"]
                if not hits:
                    return
                yield hits
                seen += len(hits)
                after = hits[-1]["sort"]
        finally:
            self._client.close_point_in_time(id=view)


def _searches(request: Request, shards: int) -> dict[str, Body]:
    """What is counted, and in the same search what is listed where documents are scored.

    Else the page is a search of its own: the cluster keeps the counts until something is written, and without having to
    count it leaves out what is not on the page, in the order in which documents lie there altogether.
    """
    near = request.start + request.rows <= window()
    together = near and has_score(request.query)
    counting = {**_page(request), "track_total_hits": True, **({} if together else _NO_PAGE)}
    counted = {name: _terms(facet, shards) for name, facet in _numbered(request)}
    searches = {_COUNTED: {**counting, "aggs": counted} if counted else counting}
    if near and request.rows and not together:
        searches[_LISTED] = {**_page(request), "track_total_hits": False}
    with_none = {name: counted[name] for name, facet in _numbered(request) if facet.least <= 0}
    if with_none:
        # Values counted as none come from what the filters let through: those of hidden documents must not appear.
        within = filtered(Everything(), request.filters)
        searches[_KNOWN] = {"query": within, "size": 0, "aggs": with_none, "track_total_hits": False}
    return searches


def _numbered(request: Request) -> Iterator[tuple[str, Facet]]:
    return ((f"f{number}", facet) for number, facet in enumerate(request.facets))


def _facets(request: Request, found: dict[str, Body]) -> dict[str, list[tuple[str, int]]]:
    facets: dict[str, list[tuple[str, int]]] = {}
    for name, facet in _numbered(request):
        known = found[_KNOWN]["aggregations"] if facet.least <= 0 else {}
        counts = dict.fromkeys(_counts(facet, known[name]), 0) if known else {}
        facets[facet.field] = cut(facet, {**counts, **_counts(facet, found[_COUNTED]["aggregations"][name])}.items())
    return facets


def order(request: Request) -> list[Body]:
    """Every key of the sort, at the end the number, so that no two documents are equal."""
    scored = has_score(request.query)
    keys: list[Body] = []
    for key in request.sort:
        if key.field != "score":
            keys.append(_by_column(key))
        elif scored:
            keys.append({"_score": "desc" if key.descending else "asc"})
    if scored and not request.sort:
        keys = [{"_score": "desc"}]
    return [*keys, _LAST]


def _by_column(key: SortKey) -> Body:
    """A key of the sort by the values in a column, of several the least or going down the greatest.

    Numbers of dates have what lacks them at an end, as the index itself is sorted, or the cluster would go through all of it.
    """
    name = sort_field(key.field)
    at_end = "_first" if none_is_first(name, key.descending) else "_last"
    about: Body = {"order": "desc", "mode": "max"} if key.descending else {"order": "asc", "mode": "min"}
    if name in FAST_DATES:
        # Of one value the least is the greatest, and only so it is the order of the index.
        return {f"{DATES}.{name}": {**about, "mode": "min", "missing": at_end, "unmapped_type": "long"}}
    return {order_column(name): {**about, "missing": value_of_none(name) or at_end, "unmapped_type": "keyword"}}


def _page(request: Request) -> Body:
    return {
        "query": filtered(request.query, request.filters),
        "size": request.rows,
        "from": request.start,
        "sort": order(request),
        "track_scores": "score" in request.fields,
        **_texts(request),
    }


def _texts(request: Request) -> Body:
    """What is given back of a document, out of columns alone: no stored field is read, not even its key."""
    return {"docvalue_fields": held(request.needed), "stored_fields": "_none_"}


def _terms(facet: Facet, shards: int) -> Body:
    """So many values that the page of them is right. Of several shards each has to give all of its values: what one leaves out
    the others cannot add up. One alone gives those that are wanted, which took half the time with thousands of values."""
    prefix = "" if kind_of(facet.field) in WRITTEN else facet.prefix
    bounded = facet.limit is not None and facet.least > 0 and prefix == facet.prefix
    size = max(1, facet.offset + (facet.limit or 0)) if bounded else _MOST_VALUES
    asked: Body = {
        "field": column(facet.field),
        "size": min(size, _MOST_VALUES),
        "shard_size": _MOST_VALUES if shards > 1 else min(size, _MOST_VALUES),
        "min_doc_count": min(max(1, facet.least), _MOST_COUNTED),
        "order": [{"_key": "asc"}] if facet.by_value else [{"_count": "desc"}, {"_key": "asc"}],
    }
    if prefix:
        asked["include"] = "".join(f"\\{c}" if c in _REGEX else c for c in prefix) + "(.|\n|\r)*"
    return {"terms": asked}


def _counts(facet: Facet, found: Body) -> dict[str, int]:
    """Values with their counts. Raises TooManyValues where the cluster says that they may be wrong."""
    if found.get("doc_count_error_upper_bound"):
        raise TooManyValues(facet.field, _MOST_VALUES)
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found["buckets"]}
