"""From clauses to the tree that engines answer: fields get their kinds, words their tokens, plain words their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import lru_cache

from . import analysis, classes, offices, values
from .alternatives import with_alternatives
from .clauses import Between, Clause, Group, Node, Occur, Text
from .columns import means_column
from .errors import QuerySyntaxError
from .fields import Kind, kind_of
from .minimum import minimum_matches
from .offices import is_office
from .query import (
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
    Query,
    Range,
    Term,
    either,
    every,
)
from .same import Same
from .syntax import Reading, parse
from .worded import NARROWER, about, any_of, either_of, empty_clauses, found_in, nearly_all, together

_LONGEST_TYPED = 1_000
"""Longest text in characters that is taken for typed words; of a longer one the beginning counts."""
_MOST_ANALYSED = 10_000
"""Most characters of one query that are looked up in the dictionary."""
_LONGEST_KEPT = 2_000
_LONGEST_WORD = 30
_MOST_ALIKE = 200
_MOST_CLAUSES = 20_000
_COVERED = ("name", "tags", "groups")
_MOST_BOOSTED = 1e12
_LONGEST_FUZZY = 50
_LONGEST_NAME = 500
_MOST_SLOP = 900
_MOST_APART = 100
_SEVERAL = 3
"""Of so many words typed as one, a title may lack one."""


@dataclass(frozen=True)
class Manner:
    """How plain words without a field are searched: in one field, or in several with weights (dismax)."""

    default_field: str = "text"
    weights: Mapping[str, float] = field(default_factory=dict)
    tie: float = 0.0
    minimum: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    synonyms: analysis.Synonyms = field(default_factory=dict)
    """What typed words find besides themselves; filters know none."""
    nearest: bool = False
    """Whether of several words typed as one any is enough, in a title: for who found nothing."""


def read_filter(text: str, manner: Manner, conjunctive: bool = True) -> Query:
    """A filter, read strictly. Raises QuerySyntaxError."""
    if "NOW" not in text and "\\" not in text and len(text) < _LONGEST_KEPT:
        return _kept_filter(text, manner.default_field, conjunctive)
    own = Manner(default_field=manner.default_field, now=manner.now)
    return _Interpreter(own, strict=True).whole(parse(text, Reading(conjunctive=conjunctive)))


@lru_cache(maxsize=1024)
def _kept_filter(text: str, default_field: str, conjunctive: bool) -> Query:
    """CKAN sends the same few filters with every search; without a moment in them they always mean the same."""
    manner = Manner(default_field=default_field)
    return _Interpreter(manner, strict=True).whole(parse(text, Reading(conjunctive=conjunctive)))


def read_query(text: str, manner: Manner, conjunctive: bool = True) -> Query:
    """A query in Solr's full grammar as people type it, read leniently."""
    reading = Reading(strict=False, conjunctive=conjunctive)
    return _Interpreter(manner, strict=False).whole(parse(text, reading))


def read_words(text: str, manner: Manner, full: bool, conjunctive: bool = False) -> Query:
    """Words over several weighted fields: dismax, or with `full` edismax, which knows fields and `conjunctive` too."""
    conjunctive = full and conjunctive
    reading = Reading(strict=False, simple=not full, conjunctive=conjunctive, longest=_LONGEST_TYPED, cut=True)
    return _Interpreter(manner, strict=False).whole(parse(text, reading))


