"""The machine of contributions, made known to the workflow."""

from __future__ import annotations

from ...workflow.registry import register
from .domain import CONTRIBUTION

machine = register(CONTRIBUTION)
