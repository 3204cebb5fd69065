"""Gives the datasets that CKAN's own tests make an open tier, so that they are published as those tests expect.

Loaded with `-p` where all plugins are on. Without a tier an entry is held (LYG-6), and CKAN's tests know of no tiers.
They also make the database anew with CKAN's own tables alone; here those of the plugins come with them.
"""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.cli.db import _run_migrations
from ckan.tests import helpers

TIER = "unconditional"


@pytest.fixture(autouse=True)
def all_plugins_on(with_plugins: None) -> None:
    """Before each test: CKAN's own fixture takes all plugins off again after a test that chose its plugins."""


_call_action = helpers.call_action


def call_action(action_name: str, context: Any = None, **data: Any) -> Any:
    """CKAN's own, with a tier for a new dataset that gives none."""
    if action_name == "package_create":
        data.setdefault("open_tier", TIER)
    return _call_action(action_name, context, **data)


helpers.call_action = call_action  # what CKAN's factories call, too


_init_db = model.Repository.init_db


def init_db(self: model.Repository) -> None:
    """CKAN's own, and with tables that are new those of the plugins that have some."""
    new = not self.tables_created_and_initialised
    _init_db(self)
    if new:
        for plugin in ("activity", "govdata", "govdata_search"):
            _run_migrations(plugin, "head", True)


model.Repository.init_db = init_db
