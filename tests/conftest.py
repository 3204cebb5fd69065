"""What all tests share: the portal's plugins with their tables, people in each role, entries in each tier."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan import plugins as p
from ckan.config import middleware
from ckan.plugins import toolkit as tk
from xdist.scheduler import LoadScopeScheduling

from .agreements import empty_agreements
from .beside import make_place
from .cases import empty_cases
from .quick import Migrations, set_up_quickly

_MIGRATED = ("activity", "govdata_search", "govdata", "govdata_harvest")


def pytest_make_parametrize_id(val: Any, argname: str) -> str | None:
    """Bytes are no name: files made with today's date in them would give each process other tests."""
    return argname if isinstance(val, bytes) else None


_NUMBERS_PER_WORKER = 4
# Rooms whose tests share what a PostgreSQL server has but once, its roles: one process runs them all.
_TOGETHER = ("tests/integration/ledger/",)


class ByFile(LoadScopeScheduling):
    """Hands the tests to the processes file by file, and some rooms whole."""

    def _split_scope(self, nodeid: str) -> str:
        return next((room for room in _TOGETHER if nodeid.startswith(room)), nodeid.split("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Where several processes share the tests, each but the first works in a place of its own beside the ini's."""
    set_up_quickly()
    worker = getattr(config, "workerinput", {}).get("workerid", "gw0")
    if worker == "gw0":
        return
    folder = Path(tempfile.mkdtemp(prefix=f"govdata-test-{worker}-"))
    number = _NUMBERS_PER_WORKER * int(worker.removeprefix("gw"))
    place = make_place(Path(config.option.ckan_ini), worker, number, folder)
    config.option.ckan_ini = str(place.ini)
    config.add_cleanup(lambda: shutil.rmtree(folder))
    config.add_cleanup(place.drop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests at full size wait for `./govdata test --all`."""
    if os.environ.get("GOVDATA_TEST_ALL"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="full size: runs under ./govdata test --all"))


def _chromium() -> str | None:
    named = os.environ.get("GOVDATA_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, one for all tests: playwright starts but once in a process."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium, or name one in GOVDATA_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def elasticsearch() -> str:
    """The address of Elastic's own server: one that runs already, or one node for all tests."""
    from tests.servers.elasticsearch import Unavailable, address

    try:
        return address()
    except Unavailable as reason:
        pytest.skip(f"no Elasticsearch: {reason}")


@pytest.fixture(scope="session")
def migrate_db_for() -> Migrations:
    """CKAN's own fixture, which runs alembic only where the database does not stand at its end yet."""
    return Migrations()


@pytest.fixture
def portal(
    with_plugins: None, reset_db: Callable[[], None], migrate_db_for: Callable[[str], None], clean_index: None
) -> None:
    """An empty portal: all plugins on, all tables there, nothing in it."""
    # Addresses are built by the application made last, which may have been another test's, with other plugins.
    middleware._internal_test_request_context = None
    reset_db()
    for plugin in _MIGRATED:
        if p.plugin_loaded(plugin):
            migrate_db_for(plugin)
    empty_agreements()
    empty_cases()


@pytest.fixture
def with_city(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Run the portal by another city's rule pack."""

    def choose(key: str) -> None:
        monkeypatch.setitem(ckan_config, "govdata.city", key)

    return choose


@pytest.fixture
def people(portal: None) -> dict[str, dict[str, Any]]:
    """One person in each role, with an API token: two agencies, the operator, the authority, a data user, the administrator."""
    from ckan.tests import factories

    agencies = {key: factories.Organization(name=key, title=title) for key, title in _AGENCIES.items()}
    found: dict[str, dict[str, Any]] = {"agency": agencies["jiaotongju"], "other_agency": agencies["weijianwei"]}
    for role, (agency, capacity) in _POSTS.items():
        person = factories.User(name=role.replace("_", "-"))
        if agency:
            tk.get_action("organization_member_create")(
                {"ignore_auth": True}, {"id": agencies[agency]["id"], "username": person["name"], "role": capacity}
            )
        found[role] = {**person, "token": _token(person["name"])}
    administrator = factories.Sysadmin(name="administrator")
    found["administrator"] = {**administrator, "token": _token("administrator")}
    for role in ("operator", "authority"):
        tk.get_action("govdata_officer_appoint")(
            {"user": "administrator", "ignore_auth": True}, {"user": found[role]["name"], "role": role}
        )
    return found


_AGENCIES = {"jiaotongju": "交通运输局", "weijianwei": "卫生健康委员会"}
_POSTS: dict[str, tuple[str | None, str]] = {
    "publisher": ("jiaotongju", "editor"),
    "decider": ("jiaotongju", "admin"),
    "other_publisher": ("weijianwei", "editor"),
    "data_user": (None, ""),
    "operator": (None, ""),
    "authority": (None, ""),
}


def _token(name: str) -> str:
    return str(tk.get_action("api_token_create")({"ignore_auth": True}, {"user": name, "name": "test"})["token"])


@pytest.fixture
def make_entry(people: dict[str, dict[str, Any]]) -> Iterator[Callable[..., dict[str, Any]]]:
    """Make an entry of 交通运输局 as the portal's own act; give any field of the catalogue by name."""

    def make(**fields: Any) -> dict[str, Any]:
        given = {
            "name": f"entry-{model.types.make_uuid()[:8]}",
            "title": "公共停车场名录",
            "owner_org": people["agency"]["id"],
            "open_tier": "unconditional",
        }
        context = {"ignore_auth": True, "user": "administrator"}
        return dict(tk.get_action("package_create")(context, {**given, **fields}))

    yield make
