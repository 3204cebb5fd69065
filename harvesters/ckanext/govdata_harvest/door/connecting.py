"""Connections whose address is looked up once, checked, and then connected to: a name cannot point elsewhere in between."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from .addresses import PUBLIC, Network, verdict
from .errors import DoorError

_STEP_SECONDS = 30.0


class Deadline:
    """The moment at which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises DoorError when none is."""
        found = self._end - time.monotonic()
        if found <= 0:
            raise DoorError("source_too_slow", passing=True)
        return found

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end


def open_checked(host: str, port: int, deadline: Deadline, allowed: Sequence[Network]) -> socket.socket:
    """A connection to the host, every one of whose addresses may be fetched from. Raises DoorError otherwise."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DoorError("host_unknown", host, passing=True) from None
    for _, _, _, _, where in found:
        reason = verdict(str(where[0]), allowed)
        if reason != PUBLIC:
            raise DoorError("address_refused", f"{host} ({reason})")
    for family, kind, protocol, _, where in found:
        try:
            return _connected(socket.socket(family, kind, protocol), where, deadline, allowed)
        except OSError:
            continue
    raise DoorError("no_connection", host, passing=True)


def _connected(connection: socket.socket, where: Any, deadline: Deadline, allowed: Sequence[Network]) -> socket.socket:
    try:
        connection.settimeout(min(_STEP_SECONDS, deadline.left()))
        connection.connect(where)
        if verdict(str(connection.getpeername()[0]), allowed) != PUBLIC:
            raise DoorError("address_refused", str(where[0]))
    except BaseException:
        connection.close()
        raise
    return connection


def connection_to(scheme: str, host: str, port: int, deadline: Deadline, allowed: Sequence[Network]) -> HTTPConnection:
    """An HTTP or HTTPS connection that is not open yet; certificates are verified."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return open_checked(host, port, deadline, allowed)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return open_checked(host, port, deadline, allowed)

    timeout = min(_STEP_SECONDS, deadline.left())
    if scheme == "http":
        return Plain(host, port, timeout=timeout)
    return Secure(host, port, timeout=timeout, cert_reqs="CERT_REQUIRED")
