"""Lets CKAN's own tests run with signing in on: before each test its plugins, and with tables made anew those of theirs.

CKAN's own fixtures take all plugins off after a test that chose its plugins, and make its own tables alone. Mails that CKAN sends
while somebody waits are sent by jobs here, so a worker stands beside the tests, as beside every portal: after each request and
each action of a test it does the jobs of this plugin, and, as any worker, keeps to itself those that fail.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import jobs
from ckan.tests import helpers

PLUGINS = ("govdata_search", "govdata_login")


@pytest.fixture(autouse=True)
def plugins_on(with_plugins: None) -> None:
    """Before each test: the plugins of the ini."""


def _work() -> None:
    for job in jobs.get_queue().jobs:
        if job.func_name.startswith("ckanext.govdata_login."):
            job.delete()
            try:
                job.func(*job.args, **job.kwargs)
            except Exception as error:  # noqa: BLE001  (whatever it is, the one who asked has his answer already)
                print(f"the worker keeps {job.description}: {error}")


def _then_work(ask: Any) -> Any:
    def asked(*args: Any, **more: Any) -> Any:
        answer = ask(*args, **more)
        _work()
        return answer

    return asked


@pytest.fixture(autouse=True)
def a_worker_stands_by(monkeypatch: pytest.MonkeyPatch, plugins_on: None) -> None:
    """Whatever a test asks, the jobs that follow are done before it looks."""
    monkeypatch.setattr(helpers.CKANTestClient, "open", _then_work(helpers.CKANTestClient.open))
    monkeypatch.setattr(helpers, "call_action", _then_work(helpers.call_action))


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
