"""The tree in Elasticsearch's own queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..query import (
    ANY_ONE,
    Best,
    Boost,
    Combine,
    Constant,
    Everything,
    Exists,
    Fuzzy,
    Nothing,
    Pattern,
    Phrase,
    Query,
    Range,
    Term,
    demands,
)
from .elasticsearch_index import DATES, EVERY, FAST_DATES, place, written
from .tantivy_schema import milliseconds

Body = dict[str, Any]
# Of the beginning of a phrase's last word, so many words of the index are tried; more than there are with one beginning.
_MOST_ENDINGS = 60_000
# Phrases reach no farther than the mapping keeps values apart.
_MOST_SLOP = 900
_STANDING = frozenset(("site_id", "state", "capacity", "permission_labels", "entity_type", "dataset_type"))
"""Fields by which CKAN narrows every search, whatever is asked."""
_WILD = frozenset("*?\\")
_CLAUSES = frozenset(("bool", "constant_score", "dis_max", "match_none", "span_near"))


def filtered(query: Query, filters: tuple[Query, ...]) -> Body:
    """The query within its filters, which do not touch the score."""
    within = _within(filters)
    if isinstance(query, Everything) and any(map(_has_something, filters)):
        return {"bool": {"filter": within}}
    return {"bool": {"must": [translate(query)], "filter": within}} if within else translate(query)


def _within(filters: tuple[Query, ...]) -> list[Body]:
    """The filters, those that most searches share as one clause: the cluster keeps what a clause of several lets through,
    and no single term's; with four terms beside each other a search took a quarter longer."""
    parts = [part for query in filters for part in demands(query)]
    standing = [translate(part) for part in parts if _is_standing(part)]
    others = [translate(part) for part in parts if not _is_standing(part)]
    return [*others, {"bool": {"filter": standing}}] if standing else others


def _is_standing(query: Query) -> bool:
    if isinstance(query, Combine):
        return bool(query.should) and not query.must and not query.must_not and all(map(_is_standing, query.should))
    return isinstance(query, Term) and query.field in _STANDING


def _has_something(query: Query) -> bool:
    """Whether what fits has a word or value of its own, so that it is a document and not the note of the position."""
    if isinstance(query, Combine):
        return any(map(_has_something, query.must))
    return isinstance(query, (Term, Phrase, Exists))


def translate(query: Query) -> Body:
    return _TRANSLATIONS[type(query)](query)


def _everything(_query: Everything) -> Body:
    return _constant_of({"term": {"has": EVERY}})


def _nothing(_query: Nothing) -> Body:
    return {"match_none": {}}


def _term(query: Term) -> Body:
    field, before = place(query.field)
    return {"term": {field: {"value": before + written(query.token)}}}


def _phrase(query: Phrase) -> Body:
    field, before = place(query.field)
    tokens = [before + written(token) for token in query.tokens]
    if query.slop:
        return _near(field, tokens, query)
    if query.open_end:
        return {"match_phrase_prefix": {field: {"query": " ".join(tokens), "max_expansions": _MOST_ENDINGS}}}
    return {"match_phrase": {field: {"query": " ".join(tokens)}}}


def _near(field: str, tokens: list[str], query: Phrase) -> Body:
    """Tokens in their order with others between them; a phrase query with slop would also take them in another order."""
    clauses: list[Body] = [{"span_term": {field: {"value": token}}} for token in tokens]
    if query.open_end:
        clauses[-1] = {"span_multi": {"match": {"prefix": {field: {"value": tokens[-1]}}}}}
    return {"span_near": {"clauses": clauses, "slop": min(query.slop, _MOST_SLOP), "in_order": True}}


def _pattern(query: Pattern) -> Body:
    field, before = place(query.field)
    if query.parts[-1] is None and all(part not in (None, ANY_ONE) for part in query.parts[:-1]):
        return {"prefix": {field: {"value": before + "".join(written(part or "") for part in query.parts[:-1])}}}
    parts = ("*" if part is None else "?" if part == ANY_ONE else _literal(written(part)) for part in query.parts)
    return {"wildcard": {field: {"value": _literal(before) + "".join(parts)}}}


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in _WILD else char for char in text)


def _fuzzy(query: Fuzzy) -> Body:
    field, before = place(query.field)
    asked = {
        "value": before + written(query.token),
        "fuzziness": query.distance,
        "prefix_length": len(before),
        "rewrite": "constant_score",
    }
    return {"fuzzy": {field: asked}}


def _range(query: Range) -> Body:
    low, high = ("gte" if query.include_low else "gt"), ("lte" if query.include_high else "lt")
    if query.field in FAST_DATES:
        bounds = {low: query.low, high: query.high}
        numbers = {name: milliseconds(bound) for name, bound in bounds.items() if bound is not None}
        return _constant_of({"range": {f"{DATES}.{query.field}": numbers}})
    field, before = place(query.field)
    limits: Body = {}
    if query.low is not None:
        limits[low] = before + written(query.low)
    elif before:
        limits["gte"] = before
    if query.high is not None:
        limits[high] = before + written(query.high)
    elif before:
        # Behind every token with this name before it, and before every other name.
        limits["lt"] = before[:-1] + chr(ord(before[-1]) + 1)
    return _constant_of({"range": {field: limits}})


def _exists(query: Exists) -> Body:
    return _constant_of({"term": {"has": written(query.field)}})


def _combine(query: Combine) -> Body:
    same = _one_of_terms(query)
    if same is not None:
        return same
    body: Body = {}
    for name, parts in (("must", query.must), ("should", query.should), ("must_not", query.must_not)):
        if parts:
            body[name] = [translate(part) for part in parts]
    if query.should:
        body["minimum_should_match"] = query.minimum or (0 if query.must else 1)
    return {"bool": body}


def _one_of_terms(query: Combine) -> Body | None:
    """Many values of one exact field, as in a filter by permission labels, at once instead of one by one."""
    if query.must or query.must_not or query.minimum != 1 or len(query.should) < 8:
        return None
    terms = [part for part in query.should if isinstance(part, Term)]
    places = {place(part.field) for part in terms}
    if len(places) != 1 or len(terms) != len(query.should):
        return None
    field, before = places.pop()
    if field != "exact":
        return None
    return _constant_of({"terms": {field: [before + written(part.token) for part in terms]}})


def _best(query: Best) -> Body:
    return {"dis_max": {"queries": [translate(part) for part in query.choices], "tie_breaker": query.tie}}


def _boost(query: Boost) -> Body:
    body = translate(query.query)
    ((kind, about),) = body.items()
    # Of one field's value the boost stands with the value, of others with the clause.
    holder = about if kind in _CLAUSES else next(iter(about.values()))
    holder["boost"] = holder.get("boost", 1.0) * max(0.0, query.factor)
    return body


def _constant(query: Constant) -> Body:
    return _constant_of(translate(query.query), query.score)


def _constant_of(body: Body, score: float = 1.0) -> Body:
    return {"constant_score": {"filter": body, "boost": max(0.0, score)}}


_TRANSLATIONS: dict[type, Callable[[Any], Body]] = {
    Everything: _everything,
    Nothing: _nothing,
    Term: _term,
    Phrase: _phrase,
    Pattern: _pattern,
    Fuzzy: _fuzzy,
    Range: _range,
    Exists: _exists,
    Combine: _combine,
    Best: _best,
    Boost: _boost,
    Constant: _constant,
}
