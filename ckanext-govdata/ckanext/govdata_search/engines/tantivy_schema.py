"""How a document lies in tantivy: a few fields of its own, and three that carry all others by name."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache
from typing import Any

import orjson
import tantivy

from .. import dates
from ..analysis import BREAK
from ..document import Document, exact_values, facet_values, from_text, searched, to_text, values_of, word_runs
from ..fields import BLOBS, UNIQUE_KEY, WORDED, kind_of, plain_name
from .base import Change, Position
from .packing import decoded, encoded, packed, unpacked

VERSION = 12
"""Part of the folder's name: another version is built anew from the table."""

EVERY = "*"
"""The token in `has` that every document carries and the note of the position does not."""
POSITION_KEY = "_seq"

_OWN_WORDS = frozenset(("title", "notes", "text", "title_ngram", "name_ngram"))
FAST_TEXTS = frozenset(("title_string", "name"))
FAST_DATES = frozenset(("metadata_modified", "metadata_created"))
_SHOWN = ("id", "name", "title", *BLOBS)
"""What lists and autocompletion show of a document, stored by itself where it is text."""
_PACKED = frozenset(("source", "data_dict"))
_LONGEST_FACET = 500
LaidOut = dict[str, list[Any]]
"""Values by tantivy's field."""
FACET_MARK = "="
"""Before each facet value, or tantivy would take a text that looks like a date for one."""


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("site", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("has", tokenizer_name="raw", index_option="basic")
    for name in sorted(_OWN_WORDS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    builder.add_json_field("facets", fast=True, tokenizer_name="raw", index_option="basic")
    for name in sorted(FAST_TEXTS):
        builder.add_text_field(f"sort_{name}", fast=True, tokenizer_name="raw", index_option="basic")
    for name in sorted(FAST_DATES):
        builder.add_integer_field(f"sort_{name}", indexed=False, fast=True)
    for name in ("source", *_SHOWN):
        builder.add_bytes_field(_stored(name), stored=True)
    return _only_columns(builder.build(), ("facets", *(f"sort_{name}" for name in FAST_TEXTS)))


def _only_columns(built: tantivy.Schema, names: Collection[str]) -> tantivy.Schema:
    """The schema without an index of texts for which nobody asks where there are columns, and which takes a fifth of the time
    to write. tantivy's Python interface knows no such field; the form in which a schema is pickled, that of tantivy's own
    meta.json, does.
    """
    reduced: Any = built.__reduce__()
    make, (form,) = reduced
    for field in form["inner"]:
        if field["name"] in names:
            field["options"]["indexing"] = None
    return make(form)


def _stored(name: str) -> str:
    """The field in which a value is only kept; a name may have one that is searched already."""
    return f"shown_{name}" if name in _OWN_WORDS else name


@lru_cache(maxsize=4096)
def place(field: str) -> tuple[str, str]:
    """Where a field's tokens lie: tantivy's field, and what stands before each token there."""
    if field in _OWN_WORDS:
        return field, ""
    worded = kind_of(field) in WORDED
    return ("words" if worded else "exact"), f"{plain_name(field)}\x1f"


def facet_path(field: str) -> str:
    return f"facets.{_facet_name(field)}"


@lru_cache(maxsize=4096)
def _facet_name(field: str) -> str:
    return field.replace("\\", "\x1c").replace(".", "\x1d")


def facet_value(written: str) -> str:
    return written[len(FACET_MARK) :]


def milliseconds(canonical: str) -> int:
    """A canonical date as milliseconds since 1970."""
    return ((dates.read(canonical) or dates.EPOCH) - dates.EPOCH) // timedelta(milliseconds=1)


def date_of(number: int) -> str:
    """The canonical date of a number of milliseconds."""
    return dates.canonical(dates.EPOCH + timedelta(milliseconds=number))


def laid_out(change: Change) -> bytes | None:
    """A changed document in JSON as tantivy reads it, which another process can make; None for one that is deleted.

    tantivy reads JSON in two thirds of the time that it takes to go through Python's objects.
    """
    document = change.document
    return None if document is None else orjson.dumps(lay_out(document))


def lay_out(document: Document) -> LaidOut:
    """What of a document goes into which of tantivy's fields; what is only stored in base64."""
    out: LaidOut = {"key": [document[UNIQUE_KEY]], "site": [str(document.get("site_id") or "")], "has": [EVERY]}
    facets: dict[str, list[str]] = {}
    for name, values in searched(document).items():
        if kind_of(name) in WORDED:
            found = _add_words(out, name, values)
            counted = [value for value in facet_values(values_of(document, name)) if len(value) <= _LONGEST_FACET]
        else:
            found = counted = _add_exact(out, name, values)
        if found:
            out["has"].append(name)
        if counted and name != UNIQUE_KEY:
            facets[_facet_name(name)] = sorted([FACET_MARK + value for value in counted])
    if "words" in out:
        out["words"] = [BREAK.join(out["words"])]
    if facets:
        out["facets"] = [facets]
    return out | _sources(document)


def _add_words(out: LaidOut, name: str, values: list[str]) -> list[str]:
    runs = word_runs(name, values)
    field, before = place(name)
    if runs:
        text = BREAK.join(runs)
        out.setdefault(field, []).append(before + text.replace(" ", f" {before}") if before else text)
    return runs


def _add_exact(out: LaidOut, name: str, values: list[str]) -> list[str]:
    exact = exact_values(name, values)
    if exact:
        field, before = place(name)
        out.setdefault(field, []).extend([before + value for value in exact])
        if name in FAST_TEXTS:
            out[f"sort_{name}"] = exact[:1]
        elif name in FAST_DATES:
            out[f"sort_{name}"] = [milliseconds(exact[0])]
    return exact


def _sources(document: Document) -> LaidOut:
    """The document itself, its two large texts beside it, so that a list of results reads only what it shows.

    tantivy unpacks and copies all that is stored of a document when one is read; what a list seldom wants is packed.
    """
    rest = {name: value for name, value in document.items() if name not in BLOBS or not isinstance(value, str)}
    held = {"source": packed(to_text(rest))}
    for name in _SHOWN:
        text = document.get(name)
        if isinstance(text, str):
            held[_stored(name)] = packed(text) if name in _PACKED else encoded(text)
    return {field: [b64encode(value).decode("ascii")] for field, value in held.items()}


def _read(stored: tantivy.Document, name: str) -> str | None:
    value = stored.get_first(_stored(name))
    if value is None:
        return None
    return unpacked(bytes(value)) if name in _PACKED else decoded(bytes(value))


def from_tantivy(stored: tantivy.Document, wanted: tuple[str, ...] = ()) -> Document:
    """The document as it was indexed, with those of its large texts that are wanted, by name or `*`.

    Of one of which only what lists show is wanted, the rest is not read.
    """
    shown = {name: _read(stored, name) for name in _SHOWN if name in wanted or "*" in wanted}
    document: Document = {name: value for name, value in shown.items() if value is not None}
    if wanted and all(name in document or name == "score" for name in wanted):
        return document
    return {**from_text(_read(stored, "source") or "{}"), **document}


def position_note(position: Position) -> tantivy.Document:
    """The document that says how far the table is applied; it commits together with what was applied."""
    out = tantivy.Document()
    out.add_text("key", POSITION_KEY)
    out.add_bytes("source", packed(json.dumps({"table": position.table, "number": position.number})))
    return out


def position_in(searcher: tantivy.Searcher, own: tantivy.Schema) -> Position:
    hits = searcher.search(tantivy.Query.term_query(own, "key", POSITION_KEY), 1).hits
    if not hits:
        return Position()
    noted = json.loads(_read(searcher.doc(hits[0][1]), "source") or "{}")
    return Position(noted["table"], noted["number"])
