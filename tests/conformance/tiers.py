"""Gives the datasets that CKAN's own tests make an open tier, so that they are published as those tests expect.

Loaded with `-p` where all plugins are on. Without a tier an entry is held (LYG-6), and CKAN's tests know of no tiers.
They also make the database anew with CKAN's own tables alone; here those of the plugins come with them.
"""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.cli.db import _run_migrations
from ckan.tests import helpers

TIER = "unconditional"
_call_action = helpers.call_action


def call_action(action_name: str, context: Any = None, **data: Any) -> Any:
    """CKAN's own, with a tier for a new dataset that gives none."""
    if action_name == "package_create":
        data.setdefault("open_tier", TIER)
    return _call_action(action_name, context, **data)


helpers.call_action = call_action  # what CKAN's factories call, too


_upgrade_db = model.Repository.upgrade_db


def upgrade_db(self: model.Repository, version: str = "head") -> None:
    """CKAN's own, and then the tables of the plugins that have some."""
    _upgrade_db(self, version)
    model.Session.remove()
    for plugin in ("activity", "govdata", "govdata_search"):
        _run_migrations(plugin, "head", True)


model.Repository.upgrade_db = upgrade_db
