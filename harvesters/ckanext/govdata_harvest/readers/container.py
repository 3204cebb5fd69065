"""What a file is, told by its first bytes and never by its name; gzip is looked through, up to a limit of size."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import ListError

CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
# Containers that are no list, with the cause that names each.
_OTHERS = (
    (b"%PDF", "container_pdf"),
    (b"\x89PNG", "container_image"),
    (b"\xff\xd8\xff", "container_image"),
    (b"GIF8", "container_image"),
    (b"Rar!", "container_archive"),
    (b"7z\xbc\xaf\x27\x1c", "container_archive"),
    (b"PK\x05\x06", "list_empty"),
)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where it is gzip by content; closed at the end."""
    with path.open("rb") as raw:
        head = raw.read(8)
        raw.seek(0)
        _refuse_others(head)
        if not head.startswith(_GZIP):
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield unpacked  # pyright: ignore[reportReturnType]


def chunks(path: Path, limit: int) -> Iterator[bytes]:
    """The unpacked bytes piece by piece; more than `limit` bytes, or a broken gzip, is an error and not a short list."""
    total = 0
    with opened(path) as stream:
        while True:
            try:
                piece = stream.read(CHUNK)
            except (EOFError, OSError, zlib.error) as error:
                raise ListError("gzip_broken") from error
            if not piece:
                return
            total += len(piece)
            if total > limit:
                raise ListError("list_too_large", detail=str(limit))
            yield piece


def head_of(path: Path, limit: int) -> bytes:
    """The first bytes of what is inside."""
    return next(chunks(path, max(limit, CHUNK)), b"")[:512]


def unpacked_copy(path: Path, limit: int) -> tempfile.TemporaryDirectory[str] | None:
    """A folder with the unpacked file in it as `list`, gone with its last holder; None where the file is not packed."""
    with path.open("rb") as raw:
        if raw.read(2) != _GZIP:
            return None
    folder = tempfile.TemporaryDirectory(prefix="govdata-list-")
    try:
        with (Path(folder.name) / "list").open("wb") as out:
            for piece in chunks(path, limit):
                out.write(piece)
    except ListError:
        shutil.rmtree(folder.name, ignore_errors=True)
        raise
    return folder


def _refuse_others(head: bytes) -> None:
    for magic, cause in _OTHERS:
        if head.startswith(magic):
            raise ListError(cause)
