"""What an engine has to be: a projection of the table of documents that answers requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ..document import Document
from ..query import Query
from ..request import Answer, Request


@dataclass(frozen=True)
class Position:
    """How far an engine has applied the table: which table it was, and the last number."""

    table: str = ""
    number: int = 0


@dataclass(frozen=True)
class Change:
    """One row of the table: a document, the deletion of one (no document), or of all documents of a site (no key)."""

    number: int
    key: str | None
    site: str
    document: Document | None


@dataclass(frozen=True)
class Feed:
    """What an engine reads on catching up: the rows behind its position, in order, and the position behind them.

    `from_start` says that the engine's documents are of no use (another table, or one that was set back): it has to
    forget them first.
    """

    changes: Iterable[Change]
    until: Position
    from_start: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What sets engines apart for their caller."""

    shared: bool
    """Whether all processes see one index; if not, each process has to catch up before it searches."""
    durable: bool
    """Whether the index outlives the process."""
    remote: bool = False
    """Whether other machines share it: then writers take turns by the engine's `turns`, which its caller sets."""


class Engine(Protocol):
    """Holds the index. Every method may raise SearchEngineError and nothing else."""

    name: str
    capabilities: Capabilities

    def catch_up(self, feed: Callable[[Position], Feed | None]) -> Position:
        """Ask for what is behind the engine's position and apply it; None from `feed` means that nothing is.

        On return all of it can be found by every process. Calls from several threads and processes take turns.
        """
        ...

    def catch_up_if_free(self, feed: Callable[[Position], Feed | None]) -> Position:
        """The same for who only wants to search: raises EngineBusy at once where another one is writing."""
        ...

    def search(self, request: Request) -> Answer: ...

    def keys(self, query: Query) -> list[str]:
        """The unique keys of all documents that fit."""
        ...

    def position(self) -> Position: ...

    def rebuild(self, feed: Callable[[Position], Feed | None]) -> Position:
        """Build the whole index anew from the table while searches go on in the old one, then change over."""
        ...

    def status(self) -> dict[str, Any]:
        """Figures for operators: documents, position, place, size."""
        ...
