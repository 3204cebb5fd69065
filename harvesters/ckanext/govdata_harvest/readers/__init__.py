"""Reading: from the bytes of a file to numbered rows of named cells, whatever container, charset or layout they come in."""

from .columns import ColumnNames
from .errors import ListError
from .row import BadRow, Row
from .rows import ListFile, open_list

__all__ = ["BadRow", "ColumnNames", "ListError", "ListFile", "Row", "open_list"]
