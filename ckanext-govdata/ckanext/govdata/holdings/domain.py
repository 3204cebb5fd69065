"""What the versions of a file are to whom, and how long they are kept. Pure.

Guarantee: what has been replaced goes to nobody who does not have it already, but for its agency and inspections.
"""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from ..access.domain import Reason

NAME_LIMIT = 120


class Way(str, Enum):
    """How a file came: pushed by its agency's key, beside a list, by an address that a list names, by hand."""

    PUSHED = "pushed"
    BESIDE = "beside"
    LINKED = "linked"
    BY_HAND = "by_hand"


class CannotHold(Exception):
    """Why a file is not taken: `cause` is a stable code, `detail` what the words of it need (a limit, a digest)."""

    def __init__(self, cause: str, detail: str = "") -> None:
        self.cause, self.detail = cause, detail
        super().__init__(cause)


@dataclass(frozen=True)
class Origin:
    """Where a file came from. `address` is without its query, which may carry a secret; `file` is the name at its origin."""

    way: Way
    address: str = ""
    file: str = ""


def plain_name(given: str) -> str:
    """A file's name without folders and without what no file system likes. Raises CannotHold where nothing is left."""
    last = PurePosixPath(unicodedata.normalize("NFC", given).replace("\\", "/")).name
    clean = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    if not clean:
        raise CannotHold("name_missing")
    stem, dot, ending = clean.rpartition(".")
    if not dot:
        return clean[:NAME_LIMIT]
    return f"{stem[: NAME_LIMIT - len(ending) - 1]}.{ending}" if len(ending) <= 10 else clean[:NAME_LIMIT]


def may_have_replaced(reason: Reason, *, received: bool, closed_since: bool) -> bool:
    """Whether a version that was replaced goes to somebody whom the gate lets have the dataset's data for this reason.

    `received`: a delivery of this version to the same person is on record. `closed_since`: the dataset was shut, or its tier
    changed, after the version came, so that what was in it may be what had to go (LYG-7, LYG-26).
    """
    if reason in (Reason.OWN_AGENCY, Reason.INSPECTION):
        return True
    return received and not closed_since


def kept_until(
    replaced_at: datetime.datetime,
    last_grant_ends: datetime.datetime | None,
    retention: datetime.timedelta,
    after_grants: datetime.timedelta,
) -> datetime.datetime:
    """Until when the bytes of a replaced version are kept: as long as the ledger can say who received them (LYG-21)."""
    first = replaced_at + retention
    return first if last_grant_ends is None else max(first, last_grant_ends + after_grants)
