"""One server of a cluster, asked over libcurl: the client's own ways to ask it cost a search up to a tenth of its time."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import certifi
import orjson
import pycurl
from elastic_transport import (
    ApiResponseMeta,
    BaseNode,
    ConnectionError,
    ConnectionTimeout,
    HttpHeaders,
    NodeConfig,
    TlsError,
)

# Not told to the world, though each node class must answer with it.
from elastic_transport._node import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch.serializer import JsonSerializer

CONNECTING = 10.0
"""Seconds within which a server has to take up a connection, however long its answer may take: meanwhile nobody can interrupt."""
_LOG = logging.getLogger("elastic_transport.node")
_TLS = (
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CERTPROBLEM,
    pycurl.E_SSL_CIPHER,
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CACERT_BADFILE,
)


class Answers(JsonSerializer):
    """Reads what the cluster answers with orjson; what it is asked stays with json, that takes numbers of any length."""

    def json_loads(self, data: bytes) -> Any:
        return orjson.loads(data)


class CurlNode(BaseNode):
    """Takes the place of the client's node classes: `Elasticsearch(..., node_class=CurlNode)`.

    Each request has a connection for itself; as many as the client says (10) wait for the next ones.
    """

    _CLIENT_META_HTTP_CLIENT = ("cu", pycurl.version_info()[1])

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._waiting: dict[int, deque[pycurl.Curl]] = {}

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,  # pyright: ignore[reportArgumentType]
    ) -> NodeApiResponse:
        """Raises ConnectionTimeout, TlsError, ConnectionError: the client asks another node then."""
        sent = self._headers.copy()
        sent.update(headers or {})
        seconds = self.config.request_timeout if isinstance(request_timeout, DefaultType) else request_timeout
        said: dict[str, Any] = {"method": method, "target": target, "headers": sent, "body": body}
        begun = time.monotonic()
        try:
            status, lines, raw = self._asked(method, target, body, sent, seconds)
        except pycurl.error as error:
            raised = _raised(error)
            self._say(**said, exception=raised)
            raise raised from error
        meta = ApiResponseMeta(
            node=self.config,
            duration=time.monotonic() - begun,
            http_version="1.1",
            status=status,
            headers=HttpHeaders(_headers(lines)),
        )
        self._say(**said, meta=meta, response=raw)
        return NodeApiResponse(meta, raw)

    def _say(self, **said: Any) -> None:
        """In the client's own log; it would lay out the whole request before it asks whether anybody reads that."""
        if _LOG.isEnabledFor(logging.DEBUG):
            self._log_request(**said)

    def _asked(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], seconds: float | None
    ) -> tuple[int, list[bytes], bytes]:
        """The status, the lines of the head, and the answer. Raises pycurl.error."""
        lines: list[bytes] = []
        parts: list[bytes] = []
        curl = self._connection()
        try:
            self._set(curl, seconds)
            curl.setopt(pycurl.URL, self.base_url + target)
            curl.setopt(pycurl.CUSTOMREQUEST, method)
            curl.setopt(pycurl.NOBODY, method == "HEAD")
            # Without an empty Expect a long body would wait for the server's leave to send it.
            curl.setopt(pycurl.HTTPHEADER, [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"])
            if body:
                curl.setopt(pycurl.POSTFIELDS, body)
            curl.setopt(pycurl.HEADERFUNCTION, lines.append)
            curl.setopt(pycurl.WRITEFUNCTION, parts.append)
            curl.perform()
            status = int(curl.getinfo(pycurl.RESPONSE_CODE))
        except BaseException:
            curl.close()
            raise
        self._keep(curl)
        return status, lines, b"".join(parts)

    def _set(self, curl: pycurl.Curl, seconds: float | None) -> None:
        """What is the same for all requests but for the time; nothing of the request before is left."""
        curl.reset()
        curl.setopt(pycurl.NOSIGNAL, True)
        # Once a second Python looks here whether it was interrupted.
        curl.setopt(pycurl.NOPROGRESS, False)
        curl.setopt(pycurl.XFERINFOFUNCTION, _nothing)
        # To libcurl no time at all means without a limit.
        curl.setopt(pycurl.TIMEOUT_MS, 0 if seconds is None else max(1, int(1000 * seconds)))
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, int(1000 * CONNECTING))
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.CAINFO, str(self.config.ca_certs or certifi.where()))

    def _connection(self) -> pycurl.Curl:
        with suppress(IndexError):
            return self._own().pop()
        return pycurl.Curl()

    def _keep(self, curl: pycurl.Curl) -> None:
        own = self._own()
        if len(own) < self.config.connections_per_node:
            own.append(curl)
        else:
            curl.close()

    def _own(self) -> deque[pycurl.Curl]:
        """A forked process leaves alone what its parent talks over: two on one connection would read each other's answers."""
        process = os.getpid()
        return self._waiting.get(process) or self._waiting.setdefault(process, deque())

    def close(self) -> None:
        with suppress(IndexError):
            while True:
                self._own().pop().close()


def _nothing(*_progress: int) -> None:
    """Does nothing."""


def _headers(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in lines)
    return {name: value.strip() for name, colon, value in pairs if colon}


def _raised(error: pycurl.error) -> ConnectionError | ConnectionTimeout:
    code, why = error.args[0], str(error.args[-1])
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return ConnectionTimeout("Connection timed out during request", errors=(error,))
    return (TlsError if code in _TLS else ConnectionError)(why, errors=(error,))
