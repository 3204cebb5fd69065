"""Which documents stand on a page, by one or several sort keys.

tantivy orders by one column. Of equal ones it knows no second key, so the ties that touch the page are fetched whole and
ordered by the next key. A field without a column of its own is walked through value by value where each document has one
value; texts and fields of several values are read from all documents that are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import tantivy
from tantivy import Occur

from ..fields import UNIQUE_KEY, WORDED, Kind, kind_of, sort_field
from ..query import Everything, Exists, Query, Range, Term, either, has_score, without
from ..request import Request, SortKey
from ..sorting import none_is_first, value_of_none
from .tantivy_query import Translator
from .tantivy_schema import FAST_DATES, FAST_TEXTS, date_of, facet_path, facet_value

Hit = tuple[float, Any]
"""A score and tantivy's address of the document."""
_SLACK = 32
_DEEP = 500
"""From this result on the order of match-all is kept for the next page: who pages so far goes through everything."""
_MOST_ORDERED = 50_000
_MOST_VALUES = 60_000


@dataclass(frozen=True)
class Part:
    """Documents that stand together in the order: which they are, how many, and by what they are ordered among themselves."""

    query: Query
    count: int
    keys: tuple[SortKey, ...]


class Orderer:
    def __init__(self, translator: Translator, request: Request) -> None:
        self.translator = translator
        self.searcher = translator.searcher
        self.request = request

    def page(self) -> tuple[int, list[Hit]]:
        """How many documents fit, and the hits of the page that the request asks for."""
        keys = self.keys()
        if self.request.rows and (not keys or keys[0].field == "score" or self.is_in_column(keys)):
            return self.at_once(keys)
        count = self.count(())
        rows = min(self.request.rows, max(0, count - self.request.start))
        return count, self.slice(keys, (), self.request.start, rows, count) if rows else []

    def keys(self) -> tuple[SortKey, ...]:
        """The keys that tell documents apart; where all score alike, the score is none."""
        keys = self.request.sort
        if not has_score(self.request.query):
            return tuple(key for key in keys if key.field != "score")
        return keys or (SortKey("score", True),)

    def is_in_column(self, keys: tuple[SortKey, ...]) -> bool:
        """Whether one column orders all documents: none lacks a value, no second key is asked for."""
        name = sort_field(keys[0].field)
        with_column = name in FAST_DATES or name in FAST_TEXTS
        return len(keys) == 1 and with_column and self.translator.view.is_present_everywhere(name)

    def at_once(self, keys: tuple[SortKey, ...]) -> tuple[int, list[Hit]]:
        """Count and page in one walk over the documents, for which tantivy sets memory aside up to the page's end."""
        start = self.request.start
        rows = min(self.request.rows, self.searcher.num_docs - start)
        if rows <= 0:
            return self.count(()), []
        query = self.translated(())
        if keys and keys[0].field == "score":
            return self.scored(query, keys, start, rows)
        if not keys:
            found: Any = self.searcher.search(query, rows, count=True, offset=start)
            return found.count or 0, list(found.hits)
        if start >= _DEEP and start + rows <= _MOST_ORDERED and isinstance(self.request.query, Everything):
            return self.deep(query, keys, start, rows)
        found = self.in_column(query, keys, rows, start)
        return found.count or 0, [(1.0, address) for _value, address in found.hits]

    def in_column(self, query: tantivy.Query, keys: tuple[SortKey, ...], rows: int, start: int = 0) -> Any:
        order = tantivy.Order.Desc if keys[0].descending else tantivy.Order.Asc
        column = f"sort_{sort_field(keys[0].field)}"
        return self.searcher.search(query, rows, count=True, offset=start, order_by_field=column, order=order)

    def deep(self, query: tantivy.Query, keys: tuple[SortKey, ...], start: int, rows: int) -> tuple[int, list[Hit]]:
        """A page far down in match-all, out of an order that is kept until the next commit."""
        view, wanted = self.translator.view, start + rows
        kept = view.ordered(self.request.filters, keys)
        if kept is None or len(kept[1]) < min(wanted, kept[0]):
            found = self.in_column(query, keys, min(2 * wanted, _MOST_ORDERED, self.searcher.num_docs))
            kept = (found.count or 0, [address for _value, address in found.hits])
            view.keep_ordered(self.request.filters, keys, kept)
        return kept[0], [(1.0, address) for address in kept[1][start:wanted]]

    def translated(self, within: tuple[Query, ...]) -> tantivy.Query:
        return self.translator.filtered(self.request.query, (*self.request.filters, *within))

    def count(self, within: tuple[Query, ...]) -> int:
        found: Any = self.searcher.search(self.translated(within), 1, count=True)
        return found.count or 0

    def slice(
        self, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int, count: int
    ) -> list[Hit]:
        """The hits from `start` on, of the `count` documents that also fit `within`, in the order of the keys."""
        if rows <= 0 or start >= count:
            return []
        if not keys:
            return self.searcher.search(self.translated(within), rows, count=False, offset=start).hits
        if keys[0].field == "score":
            return self.by_score(keys, within, start, rows)
        name = sort_field(keys[0].field)
        if name in FAST_DATES or name in FAST_TEXTS:
            return self.in_column_within(name, keys, within, start, rows, count)
        parts = self.parts(name, keys, within, count)
        return self.collected(keys, within, start, rows) if parts is None else self.joined(parts, within, start, rows)

    def joined(self, parts: Iterable[Part], within: tuple[Query, ...], start: int, rows: int) -> list[Hit]:
        """The hits out of parts that stand one behind the other."""
        out: list[Hit] = []
        before = 0
        for part in parts:
            if len(out) >= rows:
                break
            skipped = max(0, start - before)
            out += self.slice(part.keys, (*within, part.query), skipped, rows - len(out), part.count)
            before += part.count
        return out

    def in_column_within(
        self, name: str, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int, count: int
    ) -> list[Hit]:
        """The hits by a field with a column; what is not in it stands together at one end."""
        present = self.count((*within, _having(name)))
        if present == count:
            return self.by_column(name, keys, within, start, min(rows, count - start))
        parts = [Part(_having(name), present, keys), Part(without(_having(name)), count - present, keys[1:])]
        at_front = none_is_first(name, keys[0].descending)
        return self.joined(reversed(parts) if at_front else parts, within, start, rows)

    def by_score(self, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int) -> list[Hit]:
        return self.scored(self.translated(within), keys, start, rows)[1]

    def scored(self, query: tantivy.Query, keys: tuple[SortKey, ...], start: int, rows: int) -> tuple[int, list[Hit]]:
        """The count and the hits by score, of equal ones by the further keys."""
        wanted = start + rows
        first, further = keys[0], keys[1:]
        limit = wanted + (_SLACK if further else 0) if first.descending else self.searcher.num_docs
        found: Any = self.searcher.search(query, limit, count=True)
        count, hits = found.count or 0, list(found.hits)
        while first.descending and further and len(hits) == limit and hits[-1][0] >= hits[wanted - 1][0]:
            limit *= 4
            hits = list(self.searcher.search(query, limit, count=False).hits)
        if not first.descending:
            hits = hits[::-1]
        scores = [score for score, _address in hits]
        return count, self.ties_sorted(hits, scores, further, start, wanted)[start:wanted]

    def ties_sorted(
        self, hits: list[Hit], marks: list[Any], keys: tuple[SortKey, ...], start: int, end: int
    ) -> list[Hit]:
        """Runs of hits of equal marks that touch the page, each ordered by the further keys."""
        if not keys:
            return hits
        out = list(hits)
        at = 0
        while at < min(end, len(out)):
            until = at + 1
            while until < len(out) and marks[until] == marks[at]:
                until += 1
            if until - at > 1 and until > start:
                out[at:until] = self.sorted_by_values(out[at:until], keys)
            at = until
        return out

    def sorted_by_values(self, hits: list[Hit], keys: tuple[SortKey, ...]) -> list[Hit]:
        ordered = list(hits)
        for key in reversed(keys):
            pairs = zip(self.ranks(ordered, key), ordered, strict=True)
            ordered = [hit for _rank, hit in sorted(pairs, key=lambda pair: pair[0], reverse=key.descending)]
        return ordered

    def ranks(self, hits: list[Hit], key: SortKey) -> list[Any]:
        """What orders each hit by a key."""
        if key.field == "score":
            return [score for score, _address in hits]
        addresses = [address for _score, address in hits]
        if key.field in FAST_DATES:
            # None means the beginning of 1970, as it does in `rank`.
            return [value or 0 for value in self.searcher.fast_field_values(f"sort_{key.field}", addresses)]
        return self.translator.view.ranks(addresses, key)

    def collected(self, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int) -> list[Hit]:
        """The hits by what no column tells: everything that is found is ordered by what stands in the documents."""
        found = self.searcher.search(self.translated(within), self.searcher.num_docs, count=False).hits
        pairs = zip(self.ranks(found, keys[0]), found, strict=True)
        ordered = sorted(pairs, key=lambda pair: pair[0], reverse=keys[0].descending)
        marks, hits = [mark for mark, _hit in ordered], [hit for _mark, hit in ordered]
        return self.ties_sorted(hits, marks, keys[1:], start, start + rows)[start : start + rows]

    def by_column(
        self, name: str, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int
    ) -> list[Hit]:
        order = tantivy.Order.Desc if keys[0].descending else tantivy.Order.Asc
        column, query = f"sort_{name}", self.translated(within)
        if len(keys) == 1:
            found = self.searcher.search(
                query, rows, count=False, order_by_field=column, offset=start, order=order
            ).hits
            return [(1.0, address) for _value, address in found]
        found = self.searcher.search(query, start + rows + 1, count=False, order_by_field=column, order=order).hits
        return self.runs(name, keys, within, [value for value, _address in found], start, rows, found)

    def runs(
        self,
        name: str,
        keys: tuple[SortKey, ...],
        within: tuple[Query, ...],
        values: list[Any],
        start: int,
        rows: int,
        found: list[Any],
    ) -> list[Hit]:
        """The page out of hits ordered by the first key: where neighbours are equal, the next key decides."""
        out: list[Hit] = []
        at = 0
        while at < len(values) and len(out) < rows:
            until = at + 1
            while until < len(values) and values[until] == values[at]:
                until += 1
            if until > start:
                skipped = max(0, start - at)
                if until - at == 1:
                    out.append((1.0, found[at][1]))
                else:
                    equal = (*within, _equal(name, values[at]))
                    out += self.slice(keys[1:], equal, skipped, rows - len(out), self.count(equal))
            at = until
        return out[:rows]

    def parts(
        self, name: str, keys: tuple[SortKey, ...], within: tuple[Query, ...], count: int
    ) -> Iterable[Part] | None:
        """A field's values in order with the documents that have each, or None where they do not order all that is found."""
        counts = None if kind_of(name) in WORDED or name == UNIQUE_KEY else self.values(name, within)
        if counts is None:
            return None
        who: dict[str, Query] = {}
        at_end: list[Part] = []
        lacking, none = count - sum(counts.values()), value_of_none(name)
        if lacking and none is None:
            at_end = [Part(without(_having(name)), lacking, keys[1:])]
        elif lacking and none is not None:
            counts[none] = counts.get(none, 0) + lacking
            who[none] = either((Term(name, none), without(_having(name))))
        ordered = sorted(counts, reverse=keys[0].descending)
        return chain((Part(who.get(v) or Term(name, v), counts[v], keys[1:]) for v in ordered), at_end)

    def values(self, name: str, within: tuple[Query, ...]) -> dict[str, int] | None:
        """How many documents have each value of a field; None where one has several values, or there are too many of them."""
        query, path = self.translated(within), facet_path(name)
        terms = {"field": path, "size": _MOST_VALUES, "segment_size": _MOST_VALUES, "order": {"_key": "asc"}}
        found = self.searcher.aggregate(query, {"values": {"terms": terms}})["values"]
        counts = {facet_value(bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]}
        having = tantivy.Query.boolean_query([(Occur.Must, query), (Occur.Must, tantivy.Query.exists_query(path))])
        present: Any = self.searcher.search(having, 1, count=True)
        is_one_each = not found["sum_other_doc_count"] and sum(counts.values()) == (present.count or 0)
        return counts if is_one_each else None


def _having(name: str) -> Query:
    """Documents with a value to order by; a text in a field of dates or numbers is none."""
    return Exists(name) if kind_of(name) is Kind.STRING else Range(name, None, None)


def _equal(name: str, value: Any) -> Query:
    if name in FAST_TEXTS:
        return Term(name, str(value))
    date = date_of(int(value))
    return Range(name, date, date)