class _Interpreter:
    def __init__(self, manner: Manner, strict: bool) -> None:
        self.manner = manner
        self.strict = strict
        self.clauses = 0
        self.analysed = 0
        self.quoted: set[str] = set()
        self.excluding = 0
        """How many excluding clauses stand around; only the very words that were typed are excluded."""
        self.boosted = 1.0
        """What the boosts around multiply a score with; without an end to it engines' scores would become infinite."""
        self.known: dict[tuple[str, bool, bool], list[analysis.Choice]] = {}
        self.title_scores = "title" in manner.weights
        """Whether a title of its own weight scores what is looked for in titles only, so that `text` need not do it again."""

    def whole(self, group: Group) -> Query:
        return self.group(group, top=True) or Everything()

    def group(self, group: Group, top: bool = False) -> Query | None:
        must: list[Query] = []
        should: list[Query] = []
        must_not: list[Query] = []
        welcome: list[Query] = []
        kinds = {Occur.MUST: must, Occur.SHOULD: should, Occur.MUST_NOT: must_not}
        if not self.manner.weights:
            group = with_alternatives(group)
        empty = empty_clauses(group) if self.as_meant and self.manner.weights else {}
        read = [(clause, query) for clause in group.clauses if (query := self.clause(clause)) is not None]
        if all(clause in empty or clause.occur is Occur.MUST_NOT for clause, _query in read):
            # What seemed to name something has no token in it, such as a lone question mark.
            empty = {}
        for clause, query in read:
            if clause not in empty:
                kinds[clause.occur].append(query)
            elif empty[clause]:
                welcome.append(query)
        if not (must or should or must_not):
            return None if top else self.wordless(group)
        found = self.combined(must, should, must_not, self.wanted(group, len(should)))
        return Combine(must=(found,), should=tuple(welcome)) if welcome else found

    def wanted(self, group: Group, optional: int) -> int:
        """How many of the optional clauses have to fit."""
        if not optional:
            return 0
        if self.manner.minimum and group.field is None and not any(clause.explicit for clause in group.clauses):
            return minimum_matches(self.manner.minimum, optional)
        return 0 if any(clause.occur is Occur.MUST for clause in group.clauses) else 1

    @staticmethod
    def combined(must: list[Query], should: list[Query], must_not: list[Query], minimum: int) -> Query:
        if not should and not must_not:
            return every(must)
        if not must and not must_not and minimum == 1:
            return either(should)
        if not must and not should:
            must = [Everything()]
        return Combine(tuple(must), tuple(should), tuple(must_not), minimum)

    def clause(self, clause: Clause) -> Query | None:
        self.clauses += 1
        if self.clauses > _MOST_CLAUSES:
            raise QuerySyntaxError(f"more than {_MOST_CLAUSES} clauses")
        around, boost = self.boosted, min(clause.boost or 0.0, _MOST_BOOSTED / self.boosted)
        self.boosted *= max(1.0, boost)
        self.excluding += clause.occur is Occur.MUST_NOT
        query = self.node(clause.node)
        self.excluding -= clause.occur is Occur.MUST_NOT
        self.boosted = around
        if query is None or clause.boost is None:
            return query
        return Constant(query, boost) if clause.constant else Boost(query, boost)

    def node(self, node: Node) -> Query | None:
        if node.field is not None and len(node.field) > _LONGEST_NAME:
            raise QuerySyntaxError(f"a field name of more than {_LONGEST_NAME} characters")
        if isinstance(node, Group):
            return self.group(node)
        if isinstance(node, Between):
            return self.between(node)
        return self.text(node)

    def wordless(self, node: Text | Group) -> Query | None:
        """What has no token in it: a filter or a field without a value lets nothing through, typed words go on without it."""
        return Nothing() if self.strict or node.field is not None else None

    def in_no_field(self) -> Query:
        """A value in the field `*`, which stands for all documents and nothing else. Raises QuerySyntaxError in a filter."""
        if self.strict:
            raise QuerySyntaxError("the field * has no values; only *:* can be asked, for everything")
        return Nothing()

    def between(self, node: Between) -> Query:
        name = node.field or self.manner.default_field
        if node.low is None and node.high is None:
            return Everything() if name == "*" else Exists(name)
        if name == "*":
            return self.in_no_field()
        # An open side leaves nothing out, whichever bracket stands there.
        low = None if node.low is None else values.span(name, node.low, self.manner.now)[not node.include_low]
        high = None if node.high is None else values.span(name, node.high, self.manner.now)[node.include_high]
        return Range(name, low, high, node.include_low or low is None, node.include_high or high is None)

    def text(self, node: Text) -> Query | None:
        if node.parts == (None,) and node.field in (None, "*"):
            return Everything()
        if node.field == "*":
            return self.in_no_field()
        if node.field is not None or not self.manner.weights:
            return self.fielded(node, node.field or self.manner.default_field)
        if self.as_meant and len(node.text) < _LONGEST_WORD and "NOW" not in node.text:
            manner = self.manner
            return _kept_word(node, Same(manner.weights), Same(manner.synonyms), manner.tie, manner.nearest)
        return self.weighted(node)

    def weighted(self, node: Text) -> Query | None:
        """Plain words over the weighted fields; None when no field of text has a token for them."""
        choices: list[Query] = []
        finds: list[Query] = []
        worded = not any(kind_of(name) in _WORDED for name in self.manner.weights)
        for name, weight in self.manner.weights.items():
            if name == "tags" and classes.is_part(node.text):
                # Where it is a tag of its own, `text` has it too.
                continue
            query = self.fielded(node, name)
            if query is None or isinstance(query, Nothing):
                continue
            worded = worded or kind_of(name) in _WORDED
            choices.append(query if weight == 1 else Boost(query, weight))
            if not self.is_covered(node, name):
                finds.append(self.wide(node, name) or query)
        if not worded or not choices:
            return self.wordless(node)
        if len(choices) == 1:
            return choices[0]
        return Best(tuple(choices), self.manner.tie, tuple(finds) if "text" in self.manner.weights else ())

    @staticmethod
    def is_covered(node: Text, name: str) -> bool:
        """Whether `text` finds whatever this field finds: its values stand there, but for how they are cut into tokens."""
        return name == "title" or (name in _COVERED and not node.parts and node.nearness is None)

    def wide(self, node: Text, name: str) -> Query | None:
        """What finds, in a field, also what another weighted field is left to score."""
        if name != "text" or not self.title_scores:
            return None
        self.title_scores = False
        query = self.fielded(node, name)
        self.title_scores = "title" in self.manner.weights
        return query

    def fielded(self, node: Text, name: str) -> Query | None:
        kind = kind_of(name)
        if kind is Kind.BLOB:
            return Nothing()
        if node.parts == (None,):
            return Exists(name)
        if node.parts:
            return self.pattern(node, name, kind)
        if node.nearness is not None and not node.quoted:
            return self.fuzzy(node, name, kind)
        return _READERS[kind](self, node, name)

    def pattern(self, node: Text, name: str, kind: Kind) -> Query:
        exact = kind not in (Kind.TEXT, Kind.GENERAL, Kind.PARTS)
        plain = (None, ANY_ONE)
        parts = (part if part in plain or exact else analysis.query_prefix(str(part)) for part in node.parts)
        return Constant(Pattern(name, tuple(parts)))

    def fuzzy(self, node: Text, name: str, kind: Kind) -> Query | None:
        edits = max(0, min(2, int(node.nearness or 0)))
        token = node.text if kind is Kind.STRING else analysis.query_prefix(node.text)
        if len(token) > _LONGEST_FUZZY and self.strict:
            raise QuerySyntaxError(f"more than {_LONGEST_FUZZY} characters before a ~")
        if not edits or len(token) > _LONGEST_FUZZY or kind not in (Kind.STRING, Kind.TEXT, Kind.GENERAL):
            return _READERS[kind](self, node, name)
        return Fuzzy(name, token, edits)

    def exact(self, node: Text, name: str) -> Query | None:
        return Term(name, analysis.string_value(node.text)) if node.text else self.wordless(node)

    def value(self, node: Text, name: str) -> Query | None:
        """A date or a number; typed by mistake into a query it finds nothing rather than failing."""
        try:
            low, high = values.span(name, node.text, self.manner.now)
        except QuerySyntaxError:
            if self.strict:
                raise
            return Nothing()
        return Term(name, low) if low == high else Range(name, low, high)

    def words(self, node: Text, name: str) -> Query | None:
        found = self.said(node, name)
        if name != "text" or found is None or isinstance(found, Nothing):
            return found
        # `text` leaves out addresses and names of columns and of offices; who quotes words, or types such a name, means it.
        fields = offices.LOOKED_FOR if is_office(node.text) else ("urls",) if "://" in node.text else ()
        if node.quoted or means_column(node.text):
            fields = ("notes", *offices.LOOKED_FOR)
        literal = [query for query in (self.said(replace(node, quoted=True), field) for field in fields) if query]
        return Best((found, *literal)) if literal else found

    def said(self, node: Text, name: str) -> Query | None:
        english = kind_of(name) is Kind.TEXT
        if node.quoted:
            if node.text not in self.quoted:
                self.count(node.text)
                self.quoted.add(node.text)
            phrase = analysis.query_phrase(node.text, english)
            slop = min(int(node.nearness or 0), _MOST_SLOP)
            if phrase and slop and len(phrase.tokens) > _MOST_APART:
                raise QuerySyntaxError(f"more than {_MOST_APART} words in a phrase with ~")
            return found_in(name, phrase, slop) if phrase else self.wordless(node)
        choices = self.choices(node.text, english)
        if not choices:
            return self.wordless(node)
        nearest = self.nearest(node, name, english)
        if nearest:
            return nearest
        named = [choice for choice in choices if not choice.optional]
        where = "title" if name == "text" and any(choice.titled for choice in named) else name
        if where == "text" and len(named) == 1 and self.title_scores:
            named = [replace(named[0], narrower=(), replaced=())]
        wanted = every([either_of(where, choice) for choice in named])
        if where != name:
            wanted = either([wanted, *together(node.text, english)])
        if where == "text" and len(named) > 1 and self.as_meant and not node.text.isascii():
            wanted = every([wanted, about(node.text, named, english)])
        if where == "text" and len(named) >= _SEVERAL and self.as_meant:
            wanted = Best((wanted, Boost(nearly_all(named), NARROWER)))
        # What is merely welcome ranks what is found; the words for its parts would be walked for nothing.
        welcome = [replace(choice, narrower=(), replaced=()) for choice in choices if choice.optional]
        optional = tuple(either_of(name, choice) for choice in welcome)
        return Combine(must=(wanted,), should=optional) if optional else wanted

    def nearest(self, node: Text, name: str, english: bool) -> Query | None:
        """Titles with any of several words typed as one, each with its synonyms; None where that is not wanted."""
        if not (self.manner.nearest and self.manner.weights and name == "text" and self.as_meant):
            return None
        words = analysis.query_words(node.text[:_LONGEST_TYPED], english, self.manner.synonyms, widest=1)
        return any_of([choice for choice in words if not choice.optional])

    @property
    def as_meant(self) -> bool:
        """Whether words count as people mean them; in filters, and where they exclude, they count to the letter."""
        return not self.strict and self.excluding == 0

    def choices(self, text: str, english: bool) -> list[analysis.Choice]:
        """What to look for, analysed once for all fields. Raises QuerySyntaxError where a query has too much text."""
        text = text if self.strict else text[:_LONGEST_TYPED]
        plain = not self.as_meant
        known = self.known.get((text, english, plain))
        if known is None:
            self.count(text)
            known = analysis.query_words(text, english, None if plain else self.manner.synonyms)
            self.known[text, english, plain] = known
        return known

    def count(self, text: str) -> None:
        self.analysed += len(text)
        if self.analysed > _MOST_ANALYSED:
            raise QuerySyntaxError(f"more than {_MOST_ANALYSED} characters of text to look for")

    def parts(self, node: Text, name: str) -> Query | None:
        found = analysis.query_parts(node.text)
        return every([found_in(name, part) for part in found]) if found else self.wordless(node)


