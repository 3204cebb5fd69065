"""Why something was not fetched: a stable cause and the host, never a header, a secret or the answer's text."""

from __future__ import annotations

from ..readers import ListError


class DoorError(ListError):
    """Nothing was fetched. `cause` is a key of the report's words; `passing` says whether another try later may do."""

    def __init__(self, cause: str, detail: str = "", *, passing: bool = False) -> None:
        self.passing = passing
        super().__init__(cause, detail=detail)
