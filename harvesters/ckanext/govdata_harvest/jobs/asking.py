"""Asking a portal what it has withdrawn, by the guarded door; threads run this, without any database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from ..door import Fetched
from ..readers import ListError
from ..tombstones import ACTION, PAGE, Notices, Opened, Tombstone, UnreadableTombstones, page_of

# What a portal answers that does not know the action: it is none of this kind.
_UNKNOWN = (": 400", ": 404", ": 405", ": 501")
_MOST_PAGES = 1_000


def ask(address: str, go: Callable[..., Fetched]) -> Notices | None:
    """All tombstones of the portal at this address; None where it is no portal of this kind.

    `go(address, folder)` fetches. Raises ListError, UnreadableTombstones: nothing is obeyed then.
    """
    shut: list[Tombstone] = []
    opened: tuple[Opened, ...] = ()
    count = 1
    for number in range(_MOST_PAGES):
        if len(shut) >= count:
            break
        answer = _one(address, number * PAGE, go)
        if answer is None:
            return None
        page = page_of(answer)
        if not page.shut and len(shut) < page.count:
            raise UnreadableTombstones("a page is missing")
        shut += page.shut
        opened, count = page.opened, page.count
    return Notices(tuple(shut), opened)


def _one(address: str, offset: int, go: Callable[..., Fetched]) -> bytes | None:
    base = address.rstrip("/")
    asked = f"{base}/api/3/action/{ACTION}?{urlencode({'limit': PAGE, 'offset': offset})}"
    with tempfile.TemporaryDirectory(prefix="govdata-tombstones-") as folder:
        try:
            found = go(asked, Path(folder))
        except ListError as error:
            if error.cause == "source_answers" and error.detail.endswith(_UNKNOWN):
                return None
            raise
        if urlsplit(found.address).netloc != urlsplit(base).netloc:
            raise UnreadableTombstones("another host answered")
        return found.path.read_bytes()
