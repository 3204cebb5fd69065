"""The stage of the gate's tests serves the cases too."""

from tests.integration.access.conftest import stage, web

__all__ = ("stage", "web")
