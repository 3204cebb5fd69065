"""Reading: from the bytes of a file to numbered rows of named cells, whatever container, charset or layout they come in."""

from .errors import ListError
from .rows import BadRow, ListFile, Row, open_list

__all__ = ["BadRow", "ListError", "ListFile", "Row", "open_list"]
