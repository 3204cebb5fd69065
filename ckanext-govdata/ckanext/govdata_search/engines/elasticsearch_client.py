"""The connection to a cluster: addresses, keys, time limits, and what becomes of its errors."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError
from elasticsearch.helpers import BulkIndexError

from ..config import ElasticsearchSettings
from ..errors import BadSetting, EngineFailure, EngineUnavailable, Refusing, SearchEngineError, ServerGone, Untrusted
from .elasticsearch_node import Answers, CurlNode

# Answers of a cluster that is overloaded, or that has lost a part of itself for the moment.
PASSING = (429, 502, 503, 504)
BLOCKED = "cluster_block_exception"
"""An index or a cluster that is closed to changes: by an operator, or because a disk is nearly full."""
_PAUSE = 2.0
_HINTS = {
    401: ". See that govdata.search.elasticsearch.user and govdata.search.elasticsearch.password, or "
    "govdata.search.elasticsearch.api_key, are what the cluster knows",
    403: ". The key or user needs the privileges manage, read and write on the indexes NAME and NAME-v* of "
    "govdata.search.elasticsearch.index, and monitor on the cluster",
}
# What goes wrong is raised and said once; the client would say each of its tries, with where in its code it was.
if logging.getLogger("elastic_transport").level == logging.NOTSET:
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def connect(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client that asks the next node where one does not answer. Nothing is sent yet."""
    given: dict[str, Any] = {}
    if settings.api_key:
        given["api_key"] = settings.api_key
    elif settings.user:
        given["basic_auth"] = (settings.user, settings.password)
    if settings.ca_certs:
        given["ca_certs"] = _readable(settings.ca_certs)
    try:
        return Elasticsearch(
            list(settings.urls),
            node_class=CurlNode,
            serializer=Answers(),
            # What the client would tell of itself with each request.
            meta_header=False,
            request_timeout=settings.timeout,
            # One node that is silent is silent the next time, too; whoever waits has waited long enough.
            retry_on_timeout=len(settings.urls) > 1,
            retry_on_status=PASSING,
            max_retries=max(2, len(settings.urls)),
            **given,
        )
    except ValueError as error:
        raise EngineFailure("reading its settings govdata.search.elasticsearch.*", error) from error


def _readable(name: str) -> str:
    """Raises BadSetting: the client would look for the file with the first request, and say no more than [Errno 2]."""
    if not (Path(name).is_file() and os.access(name, os.R_OK)):
        raise BadSetting(
            "govdata.search.elasticsearch.ca_certs", name, "a file that is there and that CKAN's user may read"
        )
    return name


class Refused(Exception):
    """What the cluster does not take at the moment, in its own words."""


class Guard:
    """Turns the client's errors into ours, and spares callers the wait for a cluster that has just not answered."""

    def __init__(
        self,
        settings: ElasticsearchSettings,
        passing: type[ServerGone] | type[Refusing] = ServerGone,
        reading: Guard | None = None,
    ) -> None:
        """`passing` is what becomes of an answer that may be another one in a moment.

        What `reading` found gone need not be written to, while what takes no writes may well be read.
        """
        self._where = ", ".join(url.rpartition("@")[2] for url in settings.urls)
        self._passing = passing
        self._reading = reading
        self._last: Callable[[str], EngineUnavailable] | None = None
        self._gone_until = 0.0
        self._lock = threading.Lock()

    def check(self, what: str) -> None:
        """Raises EngineUnavailable where the cluster has just not answered."""
        if self._reading:
            self._reading.check(what)
        with self._lock:
            if self._last and time.monotonic() < self._gone_until:
                raise self._last(what)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Raises EngineUnavailable where the cluster does not answer, EngineFailure where it refuses, both SearchEngineError."""
        self.check(what)
        try:
            yield
        except SearchEngineError:
            raise
        except Refused as error:
            raise self._gone(what, Refusing, error, error) from error
        except ApiError as error:
            raise self._answered(what, error) from error
        except TlsError as error:
            raise self._gone(what, Untrusted, error.message, error.message) from error
        except TransportError as error:
            why = error.message or type(error).__name__
            raise self._gone(what, ServerGone, why, "it did not answer a moment ago") from error
        except (BulkIndexError, UnsupportedProductError, ValueError) as error:
            raise EngineFailure(what, error) from error

    def _answered(self, what: str, error: ApiError) -> EngineFailure:
        """What an answer means that is an error."""
        refusing = self._passing is Refusing
        if refusing and (error.status_code in PASSING or BLOCKED in _kinds(error)):
            return self._gone(what, Refusing, _reason(error), _reason(error))
        if error.status_code in PASSING:
            return self._passing(what, self._where, _reason(error))
        return EngineFailure(what, f"{_reason(error)}{_HINTS.get(error.status_code, '')}")

    def _gone(
        self, what: str, kind: type[ServerGone] | type[Refusing] | type[Untrusted], why: object, why_later: object
    ) -> EngineUnavailable:
        """What is raised now, and for a moment to all others without asking the cluster."""
        with self._lock:
            self._gone_until = time.monotonic() + _PAUSE
            self._last = lambda doing: kind(doing, self._where, why_later)
        return kind(what, self._where, why)


def _kinds(error: ApiError) -> set[Any]:
    """The cluster's own names for what went wrong; those of single documents where a query removed several."""
    body: Any = error.body if isinstance(error.body, dict) else {}
    causes = [body.get("error"), *(failure.get("cause") for failure in body.get("failures") or [])]
    return {cause.get("type") for cause in causes if isinstance(cause, dict)}


def _reason(error: ApiError) -> str:
    """The cluster's own words, without the request."""
    body: Any = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if isinstance(found, dict):
        causes = [cause.get("reason") for cause in found.get("root_cause") or [] if isinstance(cause, dict)]
        return f"{error.status_code} {found.get('type')}: {'; '.join(map(str, causes)) or found.get('reason')}"
    return f"{error.status_code} {error.message}"
