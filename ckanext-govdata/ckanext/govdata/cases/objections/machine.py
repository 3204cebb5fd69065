"""The objection's machine, made known to the workflow."""

from __future__ import annotations

from ...workflow.registry import register
from .domain import OBJECTION

machine = register(OBJECTION)
