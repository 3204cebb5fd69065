"""Fetching one file by address, within limits of time, size on the way, size unpacked, and redirects."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, LocationParseError, SSLError
from urllib3.util import Url, parse_url

from .addresses import Network
from .connecting import Deadline, connection_to
from .errors import DoorError

_PIECE = 1 << 16
_AGENT = "ckanext-govdata (open-data harvesting)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Limits:
    """What one fetch may take: seconds in all, bytes on the way and unpacked, redirects, tries, seconds between tries."""

    seconds: float = 300.0
    bytes_sent: int = 1 << 30
    bytes_unpacked: int = 1 << 31
    redirects: int = 5
    tries: int = 3
    pause: float = 2.0
    networks: Sequence[Network] = field(default=())


@dataclass(frozen=True)
class Fetched:
    """A file that arrived whole: where it is, its name at the source, and the address that answered in the end.

    `etag` and `modified` are what the source says of this state; `unchanged`: it has not changed since, and there is no file.
    """

    path: Path
    name: str
    address: str
    size: int
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


def fetch(address: str, folder: Path, limits: Limits, headers: Mapping[str, str] | None = None) -> Fetched:
    """Fetch a file into the folder. `headers` go to the first host alone, and into no message.

    Raises DoorError with its cause; what may pass is tried again, each pause twice as long as the one before.
    """
    pause = limits.pause
    for attempt in range(1, limits.tries + 1):
        try:
            return _fetch(address, folder, limits, dict(headers or {}))
        except DoorError as error:
            if not error.passing or attempt == limits.tries:
                raise
        time.sleep(pause)
        pause *= 2
    raise DoorError("no_connection", _plain(address))


def _fetch(address: str, folder: Path, limits: Limits, headers: dict[str, str]) -> Fetched:
    deadline = Deadline(limits.seconds)
    first = _parsed(address)
    url = first
    for _ in range(limits.redirects + 1):
        same_host = (url.scheme, url.host, url.port) == (first.scheme, first.host, first.port)
        answer = _ask(url, folder, limits, deadline, headers if same_host else {})
        if isinstance(answer, Fetched):
            return answer
        url = _parsed(urljoin(url.url, answer))
    raise DoorError("too_many_redirects", str(first.host))


def _parsed(address: str) -> Url:
    try:
        url = parse_url(address)
    except LocationParseError:
        raise DoorError("address_unreadable") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise DoorError("address_unreadable")
    if url.auth:
        raise DoorError("address_with_password", url.host)
    return url


def _ask(url: Url, folder: Path, limits: Limits, deadline: Deadline, headers: dict[str, str]) -> Fetched | str:
    """The file, or the address to which the source sends on."""
    host = str(url.host).strip("[]")
    port = url.port or (443 if url.scheme == "https" else 80)
    connection = connection_to(str(url.scheme), host, port, deadline, limits.networks)
    watch = threading.Timer(deadline.left(), _hang_up, (connection,))
    watch.daemon = True
    watch.start()
    try:
        return _answer(connection, url, folder, limits, deadline, headers)
    except DoorError:
        raise
    except SSLError:
        raise DoorError("certificate_refused", host) from None
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        slow = deadline.is_over or isinstance(error, TimeoutError) or "timed out" in str(error)
        raise DoorError("source_too_slow" if slow else "connection_broken", host, passing=True) from None
    finally:
        watch.cancel()
        connection.close()


def _hang_up(connection: HTTPConnection) -> None:
    """End whatever is still being waited for, once the time is over."""
    waiting: Any = connection.sock
    if waiting is not None:
        try:
            waiting.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _answer(
    connection: HTTPConnection, url: Url, folder: Path, limits: Limits, deadline: Deadline, headers: dict[str, str]
) -> Fetched | str:
    own = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "close"}
    connection.request("GET", url.request_uri, headers={**own, **headers}, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if response.status in _REDIRECTS and response.headers.get("Location"):
        return str(response.headers["Location"])
    if response.status == 304 and {"If-None-Match", "If-Modified-Since"} & headers.keys():
        return Fetched(folder / "unchanged", _name(url), _plain(url.url), 0, unchanged=True)
    if response.status != 200:
        raise DoorError("source_answers", f"{url.host}: {response.status}", passing=response.status in _LATER)
    path = folder / "fetched"
    size = 0
    with path.open("wb") as out:
        for piece in _unpacked(
            _received(response, limits, deadline), response.headers.get("Content-Encoding", ""), limits
        ):
            size += len(piece)
            out.write(piece)
    etag, modified = (response.headers.get(name, "")[:500] for name in ("ETag", "Last-Modified"))
    return Fetched(path, _name(url), _plain(url.url), size, etag, modified)


def _name(url: Url) -> str:
    """A plain file name out of the address."""
    last = PurePosixPath(unquote(url.path or "").replace("\\", "/")).name.replace("\x00", "")
    return last[-80:] if last not in ("", ".", "..") else str(url.host)


def _received(response: Any, limits: Limits, deadline: Deadline) -> Iterator[bytes]:
    """The bytes as they come. Raises DoorError where they are too many, too late, or fewer than announced."""
    announced = response.headers.get("Content-Length")
    if announced and announced.isdigit() and int(announced) > limits.bytes_sent:
        raise DoorError("answer_too_large", str(limits.bytes_sent))
    total = 0
    while piece := response.read1(_PIECE, decode_content=False):
        deadline.left()
        total += len(piece)
        if total > limits.bytes_sent:
            raise DoorError("answer_too_large", str(limits.bytes_sent))
        yield piece
    deadline.left()
    if announced and announced.isdigit() and total < int(announced):
        raise DoorError("connection_cut", passing=True)


def _unpacked(pieces: Iterator[bytes], encoding: str, limits: Limits) -> Iterator[bytes]:
    """The bytes without the coding of the transfer, never more than are allowed."""
    plain = encoding.strip().lower()
    if plain in ("", "identity"):
        yield from pieces
        return
    if plain not in ("gzip", "x-gzip", "deflate"):
        raise DoorError("coding_unknown", plain[:40])
    unpacker = zlib.decompressobj(47)
    total = 0
    for piece in pieces:
        waiting = piece
        while waiting:
            found = _decompress(unpacker, waiting)
            total += len(found)
            if total > limits.bytes_unpacked:
                raise DoorError("answer_too_large", str(limits.bytes_unpacked))
            yield found
            waiting = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise DoorError("connection_cut", passing=True)


def _decompress(unpacker: Any, waiting: bytes) -> bytes:
    try:
        return unpacker.decompress(waiting, _PIECE * 16)
    except zlib.error:
        raise DoorError("coding_broken") from None


def _plain(address: str) -> str:
    """The address without its query, which may carry a secret."""
    return address.partition("?")[0].partition("#")[0]
