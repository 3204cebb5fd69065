"""All actions on applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import applying, deciding, listing, moving, register, sharing, succession

moving.follow(sharing.give)

ACTIONS: dict[str, Callable[..., Any]] = {
    **applying.ACTIONS,
    **deciding.ACTIONS,
    **listing.ACTIONS,
    **register.ACTIONS,
    **succession.ACTIONS,
}
