"""The object that CKAN and its extensions take for a connection to Solr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pysolr
from ckan.plugins import toolkit as tk

from . import config, nearest, synonyms
from .document import Document, cleaned, presented, values_of
from .errors import BadDocument, NotSupported
from .fields import UNIQUE_KEY
from .highlight import sought
from .interpret import Manner, any_word, read_filter
from .log import Row, rows_of
from .projection import projection
from .query import Combine, Everything, Query, Term, either
from .request import Answer, Request, read_request

# pysolr takes simplejson where that is installed.
_DECODER = type(pysolr.Solr("http://127.0.0.1").decoder)


class Solr(pysolr.Solr):
    """pysolr's interface on the projection. Raises pysolr.SolrError only; whatever only Solr could do raises NotSupported."""

    def search(self, q: str | None = None, search_handler: str | None = None, **parameters: Any) -> Any:
        """Answer like Solr's select handler with the parameters that CKAN uses."""
        known = synonyms.in_force(config.synonyms_file())
        request, answer = nearest.answered(projection().search, q, parameters, known)
        return self.results_cls(self._decoded(_response(request, answer)))

    def add(self, docs: Any, *_positional: Any, commit: bool | None = None, **options: Any) -> str:
        """Index documents; with `commit` they can be found on return (or once the session's transaction commits)."""
        if options.get("fieldUpdates"):
            raise NotSupported("updating single fields of a document")
        documents = [docs] if isinstance(docs, Mapping) else list(docs)
        _keep(rows_of(map(cleaned, documents), _site()), bool(self._at_once(commit, options)))
        return _ok()

    def delete(
        self,
        id: Any = None,
        q: str | None = None,
        commit: bool | None = None,
        **options: Any,
    ) -> str:
        """Remove documents by unique key (one or a list) or by query."""
        if (id is None) == (q is None):
            raise ValueError('You must specify either "id" or "q", and not both.')
        rows = _deletions_of(str(q)) if q is not None else _deletions_by_key(id)
        _keep(rows, bool(self._at_once(commit, options)))
        return _ok()

    def _at_once(self, commit: bool | None, options: Mapping[str, Any]) -> Any:
        chosen = self.always_commit if commit is None else commit
        return chosen or options.get("softCommit") or options.get("commitWithin") is not None

    def commit(self, *_positional: Any, **_options: Any) -> str:
        projection().commit()
        return _ok()

    def optimize(self, *_positional: Any, **_options: Any) -> str:
        return self.commit()

    def ping(self, handler: str = "admin/ping", **_parameters: Any) -> str:
        self.search("*:*", rows=0)
        return json.dumps({"responseHeader": {"status": 0}, "status": "OK"})

    def more_like_this(self, q: str, mltfl: Any, handler: str = "mlt", **parameters: Any) -> Any:
        """Documents that share words with the first one that `q` finds, in the fields `mltfl`."""
        first = projection().search(read_request(q, {"rows": 1}))
        request = read_request("*:*", parameters)
        alike = Request(
            _alike(first.documents, mltfl), request.filters, (), (), request.fields, request.start, request.rows
        )
        return self.results_cls(self._decoded(_response(alike, projection().search(alike))))

    def suggest_terms(self, fields: Any, prefix: str, handler: str = "terms", **parameters: Any) -> dict[str, Any]:
        """The values of fields that begin with `prefix`, with the number of documents that have them."""
        names = [fields] if isinstance(fields, str) else list(fields)
        limit = int(parameters.get("terms.limit", 10))
        wanted = {
            "facet": "true",
            "facet.field": names,
            "facet.prefix": prefix,
            "facet.limit": limit,
            "facet.mincount": 1,
        }
        return {**projection().search(read_request("*:*", {**wanted, "rows": 0})).facets}

    def extract(self, *_positional: Any, **_options: Any) -> Any:
        raise NotSupported("extracting text from files")

    def _send_request(self, method: str, path: str = "", *_positional: Any, **_options: Any) -> Any:
        raise NotSupported(f"the request {method.upper()} {path} to Solr itself")

    def _decoded(self, response: dict[str, Any]) -> Any:
        """The response as the caller's decoder would read it: CKAN gives one that turns dates into datetime."""
        plain = type(self.decoder) in (json.JSONDecoder, _DECODER)
        if plain and self.decoder.object_hook is None:
            return response
        return self.decoder.decode(json.dumps(response))


_gathering: ContextVar[list[Row] | None] = ContextVar("govdata_search_gathering", default=None)


@contextmanager
def collecting(rows: list[Row]) -> Iterator[None]:
    """While it lasts, documents that are added or deleted in this thread are only put into `rows`."""
    token = _gathering.set(rows)
    try:
        yield
    finally:
        _gathering.reset(token)


def _keep(rows: list[Row], at_once: bool) -> None:
    gathered = _gathering.get()
    if gathered is None:
        projection().write(rows, at_once)
    else:
        gathered += rows


def _site() -> str:
    return str(tk.config.get("ckan.site_id") or "")


def _ok() -> str:
    return json.dumps({"responseHeader": {"status": 0, "QTime": 0}})


def _deletions_by_key(keys: Any) -> list[Row]:
    wanted = [keys] if isinstance(keys, str) else [str(key) for key in keys if key]
    if not wanted:
        raise ValueError("The list of documents to delete was empty.")
    return [Row(key, _site(), None) for key in wanted]


def _deletions_of(text: str) -> list[Row]:
    """The rows that remove what a query finds; a whole site goes by one row, however many documents it has."""
    query = read_filter(text, Manner())
    if isinstance(query, Term) and query.field == "site_id":
        return [Row(None, query.token, None)]
    if isinstance(query, Everything):
        found = projection().search(
            read_request("*:*", {"facet": "true", "facet.field": "site_id", "facet.limit": -1, "rows": 0})
        )
        return [Row(None, site, None) for site, _count in found.facets["site_id"]]
    return [Row(key, _site(), None) for key in projection().keys(query)]


def _alike(documents: Iterable[Document], mltfl: Any) -> Query:
    names = [name.strip() for name in (mltfl.split(",") if isinstance(mltfl, str) else mltfl)]
    for document in documents:
        shared = [any_word(name, value) for name in names for value in values_of(document, name)]
        return Combine(must=(either(shared),), must_not=(Term("index_id", document["index_id"]),))
    raise BadDocument("no document to find others like it")


def _response(request: Request, answer: Answer) -> dict[str, Any]:
    scores = answer.scores or [1.0] * len(answer.documents)
    shown = [
        presented(document, request.fields, score) for document, score in zip(answer.documents, scores, strict=True)
    ]
    facets = {name: [part for pair in pairs for part in pair] for name, pairs in answer.facets.items()}
    response = {
        "responseHeader": {"status": 0, "QTime": 0},
        "response": {"numFound": answer.count, "start": request.start, "docs": shown},
        "facet_counts": {"facet_queries": {}, "facet_fields": facets, "facet_ranges": {}, "facet_intervals": {}},
    }
    if request.highlighting:
        wanted = sought(request.query)
        marked = {str(one[UNIQUE_KEY]): request.highlighting.of(one, wanted) for one in answer.documents}
        response["highlighting"] = marked
    return response
