"""Writing to a folder of tantivy's, so that few segments are left: the fewer there are, the less a search has to go through."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path

import tantivy

from .base import ALONE, Feed, Position, Workers
from .filelock import FileLock
from .tantivy_folder import failures, open_index
from .tantivy_schema import POSITION_KEY, laid_out, position_note

_HEAP = 64_000_000
"""Bytes after which a segment is written while the next documents are taken in. With more, most of that is left for the
end, when nobody else has anything to do: with twice as much a rebuild of 10,000 datasets took a tenth longer."""
# tantivy merges when eight segments are of like size.
_MERGED_FROM = 8
_MERGED_AT_LATEST = 24
_LARGEST_PART = 16_000
"""So many rows are committed at a time at most. What is merged of eight parts has to be larger than what tantivy takes for
small, 16,800 documents, or it would be merged once more with every few parts that come."""
_SHARE = 50
"""How many documents are sent to another process at a time."""


def fill(path: Path, feed: Feed, workers: Workers = ALONE) -> None:
    """Write to a folder that nobody searches yet, in equal parts, which tantivy merges to one segment by itself.

    Each part says how far it goes, so whoever is interrupted goes on behind the last.
    """
    with failures("writing", path):
        writer = open_index(path).writer(_HEAP, 1)
        try:
            writer.garbage_collect_files()
            _apply(writer, feed, workers, part_of(feed.count))
        finally:
            writer.wait_merging_threads()


def add(path: Path, feed: Feed) -> tantivy.IndexWriter | None:
    """Write to the folder that is searched, all at once. Returns the writer when it may be left to its merging for a while."""
    with failures("writing", path):
        writer = open_index(path).writer(_HEAP, 1)
        leave = False
        try:
            writer.garbage_collect_files()
            _apply(writer, feed, ALONE, part=None)
            segments = len(json.loads((path / "meta.json").read_bytes())["segments"])
            leave = _MERGED_FROM <= segments < _MERGED_AT_LATEST
        finally:
            if not leave:
                # Also frees tantivy's own lock, which it would otherwise hold for as long as anybody refers to the writer.
                writer.wait_merging_threads()
        return writer if leave else None


def merge_behind(writer: tantivy.IndexWriter, lock: FileLock) -> None:
    """Let the caller go on, since its rows can be found already, and hold the lock until merging has ended.

    A process that exits in an orderly way waits for this thread; one that is killed leaves the merge to the next write,
    and _MERGED_AT_LATEST sees to it that it does not stay undone for ever.
    """

    def finish(owned: list[tantivy.IndexWriter]) -> None:
        try:
            owned.pop().wait_merging_threads()
        finally:
            lock.release()

    threading.Thread(target=finish, args=([writer],), name="govdata-search-merge", daemon=False).start()


def part_of(count: int) -> int:
    """How many of so many rows are committed at a time: all, an eighth, an eighth of that, and so on."""
    part = count
    while part > _LARGEST_PART:
        part = math.ceil(part / _MERGED_FROM)
    return max(part, 1)


def _apply(writer: tantivy.IndexWriter, feed: Feed, workers: Workers, part: int | None) -> None:
    """Take over the rows, and note how far; with `part` after each so many rows, and else at the end alone."""
    done = 0
    for count, (change, document) in enumerate(workers.map(laid_out, feed.changes, _SHARE)):
        if part and count and count % part == 0:
            _commit(writer, Position(feed.until.table, done))
        if change.key is None:
            writer.delete_documents_by_term("site", change.site)
        else:
            writer.delete_documents_by_term("key", change.key)
            if document is not None:
                writer.add_json(document.decode())
        done = change.number
    _commit(writer, feed.until)


def _commit(writer: tantivy.IndexWriter, position: Position) -> None:
    writer.delete_documents_by_term("key", POSITION_KEY)
    writer.add_document(position_note(position))
    writer.commit()
