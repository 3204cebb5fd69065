"""A search as engines get it: Solr's parameters read once into values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from . import localparams
from .analysis import Synonyms
from .costs import refuse_costly
from .errors import BadParameter, NotSupported, SortError, UnsortableField
from .fields import UNIQUE_KEY, is_sortable
from .highlight import Highlighting, read_highlighting
from .interpret import Manner, read_filter, read_query, read_words
from .query import Everything, Query, every

_SORT = re.compile(r"(?P<field>\S+)\s+(?P<way>asc|desc)", re.IGNORECASE)
_MOST_ROWS = 1_000_000
_LAST_START = 2**31 - 1
"""Engines count with 32 bits; whatever is asked for behind that lies behind the end as well."""
_MOST_KEYS = 10
_MOST_WEIGHTED = 50
_GREATEST = 1e6
"""Weights beyond would make scores that no engine can compare."""
_SORTABLE = re.compile(r"[^\s(){}\[\]'\"$\ud800-\udfff]+")
_REFUSED = {
    "bf": "ranking by a function (bf)",
    "boost": "ranking by a function (boost)",
    "facet.query": "counting queries (facet.query)",
    "facet.range": "counting ranges (facet.range)",
    "facet.pivot": "counting combinations (facet.pivot)",
    "facet.contains": "counting values that contain a text (facet.contains)",
    "json.facet": "the JSON facet API",
    "group": "one document of each group (group)",
    "cursorMark": "a cursor (cursorMark)",
}
"""What would change the answer and cannot be done; what only adds to it is left out of the answer."""


@dataclass(frozen=True)
class SortKey:
    field: str
    descending: bool


@dataclass(frozen=True)
class Facet:
    """The values of a field to count: at most `limit` of them (None: all), none rarer than `least`."""

    field: str
    limit: int | None = 100
    least: int = 0
    prefix: str = ""
    by_value: bool = False
    offset: int = 0


@dataclass(frozen=True)
class Request:
    query: Query = field(default_factory=Everything)
    filters: tuple[Query, ...] = ()
    sort: tuple[SortKey, ...] = ()
    facets: tuple[Facet, ...] = ()
    fields: tuple[str, ...] = ("*",)
    start: int = 0
    rows: int = 10
    highlighting: Highlighting | None = None

    @property
    def wanted(self) -> Query:
        """The query and all its filters in one."""
        return every((self.query, *self.filters))

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields of the documents on the page that an engine has to give, by name or pattern; it may give more."""
        if self.highlighting is None:
            return self.fields
        return (*self.fields, UNIQUE_KEY, *self.highlighting.fields)


@dataclass(frozen=True)
class Answer:
    """What an engine found: documents as they were indexed, and the counts of each facet in order."""

    count: int
    documents: list[dict[str, Any]] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


def read_request(
    q: str | None, parameters: Mapping[str, Any], synonyms: Synonyms | None = None, nearest: bool = False
) -> Request:
    """Read what CKAN would send to Solr; with `nearest` typed words find what comes nearest to them.

    Raises SearchEngineError for what cannot be read; unknown parameters are ignored.
    """
    for name, what in _REFUSED.items():
        if str(parameters.get(name) or "false").lower() != "false":
            raise NotSupported(what)
    manner = Manner(
        default_field=str(parameters.get("df") or "text"),
        tie=_decimal(parameters, "tie", 0.0),
        minimum=str(parameters.get("mm") or ""),
        now=datetime.now(timezone.utc),
        synonyms=synonyms or {},
        nearest=nearest,
    )
    restricting = [str(text) for text in _listed(parameters.get("fq")) if str(text).strip()]
    query = _query(str(q or ""), parameters, manner)
    filters = tuple(_filter(text, parameters, manner) for text in restricting)
    refuse_costly((str(q or ""), *restricting), (query, *filters))
    return Request(
        query=query,
        filters=filters,
        sort=read_sort(str(parameters.get("sort") or "")),
        facets=_facets(parameters),
        fields=_fields(parameters.get("fl")),
        start=min(_whole(parameters, "start", 0), _LAST_START),
        rows=min(_whole(parameters, "rows", 10), _MOST_ROWS),
        highlighting=read_highlighting(parameters, _whole),
    )


def are_words(parameters: Mapping[str, Any]) -> bool:
    """Whether the query is words as people type them, not Solr's language."""
    return str(parameters.get("defType") or "lucene") in ("dismax", "edismax")


def _query(text: str, parameters: Mapping[str, Any], manner: Manner) -> Query:
    if not text.strip():
        return Everything()
    local = localparams.split(text)
    if local:
        return localparams.query_of(local, manner, _conjunctive(parameters))
    if are_words(parameters):
        weights = _weights_of(str(parameters.get("qf") or manner.default_field))
        if text.strip() == "*:*":
            return Everything()
        full, conjunctive = parameters["defType"] == "edismax", _conjunctive(parameters)
        minimum = manner.minimum or ("100%" if conjunctive else "")
        return read_words(text, replace(manner, weights=weights, minimum=minimum), full, conjunctive)
    return read_query(text, manner, _conjunctive(parameters))


