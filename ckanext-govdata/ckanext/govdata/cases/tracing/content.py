"""The digest of a table's content, which no order of rows changes. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence


def content_digest(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """SHA-256 over the digest of the heading and the sorted digests of the rows, each a JSON list of its cells; in hex.

    Two recipients of one version find the same digest, whatever the order of their rows; docs/tracing.md says how to make it.
    """
    whole = hashlib.sha256(_row(heading))
    for one in sorted(_row(row) for row in rows):
        whole.update(one)
    return whole.hexdigest()


def _row(cells: Sequence[str]) -> bytes:
    return hashlib.sha256(json.dumps(list(cells), ensure_ascii=False, separators=(",", ":")).encode()).digest()
