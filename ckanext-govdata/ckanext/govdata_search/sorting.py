"""What orders documents by a field, for all engines: which of several values counts, and where those without one stand.

As Solr does it with CKAN's schema, but that a text is ordered by how it begins and not by one of its words.
"""

from __future__ import annotations

from functools import lru_cache

from .dates import EPOCH, canonical
from .document import Document, exact_values, values_of
from .fields import WORDED, Kind, kind_of, sort_field
from .request import SortKey
from .values import number_value

Rank = tuple[int, str]
"""Whether there is a value, and which; ranks of one key can be compared."""
_LONGEST_TEXT = 100
"""A text is ordered by so many of its first characters, so that engines need not keep whole descriptions to sort by."""


def rank(document: Document, key: SortKey) -> Rank:
    """What orders a document by a key: of several values the least, or going down the greatest."""
    name = sort_field(key.field)
    values = sort_values(name, values_of(document, name))
    value = (max if key.descending else min)(values) if values else value_of_none(name)
    if value is not None:
        return 1, value
    return (0 if key.descending or none_is_first(name, key.descending) else 2), ""


def sort_values(name: str, values: list[str]) -> list[str]:
    """The values by which a field is ordered: exact ones in canonical writing, texts by how they begin in small letters."""
    if kind_of(name) in WORDED:
        return [value.lower()[:_LONGEST_TEXT] for value in values if value]
    return exact_values(name, values)


@lru_cache(maxsize=4096)
def value_of_none(name: str) -> str | None:
    """What a document without a value counts as: a number as 0, a date as the beginning of 1970, anything else as nothing."""
    kind = kind_of(name)
    if kind is Kind.NUMBER:
        return number_value("0")
    return canonical(EPOCH) if kind is Kind.DATE else None


def none_is_first(name: str, descending: bool) -> bool:
    """Whether documents without a value come before the others; only exact strings have them last whichever way one goes."""
    return kind_of(name) is not Kind.STRING and not descending
