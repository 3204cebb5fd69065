"""What makes an engine look through all its words: how much of it one request may ask for, so that none holds a process long."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import QuerySyntaxError
from .fields import WORDED, Kind, kind_of
from .query import Best, Boost, Combine, Constant, Fuzzy, Pattern, Query, Range

_MARKS = re.compile(r"[*?~\[{]")
_FEW = 4
"""With so few marks in its texts a request need not be counted."""
_MOST = 50
_RANGE_OF_WORDS = 25
"""A range over the words of texts costs as much as so many others, which look at the values of one field."""


def refuse_costly(texts: Iterable[str], queries: Iterable[Query]) -> None:
    """Raises QuerySyntaxError for too many wildcards, fuzzy words and ranges in a request's texts and what was read from them."""
    if sum(len(_MARKS.findall(text)) for text in texts) > _FEW and sum(map(_cost, queries)) > _MOST:
        raise QuerySyntaxError(
            f"more than {_MOST} wildcards, ranges and words with ~ in one request (a range over the words of a text counts as "
            f"{_RANGE_OF_WORDS}); ask in several"
        )


def _cost(query: Query) -> int:
    if isinstance(query, (Pattern, Fuzzy)):
        return 1
    if isinstance(query, Range):
        kind = kind_of(query.field)
        return _RANGE_OF_WORDS if kind in WORDED else kind is not Kind.DATE
    return sum(map(_cost, _parts(query)))


def _parts(query: Query) -> tuple[Query, ...]:
    if isinstance(query, Combine):
        return (*query.must, *query.should, *query.must_not)
    if isinstance(query, Best):
        return query.choices
    return (query.query,) if isinstance(query, (Boost, Constant)) else ()
