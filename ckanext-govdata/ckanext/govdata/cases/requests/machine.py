"""The machine of requests for data, made known to the workflow."""

from __future__ import annotations

from ...workflow.registry import register
from .domain import REQUEST

machine = register(REQUEST)
