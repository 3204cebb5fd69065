"""Solr's local parameters `{!...}`: `lucene` and `bool` are answered, every other parser is refused.

CKAN itself lets none through unless `ckan.search.solr_allowed_query_parsers` names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .errors import NotSupported, QuerySyntaxError
from .interpret import Manner, read_filter
from .query import Combine, Everything, Query

_START = re.compile(r"\s*\{!")
_PAIR = re.compile(r"""\s*(?:(?P<key>[\w.]+)\s*=\s*)?(?P<value>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s}"']+)""")


@dataclass(frozen=True)
class Local:
    """A parser's name, its parameters in order, and the text behind the brace."""

    parser: str
    parameters: tuple[tuple[str, str], ...]
    text: str

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.parameters if name == key]


def split(text: str) -> Local | None:
    """The local parameters at the beginning of a query; None when there are none. Raises QuerySyntaxError."""
    start = _START.match(text)
    if not start:
        return None
    at, found = start.end(), []
    while text[at:].lstrip()[:1] != "}":
        match = _PAIR.match(text, at)
        if not match:
            raise QuerySyntaxError("local parameters {!...} are not closed", at)
        found.append((match["key"] or "type", _plain(match["value"])))
        at = match.end()
    end = text.index("}", at) + 1
    parser = next((value for key, value in found if key == "type"), "lucene")
    return Local(parser, tuple(pair for pair in found if pair[0] != "type"), text[end:])


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "\"'" else value


def query_of(local: Local, manner: Manner, conjunctive: bool) -> Query:
    """The query that the local parameters ask for. Raises NotSupported for a parser other than `lucene` and `bool`."""
    if any(value.startswith("$") for _key, value in local.parameters):
        raise NotSupported("a reference ($name) in local parameters")
    if local.parser == "lucene":
        own = replace(manner, default_field=next(iter(local.all("df")), manner.default_field))
        joined = next(iter(local.all("q.op")), "AND" if conjunctive else "OR")
        return read_filter(next(iter(local.all("v")), local.text), own, joined.upper() == "AND")
    if local.parser == "bool":
        return _bool(local, manner, conjunctive)
    raise NotSupported(f"the query parser {{!{local.parser}}}")


def _bool(local: Local, manner: Manner, conjunctive: bool) -> Query:
    def queries(key: str) -> tuple[Query, ...]:
        return tuple(read_filter(text, manner, conjunctive) for text in local.all(key))

    must, should, must_not = (*queries("must"), *queries("filter")), queries("should"), queries("must_not")
    if not must and not should:
        must = (Everything(),)
    return Combine(must, should, must_not, minimum=0 if must else 1)
