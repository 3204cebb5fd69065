"""The tree in tantivy's own queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tantivy
from tantivy import FieldType, Occur

from ..analysis import GAP
from ..errors import QuerySyntaxError
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
    is_alike,
)
from .memory import in_range
from .tantivy_narrow import narrowed
from .tantivy_schema import EVERY, FAST_DATES, milliseconds, place
from .tantivy_view import View

_FEW_TERMS = 2_000
"""Up to so many terms that begin alike are asked for one by one, which is quicker than an automaton."""
_MANY_TERMS = 8
_RARE = 6
"""A filter that lets through less than one document in so many goes into the query."""
_MOST_ENDINGS = 50
_ANY, _ONE = "(?s:.)*", "(?s:.)"
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")


class Translator:
    """Translates for one commit, since a range over texts asks the index which values there are."""

    def __init__(self, schema: tantivy.Schema, view: View) -> None:
        self.schema = schema
        self.view = view
        self.searcher = view.searcher
        self._known: dict[int, tuple[Query, tantivy.Query]] = {}

    def filtered(self, query: Query, filters: tuple[Query, ...]) -> tantivy.Query:
        """The query within its filters, which do not touch the score."""
        main = self.translate(narrowed(query, [part for part in filters if self.is_rare(part)]))
        if not filters:
            return main
        parts = [(Occur.Must, main), *((Occur.Must, self.unscored(part)) for part in filters)]
        return tantivy.Query.boolean_query(parts)

    def is_rare(self, query: Query) -> bool:
        """Whether an exact value is so rare that words had better be looked up only where it is."""
        if not isinstance(query, Term):
            return False
        field, before = place(query.field)
        return self.view.frequency(field, before + query.token) * _RARE < self.searcher.num_docs

    def unscored(self, query: Query) -> tantivy.Query:
        return tantivy.Query.const_score_query(self.translate(query), 0.0)

    def translate(self, query: Query) -> tantivy.Query:
        """The same part often stands in a query several times, and in what counts for its facets once more."""
        known = self._known.get(id(query))
        if known is None:
            # Kept with its translation, or another part could come to stand at the same address.
            known = self._known[id(query)] = (query, _TRANSLATIONS[type(query)](self, query))
        return known[1]

    def everything(self, _query: Everything) -> tantivy.Query:
        return tantivy.Query.const_score_query(tantivy.Query.term_query(self.schema, "has", EVERY), 1.0)

    def nothing(self, _query: Nothing) -> tantivy.Query:
        return tantivy.Query.empty_query()

    def term(self, query: Term) -> tantivy.Query:
        field, before = place(query.field)
        found = tantivy.Query.term_query(self.schema, field, before + query.token)
        if field != "exact":
            return found
        # All exact values of a document share one field; how many there are must not weigh, or chance orders equal datasets.
        return tantivy.Query.const_score_query(found, self.view.rarity(field, before + query.token))

    def phrase(self, query: Phrase) -> tantivy.Query:
        field, before = place(query.field)
        tokens: list[Any] = [before + token for token in query.tokens]
        if query.open_end:
            return self.open_phrase(query, field, tokens)
        return tantivy.Query.phrase_query(self.schema, field, tokens, slop=query.slop)

    def open_phrase(self, query: Phrase, field: str, tokens: list[Any]) -> tantivy.Query:
        """The quick one looks at no more endings than it says."""
        endings = self.searcher.terms_with_prefix(field, tokens[-1], limit=_MOST_ENDINGS + 1)
        if len(endings) <= _MOST_ENDINGS and not query.slop:
            return tantivy.Query.phrase_prefix_query(self.schema, field, tokens)
        words: list[Any] = [_literal(token) for token in tokens]
        words[-1] += _ANY
        return tantivy.Query.regex_phrase_query(self.schema, field, words, slop=query.slop)

    def pattern(self, query: Pattern) -> tantivy.Query:
        field, before = place(query.field)
        if len(query.parts) == 2 and query.parts[0] not in (None, ANY_ONE) and query.parts[1] is None:
            known = self.searcher.terms_with_prefix(field, f"{before}{query.parts[0]}")
            if len(known) < _FEW_TERMS:
                found = tantivy.Query.term_set_query(self.schema, field, [token for token, _count in known])
                return tantivy.Query.const_score_query(found, 1.0)
        parts = (_ANY if part is None else _ONE if part == ANY_ONE else _literal(part) for part in query.parts)
        try:
            return tantivy.Query.regex_query(self.schema, field, _literal(before) + "".join(parts))
        except ValueError as error:
            raise QuerySyntaxError("a wildcard with too many signs behind a star") from error

    def fuzzy(self, query: Fuzzy) -> tantivy.Query:
        field, before = place(query.field)
        if not before or not self.is_near_another(query):
            return tantivy.Query.fuzzy_term_query(self.schema, field, before + query.token, query.distance)
        known = (token for token, _count in self.searcher.terms_with_prefix(field, before))
        alike = [token for token in known if is_alike(token[len(before) :], query.token, query.distance)]
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, field, alike), 1.0)

    def is_near_another(self, query: Fuzzy) -> bool:
        """Whether edits could lead from this field's name into another's: tantivy counts them over both name and token."""
        own = query.field
        return any(
            is_alike(name, own, query.distance) or own.startswith(name) or (own + query.token).startswith(name)
            for name, _count in self.searcher.terms_with_prefix("has", "")
            if name not in (own, EVERY)
        )

    def exists(self, query: Exists) -> tantivy.Query:
        return tantivy.Query.const_score_query(tantivy.Query.term_query(self.schema, "has", query.field), 1.0)

    def range(self, query: Range) -> tantivy.Query:
        if query.field in FAST_DATES:
            low, high = (None if bound is None else milliseconds(bound) for bound in (query.low, query.high))
            field, inclusive = f"sort_{query.field}", (query.include_low, query.include_high)
            if low is None and high is None:
                found = tantivy.Query.exists_query(field)
            else:
                found = tantivy.Query.range_query(self.schema, field, FieldType.Integer, low, high, *inclusive)
            return tantivy.Query.const_score_query(found, 1.0)
        field, before = place(query.field)
        known = self.searcher.terms_with_prefix(field, before)
        tokens = [token for token, _count in known if token != GAP and in_range(token[len(before) :], query)]
        return tantivy.Query.const_score_query(tantivy.Query.term_set_query(self.schema, field, tokens), 1.0)

    def combine(self, query: Combine) -> tantivy.Query:
        terms = one_of_terms(query)
        if terms:
            return self.set_of(terms)
        # Where all of them are wanted, looking for each in what the rarest one finds is quicker than counting.
        wanted = [*query.must, *query.should] if len(query.should) == query.minimum else [*query.must]
        left = query.should if len(query.should) != query.minimum else ()
        if len(wanted) == 1 and not left and not query.must_not:
            return self.translate(wanted[0])
        parts = [(Occur.Must, self.translate(part)) for part in wanted]
        parts += [(Occur.Should, self.translate(part)) for part in left]
        parts += [(Occur.MustNot, self.translate(part)) for part in query.must_not]
        return tantivy.Query.boolean_query(parts, query.minimum if left and query.minimum else None)

    def set_of(self, terms: list[Term]) -> tantivy.Query:
        before = place(terms[0].field)[1]
        return tantivy.Query.term_set_query(self.schema, "exact", [before + term.token for term in terms])

    def best(self, query: Best) -> tantivy.Query:
        choices = [self.translate(part) for part in query.choices]
        return choices[0] if len(choices) == 1 else tantivy.Query.disjunction_max_query(choices, query.tie)

    def boost(self, query: Boost) -> tantivy.Query:
        return tantivy.Query.boost_query(self.translate(query.query), query.factor)

    def constant(self, query: Constant) -> tantivy.Query:
        return tantivy.Query.const_score_query(self.translate(query.query), query.score)


def one_of_terms(query: Combine) -> list[Term]:
    """Many values of one exact field, as in a filter by permission labels, to be asked for at once instead of one by one."""
    if query.must or query.must_not or query.minimum != 1 or len(query.should) < _MANY_TERMS:
        return []
    terms = [part for part in query.should if isinstance(part, Term)]
    places = {place(term.field) for term in terms}
    if len(terms) != len(query.should) or len(places) != 1 or places.pop()[0] != "exact":
        return []
    return terms


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


_TRANSLATIONS: dict[type, Callable[[Translator, Any], tantivy.Query]] = {
    Everything: Translator.everything,
    Nothing: Translator.nothing,
    Term: Translator.term,
    Phrase: Translator.phrase,
    Pattern: Translator.pattern,
    Fuzzy: Translator.fuzzy,
    Range: Translator.range,
    Exists: Translator.exists,
    Combine: Translator.combine,
    Best: Translator.best,
    Boost: Translator.boost,
    Constant: Translator.constant,
}
