"""The clock of sessions and factors."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(timezone.utc)