@lru_cache(maxsize=64)
def _weights_of(spec: str) -> Mapping[str, float]:
    """Fields with their weights from Solr's `qf`, such as `title^4 text`. Raises BadParameter."""
    weights: dict[str, float] = {}
    parts = spec.split()
    if len(parts) > _MOST_WEIGHTED:
        raise BadParameter("qf", f"{spec[:80]}…", f"at most {_MOST_WEIGHTED} fields")
    for part in parts:
        name, _, weight = part.partition("^")
        weights[name] = _number(weight or 1)
        if not 0 <= weights[name] <= _GREATEST:
            raise BadParameter("qf", spec, f"field names with weights from 0 to {_GREATEST:.0f}, such as title^4 text")
    return weights


def _filter(text: str, parameters: Mapping[str, Any], manner: Manner) -> Query:
    local = localparams.split(text)
    if local:
        return localparams.query_of(local, manner, _conjunctive(parameters))
    return read_filter(text, manner, _conjunctive(parameters))


def _conjunctive(parameters: Mapping[str, Any]) -> bool:
    return str(parameters.get("q.op") or "OR").upper() == "AND"


@lru_cache(maxsize=256)
def read_sort(text: str) -> tuple[SortKey, ...]:
    """The keys of a sort such as `score desc, metadata_modified desc`.

    Raises SortError for a key without its direction, and for a function; UnsortableField for a field without values.
    """
    keys: list[SortKey] = []
    for spec in filter(None, (part.strip() for part in text.split(","))):
        match = _SORT.fullmatch(spec)
        if not match or not _SORTABLE.fullmatch(match["field"]):
            raise SortError(spec)
        if len(keys) == _MOST_KEYS:
            raise BadParameter("sort", f"{text[:80]}…", f"at most {_MOST_KEYS} fields")
        if not is_sortable(match["field"]):
            raise UnsortableField(match["field"])
        keys.append(SortKey(match["field"], match["way"].lower() == "desc"))
    return tuple(keys)


def _facets(parameters: Mapping[str, Any]) -> tuple[Facet, ...]:
    if str(parameters.get("facet", "false")).lower() not in ("true", "on", "1"):
        return ()
    own = {key: value for key, value in parameters.items() if key.startswith("facet.") or ".facet." in key}
    names = _names(own.pop("facet.field", None))
    if any(name.startswith("{!") for name in names):
        raise NotSupported("facets with local parameters ({!...})")
    try:
        return _kept_facets(tuple(names), tuple(own.items()))
    except TypeError:
        # A list where one value belongs; it is refused when it is read.
        return tuple(_facet(name, own) for name in dict.fromkeys(names))


@lru_cache(maxsize=256)
def _kept_facets(names: tuple[str, ...], settings: tuple[tuple[str, Any], ...]) -> tuple[Facet, ...]:
    """Every search of a portal counts the same few fields."""
    return tuple(_facet(name, dict(settings)) for name in dict.fromkeys(names))


def _facet(name: str, parameters: Mapping[str, Any]) -> Facet:
    def setting(key: str, default: Any) -> Any:
        own = parameters.get(f"f.{name}.facet.{key}")
        return parameters.get(f"facet.{key}", default) if own is None else own

    def whole(key: str, default: int) -> int:
        return _whole({key: setting(key, default)}, key, default, least=-1_000_000)

    limit = whole("limit", 100)
    by_value = str(setting("sort", "count" if limit >= 0 else "index")) in ("index", "lex", "false")
    prefix, offset = str(setting("prefix", "") or ""), whole("offset", 0)
    return Facet(name, None if limit < 0 else limit, whole("mincount", 0), prefix, by_value, max(0, offset))


def _names(value: Any) -> list[str]:
    """Facet fields: a list, one name, or CKAN's web API's list written as text."""
    if isinstance(value, str):
        return [name for name in re.split(r"[\s,\[\]\"']+", value) if name]
    return [str(name) for name in _listed(value)]


def _fields(value: Any) -> tuple[str, ...]:
    return _kept_fields(tuple(str(text) for text in _listed(value)))


@lru_cache(maxsize=256)
def _kept_fields(texts: tuple[str, ...]) -> tuple[str, ...]:
    names = [name for text in texts for name in re.split(r"[\s,]+", text) if name]
    return tuple(names) or ("*",)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _whole(parameters: Mapping[str, Any], name: str, default: int, least: int = 0) -> int:
    """A parameter that is a whole number within its bounds. Raises BadParameter."""
    value = parameters.get(name)
    try:
        number = default if value in (None, "") else int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadParameter(name, value, "a whole number") from error
    if number < least:
        raise BadParameter(name, value, f"{least} or more")
    return number


def _decimal(parameters: Mapping[str, Any], name: str, default: float) -> float:
    """A parameter that is a number from 0 to 1. Raises BadParameter."""
    value = parameters.get(name)
    number = default if value in (None, "") else _number(value)
    if not 0 <= number <= 1:
        raise BadParameter(name, value, "a number from 0 to 1")
    return number


def _number(value: Any) -> float:
    """What a text says; what is no number is within no bounds."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
