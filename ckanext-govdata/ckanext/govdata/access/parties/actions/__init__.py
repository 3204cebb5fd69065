"""The actions on parties, one module a noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import blocks, parties, people, verifying

ACTIONS: dict[str, Callable[..., Any]] = {**parties.ACTIONS, **people.ACTIONS, **verifying.ACTIONS, **blocks.ACTIONS}
