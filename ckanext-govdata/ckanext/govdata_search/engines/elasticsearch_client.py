"""The connection to a cluster: addresses, keys, time limits, and what becomes of its errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError
from elasticsearch.helpers import BulkIndexError

from ..config import ElasticsearchSettings
from ..errors import EngineFailure, EngineUnavailable, SearchEngineError

# Answers of a cluster that is overloaded, or that has lost a part of itself for the moment.
PASSING = (429, 502, 503, 504)
_PAUSE = 2.0


def connect(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client that asks the next node where one does not answer. Nothing is sent yet."""
    given: dict[str, Any] = {}
    if settings.api_key:
        given["api_key"] = settings.api_key
    elif settings.user:
        given["basic_auth"] = (settings.user, settings.password)
    if settings.ca_certs:
        given["ca_certs"] = settings.ca_certs
    try:
        return Elasticsearch(
            list(settings.urls),
            request_timeout=settings.timeout,
            retry_on_timeout=True,
            retry_on_status=PASSING,
            max_retries=max(2, len(settings.urls)),
            **given,
        )
    except ValueError as error:
        raise EngineFailure("reading its settings govdata.search.elasticsearch.*", error) from error


class Guard:
    """Turns the client's errors into ours, and spares callers the wait for a cluster that has just not answered."""

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self._where = ", ".join(url.rpartition("@")[2] for url in settings.urls)
        self._gone_until = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Raises EngineUnavailable where the cluster does not answer, EngineFailure where it refuses, both SearchEngineError."""
        with self._lock:
            if time.monotonic() < self._gone_until:
                raise EngineUnavailable(what, self._where, "it did not answer a moment ago")
        try:
            yield
        except SearchEngineError:
            raise
        except ApiError as error:
            if error.status_code in PASSING:
                raise EngineUnavailable(what, self._where, _reason(error)) from error
            raise EngineFailure(what, _reason(error)) from error
        except TransportError as error:
            raise self._gone(what, error.message or type(error).__name__) from error
        except (BulkIndexError, UnsupportedProductError, ValueError) as error:
            raise EngineFailure(what, error) from error

    def _gone(self, what: str, why: object) -> EngineUnavailable:
        with self._lock:
            self._gone_until = time.monotonic() + _PAUSE
        return EngineUnavailable(what, self._where, why)


def _reason(error: ApiError) -> str:
    """The cluster's own words, without the request."""
    body: Any = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if isinstance(found, dict):
        causes = [cause.get("reason") for cause in found.get("root_cause") or [] if isinstance(cause, dict)]
        return f"{error.status_code} {found.get('type')}: {'; '.join(map(str, causes)) or found.get('reason')}"
    return f"{error.status_code} {error.message}"
