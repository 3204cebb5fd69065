"""An index that goes on being searched although somebody took it away: it must not seem to be empty."""

from __future__ import annotations

from . import log
from .engines.base import Engine
from .errors import IndexMissing
from .request import Answer, Request


def answer(engine: Engine, request: Request) -> Answer:
    """What the engine finds; where its index is missing it is first built from the table, as by a write.

    Raises SearchEngineError, EngineBusy among them where another process builds it for too long.
    """
    try:
        return engine.search(request)
    except IndexMissing:
        has_table = bool(engine.catch_up(log.feed).table)
    # Without a table there is no document that could be missing.
    return engine.search(request) if has_table else Answer(0, facets={facet.field: [] for facet in request.facets})
