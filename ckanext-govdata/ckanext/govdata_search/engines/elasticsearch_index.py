"""How a document lies in Elasticsearch: words and exact values under the names of few fields, columns to count and sort by.

Analysis is ours, so a text field gets ready tokens, separated by spaces; its arrays keep values apart for phrases. A field
that nobody declared needs no field of its own to be searched: its name stands before each of its tokens.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from ..document import Document, exact_values, facet_values, from_text, searched, to_text, values_of, word_runs
from ..fields import BLOBS, UNIQUE_KEY, WORDED, kind_of, plain_name
from ..sorting import sort_values
from .base import Change, Position
from .packing import packed, unpacked
from .tantivy_schema import milliseconds

VERSION = 10
"""Part of the index's name: an index of another version is built anew from the table."""
EVERY = "*"
"""The value of `has` that every document carries and the note of the position does not."""
POSITION_KEY = "_seq"
COLUMNS = "columns"
DATES = "dates"
SOURCE = "source"
BESIDE = ("id", *BLOBS)
"""What is also held by itself, so that a list of which only this is wanted, as CKAN does, reads nothing else."""

OWN_WORDS = frozenset(("title", "notes", "text", "title_ngram", "name_ngram"))
FAST_DATES = frozenset(("metadata_modified", "metadata_created"))
_LONGEST_TOKEN = 2_000
_LONGEST_COLUMN = 500
_DOT = chr(0xE02E)
_DEFINITION = Path(__file__).parents[1] / "elasticsearch" / "index.json"
# Lucene's white space holds the separators that our tokens carry, so they are written as private-use characters.
_WRITTEN = {code: 0xE000 + code for code in range(0x1C, 0x20)} | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)

_UNFIT = re.compile(f"[{''.join(map(chr, _WRITTEN))}]")
_SEPARATOR = chr(_WRITTEN[0x1F])


def definition(shards: int, replicas: str) -> dict[str, Any]:
    """Mapping and settings of a new index, from config/elasticsearch/index.json, with so many shards and replicas."""
    found = json.loads(_DEFINITION.read_text(encoding="utf-8"))
    found["settings"]["index"]["number_of_shards"] = shards
    found["settings"]["index"] |= replicated(replicas)
    return found


def replicated(replicas: str) -> dict[str, Any]:
    """The settings for a number of copies, such as `1`, or for as many as there are nodes for, such as `0-1`."""
    if "-" in replicas:
        return {"auto_expand_replicas": replicas}
    return {"auto_expand_replicas": False, "number_of_replicas": int(replicas)}


@lru_cache(maxsize=1)
def window() -> int:
    """How far into the results one request reaches; pages beyond are walked to."""
    return int(json.loads(_DEFINITION.read_text(encoding="utf-8"))["settings"]["index"]["max_result_window"])


def written(token: str) -> str:
    """A token as it is indexed and asked for."""
    token = token[:_LONGEST_TOKEN]
    return token.translate(_WRITTEN) if _UNFIT.search(token) else token


def _written_run(run: str, before: str) -> str:
    """The tokens of a run, each with what stands before a token of its field."""
    if len(run) > _LONGEST_TOKEN:
        return " ".join(before + written(token) for token in run.split(" "))
    return before + written(run).replace(" ", f" {before}")


@lru_cache(maxsize=4096)
def place(field: str) -> tuple[str, str]:
    """Where a field's tokens lie: the field of the index, and what stands before each token there."""
    if field in OWN_WORDS:
        return field, ""
    worded = kind_of(field) in WORDED
    return ("words" if worded else "exact"), f"{written(plain_name(field))}{_SEPARATOR}"


@lru_cache(maxsize=4096)
def column(field: str) -> str:
    """The column of a field's values; a dot in a name would make an object of it."""
    return f"{COLUMNS}.={field.replace('.', _DOT)}"


@lru_cache(maxsize=4096)
def order_column(field: str) -> str:
    """The column that documents are ordered by: that of the values where it has all of them, else one of its own."""
    return f"{COLUMNS}.~{field.replace('.', _DOT)}" if _is_ordered_apart(field) else column(field)


