"""Bare words in a row behind the name of an exact field: `tags:(a b)` asks for either, as in Solr."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from .clauses import Clause, Group, Occur, Text
from .fields import Kind, kind_of

_EXACT = (Kind.STRING, Kind.DATE, Kind.NUMBER)


def with_alternatives(group: Group) -> Group:
    """The group with each such row as one clause of its own, its words joined by OR."""
    if group.field is None or kind_of(group.field) not in _EXACT:
        return group
    return replace(group, clauses=tuple(_clauses(group)))


def _clauses(group: Group) -> Iterator[Clause]:
    for is_bare, row in groupby(group.clauses, lambda clause: _is_bare(clause, group.field)):
        clauses = tuple(row)
        if not is_bare or len(clauses) == 1:
            yield from clauses
        else:
            alternatives = (replace(clause, occur=Occur.SHOULD, explicit=True) for clause in clauses)
            yield replace(clauses[0], node=Group(tuple(alternatives), group.field))


def _is_bare(clause: Clause, name: str | None) -> bool:
    """Whether a clause is a word without a sign, an operator, a weight, a wildcard or a field name beside it."""
    node = clause.node
    if not isinstance(node, Text) or node != Text(node.text, name):
        return False
    return clause.occur is not Occur.MUST_NOT and clause.boost is None and not (clause.demanded or clause.explicit)
