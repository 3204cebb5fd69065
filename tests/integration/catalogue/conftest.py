"""An application is made once for all tests of the catalogue with the same settings."""

from __future__ import annotations

from tests.integration.access.conftest import app

__all__ = ("app",)
