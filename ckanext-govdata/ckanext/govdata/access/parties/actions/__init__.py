"""The actions on parties, one module a noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import blocks, deciding, ending, parties, people, verifying

ACTIONS: dict[str, Callable[..., Any]] = {
    name: function
    for module in (parties, people, verifying, deciding, blocks, ending)
    for name, function in module.ACTIONS.items()
}
