"""Values of exact fields as they are indexed: written so that the order of the text is the order of the values."""

from __future__ import annotations

import re
from datetime import datetime

from . import analysis, dates
from .errors import QuerySyntaxError
from .fields import Kind, kind_of
from .folding import fold

_NUMBER = re.compile(r"-?\d{1,18}")
"""As many digits as keep the order of the written numbers."""
_ZERO = 10**18
WRITTEN = (Kind.NUMBER, Kind.DATE)
"""Kinds whose values are indexed otherwise than they are written."""


def number_value(value: str) -> str:
    """A whole number so written that the order of the text is the order of the numbers; QuerySyntaxError if it is none."""
    if not _NUMBER.fullmatch(value.strip()):
        raise QuerySyntaxError(f"Invalid Number: {value}")
    return f"{int(value) + _ZERO:020d}"


def as_written(kind: Kind, value: str) -> str:
    """An indexed value as Solr writes it; one that is neither a number nor a date is written as it is indexed."""
    if kind is Kind.NUMBER:
        return str(int(value) - _ZERO)
    return value.replace(".000Z", "Z") if kind is Kind.DATE else value


def span(name: str, value: str, now: datetime) -> tuple[str, str]:
    """The first and the last indexed value that a query's value of a field means; they differ for a date without a time.

    Raises QuerySyntaxError where it is no date or number, and the field has those.
    """
    kind = kind_of(name)
    if kind is Kind.DATE:
        return dates.span(value, now)
    if kind is Kind.NUMBER:
        one = number_value(value)
    else:
        one = fold(value) if kind in (Kind.TEXT, Kind.GENERAL) else analysis.string_value(value)
    return one, one
