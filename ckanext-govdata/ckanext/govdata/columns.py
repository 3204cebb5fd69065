"""Values that every room's tables are filled with."""

from __future__ import annotations

import datetime
import uuid


def new_id() -> str:
    """A random identifier, as CKAN's own tables carry it."""
    return str(uuid.uuid4())


def now() -> datetime.datetime:
    """The moment in UTC, without a zone, as CKAN's own tables keep it."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
