"""A stored file as an HTTP answer: streamed, with ranges, ETag, digest and a file name that people can read.

Conditional requests and ranges follow RFC 9110; the digest of the whole file stands in `Repr-Digest` (RFC 9530).
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import http_date

_CHUNK = 1 << 16
_MOST_RANGES = 16
Watch = Callable[[Iterable[bytes]], Iterator[bytes]]
Range = tuple[int, int]


@dataclass(frozen=True)
class StoredFile:
    """A file on disk: what it is called for people, its type, and its SHA-256 in hex.

    `opened` is the descriptor of what is sent in place of the file at `path`, where that has a form of its own; its owner
    closes it.
    """

    path: Path
    name: str
    content_type: str
    sha256: str
    opened: int | None = None

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


class RangeRefused(Exception):
    """None of the ranges lies in the file, or they are too many or overlap; `size` is the file's."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"bytes */{size}")


def disposition(name: str) -> str:
    """Content-Disposition of a file to save, Chinese names kept (RFC 6266): plain letters for those who read no other."""
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"').strip() or "data"
    stem, dot, ending = (part.encode("ascii", "ignore").decode() for part in clean.rpartition("."))
    plain = f"{stem.strip(' .-_') or 'data'}{dot}{ending}" if dot else ending.strip(" .-_") or "data"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def not_modified(etag: str) -> bool:
    """Whether the visitor has these very bytes already (If-None-Match)."""
    return request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag.strip('"'))


def wanted_ranges(size: int, etag: str) -> list[Range]:
    """The ranges asked for, as first byte and byte behind the last; none for the whole file. Raises RangeRefused.

    A range under `If-Range` with another ETag, or with a date, which says too little, asks for the whole file.
    """
    if request.method != "GET" or request.range is None or request.range.units != "bytes":
        return []
    condition = request.if_range
    if request.headers.get("If-Range") and (condition.etag is None or f'"{condition.etag}"' != etag):
        return []
    asked = [_within(first, last, size) for first, last in request.range.ranges]
    found = sorted(one for one in asked if one is not None)
    overlapping = any(before[1] > after[0] for before, after in pairwise(found))
    if not found or len(asked) > _MOST_RANGES or overlapping:
        raise RangeRefused(size)
    return found


def _within(first: int, last: int | None, size: int) -> Range | None:
    """Werkzeug gives the byte behind the last one, and a negative first for the file's end."""
    start = max(0, size + first) if first < 0 else first
    end = size if last is None or first < 0 else min(last, size)
    return (start, end) if start < end else None


def whole_or_ranges(file: StoredFile, watch: Watch) -> Response:
    """The answer with the file, or the parts of it that were asked for. Raises RangeRefused."""
    # Opened once: when the file is replaced meanwhile, what leaves is still the one whose digest was given.
    descriptor = os.open(file.path, os.O_RDONLY) if file.opened is None else os.dup(file.opened)
    try:
        size = os.fstat(descriptor).st_size
        ranges = wanted_ranges(size, file.etag)
    except BaseException:
        os.close(descriptor)
        raise
    if request.method == "HEAD":
        os.close(descriptor)
        return _described(Response(b""), file, size)
    if len(ranges) > 1:
        return _several(file, descriptor, size, ranges, watch)
    start, end = ranges[0] if ranges else (0, size)
    answer = Response(watch(_Pieces(descriptor, [(b"", start, end)])), 206 if ranges else 200)
    if ranges:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return _described(answer, file, end - start)


def _several(file: StoredFile, descriptor: int, size: int, ranges: list[Range], watch: Watch) -> Response:
    boundary = secrets.token_hex(16)
    parts: list[tuple[bytes, int, int]] = []
    for start, end in ranges:
        head = f"\r\n--{boundary}\r\nContent-Type: {file.content_type}\r\nContent-Range: bytes {start}-{end - 1}/{size}\r\n\r\n"
        parts.append((head.encode(), start, end))
    tail = f"\r\n--{boundary}--\r\n".encode()
    parts.append((tail, 0, 0))
    length = sum(len(head) + end - start for head, start, end in parts)
    answer = Response(watch(_Pieces(descriptor, parts)), 206)
    _described(answer, file, length)
    answer.headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
    return answer


class _Pieces:
    """Pieces of an open file, each stretch after a head of its own; closes the file at the end, or when left."""

    def __init__(self, descriptor: int, parts: list[tuple[bytes, int, int]]) -> None:
        self._descriptor: int | None = descriptor
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for head, start, end in self._parts:
            if head:
                yield head
            while start < end and self._descriptor is not None:
                piece = os.pread(self._descriptor, min(_CHUNK, end - start), start)
                if not piece:
                    raise OSError("the file is shorter than it was when the transfer began")
                start += len(piece)
                yield piece
        self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()


def _described(answer: Response, file: StoredFile, length: int) -> Response:
    answer.headers["Content-Length"] = str(length)
    return described(answer, file)


def described(answer: Response, file: StoredFile) -> Response:
    """Give an answer the headers that tell of the file."""
    answer.headers["Content-Type"] = file.content_type
    answer.headers["Content-Disposition"] = disposition(file.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = file.etag
    answer.headers["Last-Modified"] = http_date(file.path.stat().st_mtime)
    answer.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
    return answer
