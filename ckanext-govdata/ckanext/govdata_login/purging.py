"""What is over its term is deleted: tokens that could count no more, sessions that nobody has to look up any more."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from ckan import model

from . import config
from .clients.model import Token
from .clock import now
from .model import Session

# Longer than clocks differ and a job is late.
_GRACE = timedelta(days=1)


def purge() -> dict[str, int]:
    """Delete what is over its term; gives how many `tokens` and `sessions`.

    A token's row stays, used up or ended as it may be, until what was given with it could count no more by its time: so long
    a refresh token that is shown again is known for what it is. Later it opens nothing, and nobody has to be told. The ledger
    names tokens and sessions by their numbers and does not need the rows. Sessions stay for `govdata.login.sessions_kept_days`.
    """
    moment = now()
    last = sa.func.greatest(Token.expires_at, sa.func.coalesce(Token.refresh_until, Token.expires_at))
    over = sa.func.coalesce(Session.ended_at, Session.expires_at)
    tokens = sa.delete(Token).where(last < moment - _GRACE)
    sessions = sa.delete(Session).where(over < moment - config.sessions_kept(), Session.expires_at < moment)
    return {"tokens": _deleted(tokens), "sessions": _deleted(sessions)}


def _deleted(statement: sa.Delete) -> int:
    found = model.Session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    model.Session.commit()
    return int(found)
