"""The folder of an embedded index: opening what is in it, and saying where it lies and what mends it when that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy

from ..errors import BadIndexPath, IndexFailure, SearchEngineError
from .base import Position
from .tantivy_schema import position_in, schema

_LOCKS = (".tantivy-meta.lock", ".tantivy-writer.lock")
_OPEN_FILES = Path("/proc/self/fd")


def open_index(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    # Our own stamp tells when to look again; tantivy's watching thread would not survive a fork.
    index.config_reader("manual")
    index.reload()
    return index


def position_of(folder: Path) -> Position:
    """How far the index in a folder has applied the table. Raises IndexFailure."""
    with failures("reading its position", folder):
        return position_in(open_index(folder).searcher(), schema())


def has_begun(folder: Path) -> bool:
    """Whether an interrupted build noted in a folder how far it got; of a damaged one nothing is of use."""
    try:
        return (folder / "meta.json").exists() and position_of(folder).number > 0
    except IndexFailure:
        return False


def see_that_it_can_be_made(root: Path) -> None:
    """Make a folder where a missing index would be made, and take it away again: rights alone do not tell.

    Raises BadIndexPath.
    """
    try:
        above = next(path for path in (root, *root.parents) if path.exists())
        with TemporaryDirectory(prefix="govdata-search-", dir=above):
            return
    except OSError as error:
        raise BadIndexPath("looking for it", root, error) from error


@contextmanager
def failures(doing: str, folder: Path) -> Iterator[None]:
    """Whatever tantivy raises (ValueError mostly) becomes IndexFailure, and so does its panic over damaged files."""
    try:
        yield
    except SearchEngineError:
        raise
    except (ValueError, OSError, RuntimeError) as error:
        raise IndexFailure(doing, folder, error) from error
    except BaseException as error:
        # Rust's panics have a class that cannot be imported, and that is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexFailure(doing, folder, error) from error


def _after_fork() -> None:
    """A child inherits what tantivy's threads had locked in its parent, and would hold it on for as long as it lives: who
    merges may do so at any moment. Another file comes in the place of each, since whoever counts on its number may close it.
    """
    if not _OPEN_FILES.is_dir():
        return
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    for opened in list(_OPEN_FILES.iterdir()):
        with suppress(OSError):
            if opened.readlink().name in _LOCKS:
                os.dup2(nothing, int(opened.name), inheritable=False)
    os.close(nothing)


os.register_at_fork(after_in_child=_after_fork)
