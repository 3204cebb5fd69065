"""How the portal's rooms write into the ledger: `record` before bytes leave, or within the change that it records."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from . import portal
from .entry import Entry
from .errors import IntakeUnavailable
from .gaps import count_gap


def record(entry: Entry, session: Any = None, kept_until: datetime.datetime | None = None) -> uuid.UUID:
    """Write an entry down (LYG-21); see `Intake.record`. Raises IntakeUnavailable: then no conditional data leaves."""
    return portal.intake().record(entry, session, kept_until)


def record_or_count(entry: Entry) -> bool:
    """For unconditional data, which goes on without the ledger: True when written, False when counted as a gap.

    The sequencer turns counted gaps into an entry of their own as soon as the database takes entries again.
    """
    try:
        portal.intake().record(entry)
    except IntakeUnavailable:
        count_gap(portal.folder().path, entry)
        return False
    return True
