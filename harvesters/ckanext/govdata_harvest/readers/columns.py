"""What the readers have to know about column names, so that they find a table's header and the rows of one entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ColumnNames(Protocol):
    """The names of columns that are known. Reading asks for no more of the vocabulary than this."""

    def known(self, names: Sequence[str]) -> int:
        """How many of these words are names of columns."""
        ...

    def field(self, name: str) -> str:
        """The field that a column of this name fills, or an empty text."""
        ...

    def is_item(self, name: str) -> bool:
        """Whether such a column describes the data items of an entry, each on a row of its own."""
        ...

    def is_aside(self, text: str) -> bool:
        """Whether a line that begins so is a footnote, a sum, a signature or a heading, and no row."""
        ...
