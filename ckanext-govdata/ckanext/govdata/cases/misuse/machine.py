"""The machine of reports of misuse, made known to the workflow."""

from __future__ import annotations

from ...workflow.registry import register
from .domain import MISUSE

machine = register(MISUSE)
