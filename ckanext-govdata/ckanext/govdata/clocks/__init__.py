"""Terms of working days on cases of any room. What a room calls stands in `keeping`; docs/clocks.md says how."""

from .errors import ClockRefused
from .keeping import (
    Change,
    end,
    extend,
    foresee,
    hand_over,
    hold,
    meet,
    of,
    on_change,
    opened,
    resume,
    start,
    suspend,
)
from .views import View, due, due_of, why

__all__ = (
    "Change",
    "ClockRefused",
    "View",
    "due",
    "due_of",
    "end",
    "extend",
    "foresee",
    "hand_over",
    "hold",
    "meet",
    "of",
    "on_change",
    "opened",
    "resume",
    "start",
    "suspend",
    "why",
)
