"""An index that somebody took away, or made that of another site, while it is searched: it must not seem to be empty."""

from __future__ import annotations

from . import log
from .engines.base import Engine, Position
from .errors import EngineBusy, IndexForeign, IndexMissing, NoIndex
from .request import Answer, Request


def answer(engine: Engine, request: Request) -> Answer:
    """What the engine finds; where its index is missing it is first built from the table, as by a write.

    One that another site made its own is left to it: to take it back with each search would never end.

    Raises SearchEngineError: NoIndex where another process builds it for too long, and where its caller is to have it built
    in the background.
    """
    try:
        return engine.search(request)
    except IndexMissing as error:
        if engine.capabilities.remote and log.table() is not None:
            # Nobody waits with a page for as long as it takes to send all documents over a network.
            raise NoIndex(
                "searching",
                f"there is no index {error.place}. It is made anew from the table of documents in the background; "
                "`ckan govdata-search status` shows it, `ckan govdata-search rebuild` does the same at once",
            ) from error
        has_table = bool(_built(engine).table)
    except IndexForeign:
        # After a restore of the database another process may have built it from the new table already.
        position(engine)
        has_table = bool(_built(engine).table)
    # Without a table there is no document that could be missing.
    return engine.search(request) if has_table else Answer(0, facets={facet.field: [] for facet in request.facets})


def _built(engine: Engine) -> Position:
    """Where the engine stands once somebody has built its index. Raises NoIndex where another process takes too long."""
    try:
        return engine.catch_up(log.feed)
    except EngineBusy as busy:
        raise NoIndex("searching", "there is no index of this portal yet; another process builds it") from busy


def position(engine: Engine) -> Position:
    """How far the engine is. Raises IndexForeign where it follows another table than that of CKAN's database."""
    found = engine.position()
    if not found.table or log.table() in (None, found.table):
        return found
    state = engine.status()
    if engine.capabilities.remote:
        raise IndexForeign(state.get("index"), "govdata.search.elasticsearch.index")
    raise IndexForeign(state.get("folder"))
