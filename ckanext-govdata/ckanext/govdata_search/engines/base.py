"""What an engine has to be: a projection of the table of documents that answers requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ..document import Document, from_text
from ..query import Query
from ..request import Answer, Request

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Whoever does work that can be shared out: this process, or several."""

    def map(self, work: Callable[[T], R], items: Iterable[T], share: int = 1) -> Iterator[tuple[T, R]]:
        """Each item with what `work`, a function of a module, makes of it, in order; `share` items are sent at a time.

        Raises what `work` raises, and EngineFailure when a process is killed.
        """
        ...


class Alone:
    """This process, one item after another."""

    def map(self, work: Callable[[T], R], items: Iterable[T], share: int = 1) -> Iterator[tuple[T, R]]:
        return ((item, work(item)) for item in items)


ALONE = Alone()


@dataclass(frozen=True)
class Position:
    """How far an engine has applied the table: which table it was, and the last number."""

    table: str = ""
    number: int = 0


@dataclass(frozen=True)
class Change:
    """One row of the table: a document, the deletion of one (no document), or of all documents of a site (no key).

    It carries the document as the table's text, so that whoever needs it reads it, in whichever process.
    """

    number: int
    key: str | None
    site: str
    text: str | bytes | None

    @property
    def document(self) -> Document | None:
        return None if self.text is None else from_text(self.text)


@dataclass(frozen=True)
class Feed:
    """What an engine reads on catching up: the rows behind its position, in order, the position behind them, and how many rows
    there are, or some more where they are few.

    `from_start` says that the engine's documents are of no use (another table, or one that was set back): it has to
    forget them first.
    """

    changes: Iterable[Change]
    until: Position
    count: int
    from_start: bool = False


@dataclass(frozen=True)
class Capabilities:
    """What sets engines apart for their caller."""

    shared: bool
    """Whether all processes see one index; if not, each process has to catch up before it searches."""
    durable: bool
    """Whether the index outlives the process."""
    remote: bool = False
    """Whether other machines share it: then its caller sets the engine's `turns`, one writer at a time, and `rebuilds`, one
    builder of a whole index."""


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
        """The same for who only wants to search: raises EngineBusy at once where another one is writing, and IndexMissing where a
        whole index would have to be built first and that takes long."""
        ...

    def search(self, request: Request) -> Answer:
        """What the request finds.

        Rather than finding nothing raises IndexMissing where there is no index (any more), and IndexForeign where it has
        become that of another table than the engine last caught up with.
        """
        ...

    def keys(self, query: Query) -> list[str]:
        """The unique keys of all documents that fit. Raises IndexMissing."""
        ...

    def position(self) -> Position: ...

    def rebuild(
        self, feed: Callable[[Position], Feed | None], workers: Workers = ALONE, anew: bool = False
    ) -> Position:
        """Build the whole index anew from the table while searches go on in the old one, then change over.

        The workers may be asked to lay out documents. With `anew`, what an interrupted rebuild left is not gone on with.
        """
        ...

    def status(self) -> dict[str, Any]:
        """Figures for operators: documents, position, place, size."""
        ...