@lru_cache(maxsize=512)
def _kept_word(node: Text, weights: Same, synonyms: Same, tie: float, nearest: bool) -> Query | None:
    """What a typed word looks for: people type the same few, and weights and synonyms are read once for all searches."""
    manner = Manner(weights=weights.of, tie=tie, synonyms=synonyms.of, nearest=nearest)
    return _Interpreter(manner, strict=False).weighted(node)


_WORDED = (Kind.TEXT, Kind.GENERAL, Kind.PARTS)
_READERS: dict[Kind, Callable[[_Interpreter, Text, str], Query | None]] = {
    Kind.STRING: _Interpreter.exact,
    Kind.DATE: _Interpreter.value,
    Kind.NUMBER: _Interpreter.value,
    Kind.TEXT: _Interpreter.words,
    Kind.GENERAL: _Interpreter.words,
    Kind.PARTS: _Interpreter.parts,
}


def any_word(name: str, text: str) -> Query:
    """Documents whose field shares at least one word with a text (or has it as its value, where the field is exact)."""
    kind = kind_of(name)
    if kind not in (Kind.TEXT, Kind.GENERAL):
        return Term(name, analysis.string_value(text))
    choices = dict.fromkeys(analysis.query_words(text, english=kind is Kind.TEXT))
    return either([either_of(name, choice) for choice in list(choices)[:_MOST_ALIKE]])
