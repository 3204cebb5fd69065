"""The embedded engine: a tantivy index in a folder that all processes of the portal share.

tantivy takes one writer at a time, so every write goes: file lock, a fresh Index, writer, collecting garbage, all waiting
rows and the note of the position, commit, waiting for merges, writer freed, lock freed. Without the collecting, a process
killed at the wrong moment would block every later write; without the waiting, nothing would ever merge.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import tantivy

from ..errors import BadIndexPath, IndexFailure, IndexForeign, IndexMissing, RebuildHeldUp, RebuildRunning
from ..query import Query
from ..request import Answer, Request
from .base import ALONE, Capabilities, Feed, Position, Workers
from .filelock import FileLock
from .tantivy_facets import Counting
from .tantivy_folder import failures, has_begun, open_index, position_of, see_that_it_can_be_made
from .tantivy_order import Orderer
from .tantivy_present import present
from .tantivy_query import Translator
from .tantivy_schema import VERSION, schema
from .tantivy_view import View
from .tantivy_writing import add, fill, merge_behind

logger = logging.getLogger(__name__)

_POINTER = "current"
_FOLDER = f"v{VERSION}-"
_NAME = re.compile(f"{_FOLDER}[0-9a-f]+")
_BUILDING = f"b{VERSION}-"


class TantivyEngine:
    """Searches in the process, without a server; the index outlives it."""

    name = "tantivy"
    capabilities = Capabilities(shared=True, durable=True)

    def __init__(self, settings: Any) -> None:
        self._root = Path(settings.index_path)
        self._pointer = self._root / _POINTER
        self._pointed: tuple[tuple[int, ...], tuple[str, Path]] | None = None
        self._lock_seconds = float(settings.lock_seconds)
        self._schema = schema()
        self._guard = threading.Lock()
        self._table = ""
        self._open: tuple[tuple[object, ...], View] | None = None

    # Reading

    def _stamp(self) -> tuple[object, ...] | None:
        """What changes with every commit and every change of folder; None when there is no index of this version."""
        try:
            folder, meta = self._folder()
            if not _NAME.fullmatch(folder):
                # Of another version, or damaged: it is as if there were none, and the next build writes it anew.
                return None
            found = meta.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadIndexPath("looking for it", self._root, error) from error
        return (folder, found.st_mtime_ns, found.st_ino, found.st_size)

    def _folder(self) -> tuple[str, Path]:
        """What the pointer names, and tantivy's own note there. Read again only when another file stands in the pointer's place:
        every search looks.
        """
        found = self._pointer.stat()
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._pointed is None or self._pointed[0] != stamp:
            folder = self._pointer.read_text(encoding="utf-8", errors="replace")
            self._pointed = (stamp, (folder, self._root / folder / "meta.json"))
        return self._pointed[1]

    def _view(self) -> View | None:
        """The latest commit of whichever process; None while there is no index."""
        with self._guard:
            attempts = 5
            while (stamp := self._stamp()) is not None:
                try:
                    if self._open is None or self._open[0] != stamp:
                        self._open = (stamp, _view_of(self._root / str(stamp[0])))
                    return self._open[1]
                except IndexFailure:
                    # The folder may have been exchanged or its files merged away in between; look again.
                    attempts -= 1
                    if not attempts:
                        raise
            return None

    def _present(self) -> View:
        """As `_view`. Raises IndexMissing."""
        view = self._view()
        if view is None:
            raise IndexMissing(f"in {self._root}, the folder that govdata.search.index_path names")
        return view

    def position(self) -> Position:
        view = self._view()
        with failures("reading its position", self._root):
            return view.position if view else Position()

    def search(self, request: Request) -> Answer:
        view = self._present()
        with failures("searching", self._root):
            if self._table and view.position.table not in ("", self._table):
                raise IndexForeign(self._root)
            asked = present(request.query, view)
            request = replace(request, query=asked, filters=view.demanding(request.filters))
            translator = Translator(self._schema, view)
            counting = Counting(translator, request).begun()
            count, hits = Orderer(translator, request).page()
            documents = [view.document(address, request.needed) for _score, address in hits]
            return Answer(count, documents, [float(score) for score, _address in hits], counting())

    def keys(self, query: Query) -> list[str]:
        view = self._present()
        with failures("searching", self._root):
            searcher = view.searcher
            found = Translator(self._schema, view).translate(query)
            hits = searcher.search(found, max(1, searcher.num_docs), count=False).hits
            return [str(searcher.doc(address).get_first("key")) for _score, address in hits]

    # Writing

    def catch_up(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self._following(self._catch_up(feed, self._lock_seconds))

    def catch_up_if_free(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self._following(self._catch_up(feed, 0.0))

    def _following(self, position: Position) -> Position:
        """Note which table this site's index follows, so that a search tells when another one takes its place."""
        self._table = position.table
        return position

    def _catch_up(self, feed: Callable[[Position], Feed | None], seconds: float) -> Position:
        lock = FileLock.acquire(self._root / "lock", seconds)
        left_merging = False
        try:
            stamp = self._stamp()
            position = self._position_on_disk(stamp)
            found = feed(position)
            if found is None:
                return position
            if stamp is None:
                logger.warning("There is no index of this version in %s; it is built from its table", self._root)
            if found.from_start or stamp is None:
                self._build(found)
                return found.until
            writer = add(self._root / str(stamp[0]), found)
            if writer is not None:
                merge_behind(writer, lock)
                left_merging = True
            return found.until
        finally:
            if not left_merging:
                lock.release()

    def rebuild(
        self, feed: Callable[[Position], Feed | None], workers: Workers = ALONE, anew: bool = False
    ) -> Position:
        """As the protocol says. Others write to the old index meanwhile, and wait only while the last rows are taken over."""
        alone = FileLock.acquire(self._root / "rebuild.lock", self._lock_seconds, RebuildRunning)
        try:
            building = self._begun(feed, workers, anew)
            lock = FileLock.acquire(self._root / "lock", self._lock_seconds, RebuildHeldUp)
            try:
                building = self._filled(building, feed, workers)
                position = position_of(building)
                self._change_over(building)
                return self._following(position)
            finally:
                lock.release()
        finally:
            alone.release()

    def _filled(self, building: Path, feed: Callable[[Position], Feed | None], workers: Workers) -> Path:
        """Apply what is behind the folder's position; where it was of another table, in another new folder."""
        position = position_of(building)
        found = feed(position)
        if found is None:
            return building
        if found.from_start and position.number:
            shutil.rmtree(building, ignore_errors=True)
            building = self._make(_BUILDING)
        fill(building, found, workers)
        return building

    def _begun(self, feed: Callable[[Position], Feed | None], workers: Workers, anew: bool) -> Path:
        """Fill the folder that an interrupted rebuild left, or a new one where there is none or it proves damaged."""
        left = self._left_behind(anew)
        if left is not None:
            try:
                return self._filled(left, feed, workers)
            except IndexFailure as error:
                logger.warning("Building the index from its beginning, since what was left cannot be used: %s", error)
                shutil.rmtree(left, ignore_errors=True)
        return self._filled(self._make(_BUILDING), feed, workers)

    def _left_behind(self, anew: bool) -> Path | None:
        """The folder that an interrupted rebuild was filling, if it noted how far it got; others, `anew` all, are removed."""
        kept: Path | None = None
        for folder in self._root.glob("b*-*"):
            if kept is None and not anew and folder.name.startswith(_BUILDING) and has_begun(folder):
                kept = folder
            else:
                shutil.rmtree(folder, ignore_errors=True)
        return kept

    def _make(self, kind: str) -> Path:
        path = self._root / f"{kind}{secrets.token_hex(4)}"
        with failures("making a new index", path):
            path.mkdir(parents=True)
            tantivy.Index(self._schema, path=str(path))
        return path

    def _position_on_disk(self, stamp: tuple[object, ...] | None) -> Position:
        return Position() if stamp is None else position_of(self._root / str(stamp[0]))

    def _build(self, feed: Feed) -> None:
        """Write a whole index into a new folder and change over to it."""
        path = self._make(_FOLDER)
        fill(path, feed)
        self._change_over(path)

    def _change_over(self, path: Path) -> None:
        """Point to a folder, and remove what the pointer no longer names."""
        self._tell_whose_goes(position_of(path))
        with failures("changing over to a new index", self._root):
            folder = (
                path if path.name.startswith(_FOLDER) else path.rename(self._root / f"{_FOLDER}{secrets.token_hex(4)}")
            )
            fresh = self._root / f"{_POINTER}.new"
            fresh.write_text(folder.name, encoding="utf-8")
            fresh.replace(self._pointer)
        for other in self._root.glob("v*-*"):
            if other.name != folder.name:
                shutil.rmtree(other, ignore_errors=True)

    def _tell_whose_goes(self, own: Position) -> None:
        """Say so where the index that is replaced followed another table than the one in its place."""
        stamp = self._stamp()
        old = self._root / str(stamp[0]) if stamp else None
        if old and has_begun(old) and own.table and position_of(old).table != own.table:
            logger.warning(
                "The index in %s followed another database's table and is replaced by this database's. After a restore "
                "that is right; where another site uses the folder, give each site its own govdata.search.index_path",
                self._root,
            )

    def status(self) -> dict[str, Any]:
        stamp = self._stamp()
        view = self._view()
        if stamp is None:
            see_that_it_can_be_made(self._root)
        folder = self._root / str(stamp[0]) if stamp else self._root
        with failures("looking through it", folder):
            size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) if stamp else 0
            count = Orderer(Translator(self._schema, view), Request()).count(()) if view else 0
        segments = view.searcher.num_segments if view else 0
        return {"engine": self.name, "documents": count, "folder": str(folder), "bytes": size, "segments": segments}


def _view_of(folder: Path) -> View:
    with failures("opening it", folder):
        return View(open_index(folder).searcher())
