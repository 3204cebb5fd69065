"""What becomes of a grant by which command, and of a shut dataset. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from .domain import State


class Command(str, Enum):
    """What somebody decides on a grant."""

    ALLOW = "allow"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


_STEPS: Mapping[tuple[State, Command], State] = {
    (State.REQUESTED, Command.ALLOW): State.RUNNING,
    (State.REQUESTED, Command.REFUSE): State.REFUSED,
    (State.RUNNING, Command.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Command.RESUME): State.RUNNING,
    (State.RUNNING, Command.REVOKE): State.REVOKED,
    (State.SUSPENDED, Command.REVOKE): State.REVOKED,
}


def step(state: State, command: Command) -> State | None:
    """The state after the command; None where it does not fit the present one."""
    return _STEPS.get((state, command))
