"""Lets CKAN's own tests run with signing in on: before each test its plugins, and with tables made anew those of theirs.

CKAN's own fixtures take all plugins off after a test that chose its plugins, and make its own tables alone.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from ckan import model

PLUGINS = ("govdata_search", "govdata_login")


@pytest.fixture(autouse=True)
def plugins_on(with_plugins: None) -> None:
    """Before each test: the plugins of the ini."""


_init_db = model.Repository.init_db


def init_db(self: model.Repository) -> None:
    """CKAN's own, and with tables that are new those of the plugins, which may not be on at that moment."""
    new = not self.tables_created_and_initialised
    _init_db(self)
    if not new:
        return
    own = self._alembic_ini
    try:
        for plugin in PLUGINS:
            place = Path(str(import_module(f"ckanext.{plugin}.plugin").__file__)).parent
            self._alembic_ini = str(place / "migration" / plugin / "alembic.ini")
            self.upgrade_db("head")
    finally:
        self._alembic_ini = own


model.Repository.init_db = init_db
