"""A CKAN with nothing but govdata_login, served over HTTP; an OpenID provider that is not ours; and one that cheats."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ckan.plugins import toolkit as tk
from werkzeug.serving import make_server

from .browser import Person, free_port
from .crooked import CrookedProvider
from .honest import HonestProvider, missing_reason
from .programs import BOTH, GIVEN, Notes

SECRET = "only-for-tests-only-for-tests-1234"
_MIGRATED: list[str] = []
PORT = free_port()
PORTAL = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="session")
def honest_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HonestProvider]:
    """npm's oidc-provider in a process of its own."""
    reason = missing_reason()
    if reason:
        print(f"the OpenID provider of the tests is missing: {reason}")
        pytest.skip(reason)
    with HonestProvider.started(PORTAL, SECRET, tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def honest(honest_process: HonestProvider) -> Iterator[HonestProvider]:
    """The provider with everybody's claims as at first, and up."""
    honest_process.reset()
    yield honest_process
    honest_process.reset()


@pytest.fixture
def crooked() -> Iterator[CrookedProvider]:
    """A provider that says what a test wants it to say."""
    with CrookedProvider.started() as provider:
        yield provider


@pytest.fixture
def make_portal(
    ckan_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., str]]:
    """Serve a CKAN with the given providers; gives its address."""
    servers = []

    def make(providers: dict[str, Any] | None = None, **settings: Any) -> str:
        given = {
            "ckan.plugins": "govdata_login",
            "ckan.site_url": PORTAL,
            "SESSION_TYPE": "redis",
            "WTF_CSRF_ENABLED": True,
            "govdata.login.providers": _write(tmp_path, providers or {}),
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        for name, value in given.items():
            monkeypatch.setitem(ckan_config, name, value)
        for fixture in ("with_plugins", "clean_db", "clean_redis"):
            request.getfixturevalue(fixture)
        if not _MIGRATED:
            request.getfixturevalue("migrate_db_for")("govdata_login")
            _MIGRATED.append("govdata_login")
        _forget()
        app = request.getfixturevalue("make_app")().flask_app
        server = make_server("127.0.0.1", PORT, app, threaded=True)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return PORTAL

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def _forget() -> None:
    from ckanext.govdata_login.oidc import discovery, flow

    discovery.forget()
    flow.KEYS.forget()


def _write(folder: Path, providers: dict[str, Any]) -> str:
    (folder / "secret").write_text(SECRET)
    for entry in providers.values():
        entry.setdefault("client_secret", {"file": str(folder / "secret")})
    place = folder / "providers.yaml"
    place.write_text(yaml.safe_dump({"providers": providers}, allow_unicode=True))
    return str(place)


@pytest.fixture
def portal(make_portal: Callable[..., str], honest: HonestProvider) -> str:
    """The portal with the honest provider, called `province`."""
    return make_portal({"province": honest.entry()})


@pytest.fixture
def person(portal: str) -> Person:
    """Somebody at a browser of their own."""
    return Person(portal)


@pytest.fixture
def account(portal: str) -> dict[str, Any]:
    """A local account with a password."""
    from ckan.tests import factories

    return {
        **factories.User(name="li-si", email="li.si@example.org", password="correct-horse-battery"),
        "password": PASSWORD,
    }


PASSWORD = "correct-horse-battery"


@pytest.fixture
def events(provide_plugin: Callable[..., Any], ckan_config: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What the plugin told other plugins, in order. Ask for it before the portal."""
    import ckan.plugins as p

    from ckanext.govdata_login.interfaces import IGovdataLogin

    told: list[tuple[str, dict[str, Any]]] = []

    class Listener(p.SingletonPlugin):
        p.implements(IGovdataLogin, inherit=True)

        def login_event(self, name: str, details: dict[str, Any]) -> None:
            told.append((name, dict(details)))

    provide_plugin("login_listener", Listener)
    return told


@pytest.fixture
def told() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The events, as a plugin hears them that imports nothing of ours."""
    heard: list[tuple[str, dict[str, Any]]] = []

    def hear(name: str, details: dict[str, Any]) -> None:
        heard.append((name, details))

    with tk.signals.ckanext.signal("govdata_login_event").connected_to(hear):
        yield heard


@pytest.fixture
def notes_portal(provide_plugin: Callable[..., Any], make_portal: Callable[..., str]) -> str:
    """A portal whose accounts may give scopes of notes to programs."""
    from ckan.tests import factories

    provide_plugin("login_notes", Notes)
    GIVEN.clear()
    GIVEN.update({"li-si": list(BOTH), "wang-wu": ["note:1"]})
    made = make_portal(ckan__plugins="govdata_login login_notes")
    for name in ("li-si", "wang-wu"):
        factories.User(name=name, email=f"{name}@example.org", password=PASSWORD)
    return made


def sessions_of(name: str) -> list[Any]:
    """The rows of somebody's sessions that have not ended."""
    from ckan import model

    from ckanext.govdata_login.model import Session

    model.Session.remove()
    user = model.User.get(name)
    found = model.Session.query(Session).filter_by(user_id=user.id, ended_at=None)
    return list(found)


def url(endpoint: str, **values: Any) -> str:
    """The path of a page."""
    return tk.url_for(endpoint, **values)


def organization(name: str, **members: str) -> None:
    """An organisation with members by capacity, made without asking a search engine."""
    from ckan import model

    group = model.Group(name=name, title=name, is_organization=True, type="organization")
    model.Session.add(group)
    model.Session.flush()
    for member, capacity in members.items():
        user = model.User.by_name(member.replace("_", "-"))
        row = model.Member(group=group, table_name="user", table_id=user.id, capacity=capacity)
        model.Session.add(row)
    model.Session.commit()


def capacity_of(name: str, organization: str) -> str | None:
    """What somebody may do in an organisation now; None for nothing."""
    from ckan import model

    model.Session.remove()
    user, group = model.User.by_name(name), model.Group.get(organization)
    found = model.Session.query(model.Member).filter_by(
        group_id=group.id, table_name="user", table_id=user.id, state="active"
    )
    row = found.first()
    return row.capacity if row else None
