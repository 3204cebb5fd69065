"""Which grants were suspended or ended by what has just been committed, so that what hangs on them can end at once.

Whoever changes a grant's state puts that on record by `granting.record_step`, which notes it here: an officer's decision, an
agreement that is suspended or terminated, a withdrawal. Nobody who adds a way to end a grant has to think of tokens.
"""

from __future__ import annotations

from typing import Any

from ckan import model
from sqlalchemy import event

from .domain import State
from .model import Grant

_NOTED, _COMMITTED = "govdata_grants_stopping", "govdata_grants_stopped"
_STOPPED = frozenset({State.SUSPENDED.value, State.REVOKED.value})


def note(row: Grant) -> None:
    """A grant has got another state, in the caller's transaction."""
    if row.state in _STOPPED:
        model.Session.info.setdefault(_NOTED, set()).add(row.id)


def stopped() -> set[str]:
    """The ids of grants that this session's commits have stopped since the last asking."""
    found = model.Session.info.pop(_COMMITTED, set())
    if not found:
        return set()
    # A savepoint that was rolled back may have taken a step back.
    stand = model.Session.query(Grant.id).filter(Grant.id.in_(found), Grant.state.in_(_STOPPED))
    return {row[0] for row in stand}


def _committed(session: Any) -> None:
    if session.in_nested_transaction():
        return
    found = session.info.pop(_NOTED, None)
    if found:
        session.info.setdefault(_COMMITTED, set()).update(found)


def _forget(session: Any, *_: Any) -> None:
    """With a savepoint's rollback nothing: what was noted before it stands, and `stopped` looks."""
    if not session.in_nested_transaction():
        session.info.pop(_NOTED, None)


event.listen(model.Session, "after_commit", _committed)
event.listen(model.Session, "after_rollback", _forget)
