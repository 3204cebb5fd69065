"""Why a whole list cannot be read: a stable cause, the place, never the text that stands there."""

from __future__ import annotations


class ListError(Exception):
    """The file cannot be taken as a list at all; nothing of it was written.

    `cause` is a key of the report's words; `line` counts from 1, and is 0 where no line can be named; `sheet` names the sheet of
    a workbook or the member of an archive, and is empty for any other file.
    """

    def __init__(self, cause: str, line: int = 0, detail: str = "", sheet: str = "") -> None:
        self.cause = cause
        self.line = line
        self.detail = detail
        self.sheet = sheet
        super().__init__(f"{cause} (line {line}) {sheet} {detail}".strip())
