"""Which documents stand on a page: one or several sort keys, documents without a value last.

tantivy orders by one column. Of equal ones it knows no second key, so the ties that touch the page are fetched whole and
ordered by the next key; a field without a column of its own is walked through value by value.
"""

from __future__ import annotations

from typing import Any

import tantivy

from ..fields import sort_field
from ..query import Combine, Everything, Exists, Query, Range, Term, has_score
from ..request import Request, SortKey
from .memory import sort_value
from .tantivy_query import Translator
from .tantivy_schema import FAST_DATES, FAST_TEXTS, date_of, facet_path, facet_value, from_tantivy

Hit = tuple[float, Any]
"""A score and tantivy's address of the document."""
_SLACK = 32
_DEEP = 500
"""From this result on the order of match-all is kept for the next page: who pages so far goes through everything."""
_MOST_ORDERED = 50_000
_MOST_VALUES = 60_000


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
        present = self.count((*within, Exists(name)))
        hits: list[Hit] = []
        if start < present:
            hits = self.by_field(name, keys, (*within, Exists(name)), start, min(rows, present - start))
        if len(hits) < rows and present < count:
            lacking = (*within, Combine(must=(Everything(),), must_not=(Exists(name),)))
            hits = hits + self.slice(keys[1:], lacking, max(0, start - present), rows - len(hits), count - present)
        return hits

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
        return count, self.ties_sorted(hits, further, start, wanted)[start:wanted]

    def ties_sorted(self, hits: list[Hit], keys: tuple[SortKey, ...], start: int, end: int) -> list[Hit]:
        """Runs of equal scores that touch the page, each ordered by the further keys."""
        if not keys:
            return hits
        out = list(hits)
        at = 0
        while at < min(end, len(out)):
            until = at
            while until < len(out) and out[until][0] == out[at][0]:
                until += 1
            if until - at > 1 and until > start:
                out[at:until] = self.sorted_by_values(out[at:until], keys)
            at = until
        return out

    def sorted_by_values(self, hits: list[Hit], keys: tuple[SortKey, ...]) -> list[Hit]:
        ordered = list(hits)
        for key in reversed(keys):
            if key.field == "score":
                continue
            values = self.values(ordered, sort_field(key.field))
            pairs = list(zip(ordered, values, strict=True))
            having = sorted((p for p in pairs if p[1] is not None), key=lambda p: p[1] or 0, reverse=key.descending)
            ordered = [hit for hit, _value in having] + [hit for hit, value in pairs if value is None]
        return ordered

    def values(self, hits: list[Hit], name: str) -> list[Any]:
        addresses = [address for _score, address in hits]
        if name in FAST_DATES:
            return list(self.searcher.fast_field_values(f"sort_{name}", addresses))
        return [sort_value(from_tantivy(self.searcher.doc(address)), name) for address in addresses]

    def by_field(
        self, name: str, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int
    ) -> list[Hit]:
        if name not in FAST_DATES and name not in FAST_TEXTS:
            return self.walked(name, keys, within, start, rows)
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
            until = at
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

    def walked(
        self, name: str, keys: tuple[SortKey, ...], within: tuple[Query, ...], start: int, rows: int
    ) -> list[Hit]:
        """A field without a column: its values in order with their counts, and of those on the page the documents."""
        way = "desc" if keys[0].descending else "asc"
        terms = {"field": facet_path(name), "size": _MOST_VALUES, "segment_size": _MOST_VALUES, "order": {"_key": way}}
        found = self.searcher.aggregate(self.translated(within), {"values": {"terms": terms}})
        out: list[Hit] = []
        before = 0
        for bucket in found["values"]["buckets"]:
            count = bucket["doc_count"]
            if before + count > start and len(out) < rows:
                equal = (*within, Term(name, facet_value(bucket["key"])))
                out += self.slice(keys[1:], equal, max(0, start - before), rows - len(out), count)
            before += count
            if len(out) >= rows:
                break
        return out


def _equal(name: str, value: Any) -> Query:
    if name in FAST_TEXTS:
        return Term(name, str(value))
    date = date_of(int(value))
    return Range(name, date, date)
