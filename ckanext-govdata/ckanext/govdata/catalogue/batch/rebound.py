"""A copy of a function that sees other globals; the original, and everybody else who calls it, stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any


def rebound(function: Callable[..., Any], **names: Any) -> Callable[..., Any]:
    """The same code with `names` in place of the module's own; free of any patching, so safe between threads."""
    plain: FunctionType = getattr(function, "__func__", function)  # type: ignore[assignment]
    copy = FunctionType(plain.__code__, {**plain.__globals__, **names}, plain.__name__, plain.__defaults__)
    copy.__kwdefaults__ = plain.__kwdefaults__
    return copy
