"""A document between CKAN and an engine: cleaned as Solr would take it, and given back as Solr would give it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from functools import lru_cache
from typing import Any

import orjson

from . import classes, columns, dates, offices
from .analysis import index_runs, part_runs, string_value
from .errors import BadDocument, QuerySyntaxError
from .fields import BLOBS, HALVES, SUGGEST_WORDS, TITLE_PINYIN, UNIQUE_KEY, Kind, copies_of, is_list, is_stored, kind_of
from .pinyin import known_words, spellings
from .query import regex_of
from .values import number_value

Document = dict[str, Any]


def cleaned(document: Mapping[str, Any]) -> Document:
    """The document as it is kept: empty values left out, everything a text or a list of texts, `indexed_ts` set.

    Raises BadDocument when it has no `index_id`, the key by which documents replace one another.
    """
    kept: Document = {}
    for name, value in document.items():
        values = [
            _text(item) for item in (value if isinstance(value, (list, tuple, set)) else [value]) if item is not None
        ]
        if isinstance(value, (list, tuple, set)) or is_list(name):
            if any(values):
                kept[name] = values
        elif values and values[0]:
            kept[name] = values[0]
    if UNIQUE_KEY not in kept:
        raise BadDocument(f"it has no {UNIQUE_KEY} (id: {document.get('id')!r})")
    _add_spellings(kept)
    kept.setdefault("indexed_ts", dates.canonical(datetime.now(timezone.utc)))
    return kept


def _add_spellings(kept: Document) -> None:
    """What autocompletion and corrections need, beside the fields that CKAN gave."""
    titles = values_of(kept, "title")
    spelled = [spelling for title in titles for spelling in spellings(title)]
    words = known_words((*titles, *values_of(kept, "tags")))
    for name, values in ((TITLE_PINYIN, spelled), (SUGGEST_WORDS, words)):
        kept.pop(name, None)
        if values:
            kept[name] = values


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dates.canonical(value if value.tzinfo else value.replace(tzinfo=timezone.utc))
    return value.isoformat() if isinstance(value, date) else str(value)


def to_text(document: Document) -> str:
    """A document as the table of documents keeps it."""
    try:
        return orjson.dumps(document).decode()
    except orjson.JSONEncodeError:
        # Half of a character, which resources' JSON may hold, is none that a database or an engine could keep.
        return HALVES.sub("\ufffd", json.dumps(document, ensure_ascii=False))


def from_text(text: str | bytes) -> Document:
    return orjson.loads(text)


def values_of(document: Document, name: str) -> list[str]:
    value = document.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def searched(document: Document) -> dict[str, list[str]]:
    """Every field to search with its raw values, the copies into `text`, `urls` and the parts included."""
    fields: dict[str, list[str]] = {}
    copied: dict[str, list[str]] = {}
    for name in document:
        if name in BLOBS:
            continue
        values = values_of(document, name)
        for copy in copies_of(name):
            copied.setdefault(copy, []).extend(_said(name, values))
        fields[name] = values
    for copy, values in copied.items():
        fields[copy] = [*fields.get(copy, ()), *values]
    return fields


def _said(name: str, values: list[str]) -> list[str]:
    """What the values of a field say of the dataset's subject."""
    if name == "notes":
        return [columns.subjects(value) for value in values]
    return classes.subjects(values) if name == "tags" else offices.subjects(name, values)


def word_runs(name: str, values: Iterable[str]) -> list[str]:
    """The tokens of a field that is cut into words or parts, those of each value as one text with spaces between."""
    kind = kind_of(name)
    return part_runs(values) if kind is Kind.PARTS else index_runs(values, english=kind is Kind.TEXT)


def exact_values(name: str, values: list[str]) -> list[str]:
    """The values of an exact field in canonical writing, each once; a date or number that is none is left out."""
    kind = kind_of(name)
    if kind is Kind.STRING:
        return facet_values(values)
    found = (_canonical(kind, value) for value in values)
    return list(dict.fromkeys(value for value in found if value))


@lru_cache(maxsize=1024)
def _canonical(kind: Kind, value: str) -> str | None:
    if kind is Kind.DATE:
        moment = dates.read(value)
        return dates.canonical(moment) if moment else None
    try:
        return number_value(value)
    except QuerySyntaxError:
        return None


def facet_values(values: list[str]) -> list[str]:
    """What a facet counts: whole values, each once a document."""
    if len(values) == 1:
        # Most fields have one value, and a dataset has some fifty fields.
        return [string_value(values[0])] if values[0] else []
    return list(dict.fromkeys(string_value(value) for value in values if value))


def presented(document: Document, wanted: tuple[str, ...], score: float) -> Document:
    """The stored fields that a search asked for by name or pattern, dates as Solr writes them."""
    named = _named(wanted)
    if named is None:
        fits = _fitting(wanted).match
        names = [name for name in document if fits(name)]
        named = [(name, kind_of(name) is Kind.DATE) for name in names if is_stored(name)]
    shown: Document = {}
    for name, dated in named:
        value = document.get(name)
        if value is not None:
            shown[name] = dates.as_stored(value) if dated and isinstance(value, str) else value
    if "score" in wanted:
        shown["score"] = score
    return shown


@lru_cache(maxsize=256)
def _named(wanted: tuple[str, ...]) -> list[tuple[str, bool]] | None:
    """The stored fields that are wanted, and whether each is a date; None where a pattern has to be held against a document."""
    if any("*" in pattern for pattern in wanted):
        return None
    return [(name, kind_of(name) is Kind.DATE) for name in dict.fromkeys(wanted) if is_stored(name)]


@lru_cache(maxsize=256)
def _fitting(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """All names and patterns in one, since a page of documents has thousands of fields to hold against them."""
    whole = (
        regex_of(tuple(None if part == "*" else part for part in re.split(r"(\*)", name) if part)) for name in wanted
    )
    return re.compile("|".join(f"(?:{one})\\Z" for one in dict.fromkeys(whole)), re.DOTALL)
