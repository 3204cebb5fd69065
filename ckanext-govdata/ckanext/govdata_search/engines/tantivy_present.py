"""What of a query can be found in a commit at all: of a word's many synonyms most stand in no title.

Done before a query is narrowed and translated, since most of what Chinese words are read as falls away here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..query import Best, Boost, Combine, Constant, Nothing, Phrase, Query, Term
from .tantivy_query import one_of_terms
from .tantivy_schema import place
from .tantivy_view import View

_NONE = Nothing()


def present(query: Query, view: View) -> Query:
    """The query without the parts that need a token which stands nowhere: the same documents with the same scores."""
    part = _PARTS.get(type(query))
    return part(query, view) if part else query


def postings(query: Query, view: View) -> int:
    """How many entries of the index a query goes through at most, which tells how long that takes."""
    if isinstance(query, (Term, Phrase)):
        field, before = place(query.field)
        tokens = (query.token,) if isinstance(query, Term) else query.tokens
        return sum([view.frequency(field, before + token) for token in tokens])
    if isinstance(query, (Boost, Constant)):
        return postings(query.query, view)
    if isinstance(query, Best):
        return sum([postings(part, view) for part in query.choices])
    if isinstance(query, Combine):
        return sum([postings(part, view) for part in (*query.must, *query.should)])
    return 0 if isinstance(query, Nothing) else view.searcher.num_docs


def _term(query: Term, view: View) -> Query:
    field, before = place(query.field)
    return query if view.frequency(field, before + query.token) else _NONE


def _phrase(query: Phrase, view: View) -> Query:
    field, before = place(query.field)
    for token in query.tokens[:-1] if query.open_end else query.tokens:
        if not view.frequency(field, before + token):
            return _NONE
    return query


def _boost(query: Boost, view: View) -> Query:
    inner = present(query.query, view)
    return _NONE if inner is _NONE else query if inner is query.query else Boost(inner, query.factor)


def _constant(query: Constant, view: View) -> Query:
    inner = present(query.query, view)
    return _NONE if inner is _NONE else query if inner is query.query else Constant(inner, query.score)


def _best(query: Best, view: View) -> Query:
    choices, finds = _all(query.choices, view), _all(query.finds, view)
    if not choices or (query.finds and not finds):
        return _NONE
    return choices[0] if len(choices) == 1 else Best(choices, query.tie, finds)


def _combine(query: Combine, view: View) -> Query:
    must, should = _all(query.must, view), _all(query.should, view)
    least = query.minimum or (0 if query.must or not query.should else 1)
    if len(must) < len(query.must) or len(should) < least:
        return _NONE
    if one_of_terms(query):
        return query
    return Combine(must, should, _all(query.must_not, view), query.minimum)


def _all(queries: tuple[Query, ...], view: View) -> tuple[Query, ...]:
    return tuple([part for part in [present(query, view) for query in queries] if part is not _NONE])


_PARTS: dict[type, Callable[[Any, View], Query]] = {
    Term: _term,
    Phrase: _phrase,
    Boost: _boost,
    Constant: _constant,
    Best: _best,
    Combine: _combine,
    Nothing: lambda _query, _view: _NONE,
}
