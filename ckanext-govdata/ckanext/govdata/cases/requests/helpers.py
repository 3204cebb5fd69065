"""What templates and pages ask of requests for data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .domain import grams


def govdata_request_pieces(text: str) -> list[str]:
    """The pieces by which a request is compared with what there is: pairs of Han characters, and words of other letters."""
    return grams(text)


HELPERS: dict[str, Callable[..., Any]] = {"govdata_request_pieces": govdata_request_pieces}
