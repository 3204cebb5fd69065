"""Taking a step of an application and ending the transaction, the same way for every action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.types import Context

from ...workflow import cases, showing
from ...workflow.domain import Event
from ...workflow.errors import WorkflowError
from . import shown, timing
from .model import Application
from .standing import place_of

# What other rooms do when an application is approved or supplied, in the transaction of the step: agreements, grants.
_followers: list[Callable[[str, Application], None]] = []


def follow(follower: Callable[[str, Application], None]) -> None:
    """Have a function called with each step (its command) and the application, in the step's transaction."""
    if follower not in _followers:
        _followers.append(follower)


def step(row: Application, command: str, by: str, role: str, **more: Any) -> Event:
    """Take a step. Raises ValidationError with the machine's words, and then nothing is changed."""
    try:
        return cases.take(row.id, command, by, role, **more)
    except WorkflowError as error:
        raise showing.as_action_error(error) from error


def moved(command: str, row: Application) -> None:
    """Tell the followers of a step."""
    for follower in _followers:
        follower(command, row)


def finish(context: Context, application_id: str) -> dict[str, Any]:
    """Commit, and answer the application as the asker sees it now."""
    model.Session.commit()
    place = place_of(context, application_id)
    return shown.whole(place, timing.due_of([application_id]).get(application_id))