def _is_ordered_apart(field: str) -> bool:
    return field == UNIQUE_KEY or kind_of(field) in WORDED


def to_elasticsearch(document: Document, number: int) -> dict[str, Any]:
    """A document as it is sent, with the number of the row that it came by."""
    out: dict[str, Any] = {
        "number": number,
        "site": str(document.get("site_id") or ""),
        "has": [EVERY],
        "exact": [],
        "words": [],
        COLUMNS: {},
        DATES: {},
        SOURCE: _held(to_text({name: value for name, value in document.items() if name not in BLOBS})),
        **{name: _held(str(document[name])) for name in BESIDE if name in document},
    }
    for name, values in searched(document).items():
        if _add_field(out, name, values):
            out["has"].append(written(name))
        if name in document:
            _add_columns(out, name, values_of(document, name))
    return out


def _held(text: str) -> str:
    """A text as the index holds it to be given back: packed, and read from a column, which takes half of what reading stored
    fields does, where a whole block of several documents is unpacked for each."""
    return b64encode(packed(text)).decode("ascii")


def _add_field(out: dict[str, Any], name: str, values: list[str]) -> bool:
    """Whether there is anything in it to be found."""
    field, before = place(name)
    if kind_of(name) in WORDED:
        runs = word_runs(name, values)
        # The mapping keeps them farther apart than any phrase reaches.
        out.setdefault(field, []).extend([_written_run(run, before) for run in runs])
        return bool(runs)
    exact = exact_values(name, values)
    out["exact"] += [before + written(value) for value in exact]
    if name in FAST_DATES and exact:
        out[DATES][name] = milliseconds(exact[0])
    return bool(exact)


def _add_columns(out: dict[str, Any], name: str, values: list[str]) -> None:
    """The column that is counted, and beside it the one that orders where that is another; of the unique key only this."""
    if len(name) > _LONGEST_COLUMN:
        return
    if name != UNIQUE_KEY:
        _add_column(out, column(name), _counted_values(name, values))
    if _is_ordered_apart(name):
        ordering = sort_values(name, values)
        _add_column(out, order_column(name), sorted({min(ordering), max(ordering)}) if ordering else [])


def _counted_values(name: str, values: list[str]) -> list[str]:
    if kind_of(name) in WORDED:
        return [value for value in facet_values(values) if len(value) <= _LONGEST_COLUMN]
    return exact_values(name, values)


def _add_column(out: dict[str, Any], path: str, values: list[str]) -> None:
    if values:
        out[COLUMNS][path.removeprefix(f"{COLUMNS}.")] = values


def operation(change: Change) -> dict[str, Any]:
    """One row of the table for the bulk interface, the document as the text that is sent.

    Its number is the version, so that no older row replaces a newer one.
    """
    document = change.document
    common = {"_id": change.key, "version": change.number, "version_type": "external_gte"}
    if document is None:
        return {"_op_type": "delete", **common}
    text = orjson.dumps(to_elasticsearch(document, change.number)).decode()
    return {"_op_type": "index", **common, "_source": text}


def position_note(position: Position) -> dict[str, Any]:
    return {"position": {"table": position.table, "number": position.number}}


def position_in(note: dict[str, Any]) -> Position:
    found = note.get("position") or {}
    return Position(str(found.get("table") or ""), int(found.get("number") or 0))


def held(wanted: tuple[str, ...]) -> list[str]:
    """The texts that give the fields that are wanted, by name or pattern."""
    beside = [name for name in BESIDE if name in wanted or "*" in wanted]
    return beside if {"score", *BESIDE}.issuperset(wanted) else [SOURCE, *beside]


def document_of(hit: dict[str, Any]) -> Document:
    """The document as it was indexed, as far as its texts were asked for."""
    texts = {name: unpacked(b64decode(values[0])) for name, values in (hit.get("fields") or {}).items()}
    document: Document = from_text(texts.pop(SOURCE)) if SOURCE in texts else {}
    return document | texts
