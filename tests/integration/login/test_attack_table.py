"""The table of attacks: each is tried over HTTP with the whole portal on, and stands in the ledger with its reason."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata.signin import recording
from ckanext.govdata_login.oidc import flow

from .browser import Person
from .conftest import PASSWORD
from .crooked import CrookedProvider
from .programs import BACK, CHALLENGE, GIVEN, Notes, agree, call, exchange, program, token_of
from .test_attacks import CLAIMS, NEXT, SIGNATURES

PLUGINS = "scheming_datasets govdata govdata_search govdata_login login_notes"


@dataclass
class Scene:
    """The portal, a provider that cheats, and somebody at a browser."""

    portal: str
    crooked: CrookedProvider
    monkeypatch: pytest.MonkeyPatch

    def person(self) -> Person:
        return Person(self.portal)

    def answer(self, victim: Person) -> str:
        """The address at which the provider sends the victim back, not yet visited."""
        stopped = victim.get("/login/with/crooked", stop_at=f"{self.portal}/login/back/")
        return str(stopped.headers["Location"])

    def officer(self) -> Person:
        person = self.person()
        person.sign_in_locally("li-si", PASSWORD)
        assert person.is_signed_in()
        return person


@pytest.fixture
def scene(
    provide_plugin: Callable[..., Any],
    make_portal: Callable[..., str],
    crooked: CrookedProvider,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Scene:
    provide_plugin("login_notes", Notes)
    GIVEN.clear()
    GIVEN.update({"li-si": ["note:1", "note:2"]})
    providers = {"crooked": crooked.entry(), "other": {**crooked.entry(), "issuer": "https://other.example.org"}}
    portal = make_portal(providers, ckan__plugins=PLUGINS, govdata__login__trusted_proxies=1)
    for plugin in ("govdata_search", "govdata"):
        request.getfixturevalue("migrate_db_for")(plugin)
    factories.User(name="li-si", password=PASSWORD)
    return Scene(portal, crooked, monkeypatch)


def _token(change: Any) -> Callable[[Scene], None]:
    def attack(scene: Scene) -> None:
        before, scene.crooked.change = scene.crooked.change, change
        victim = scene.person()
        victim.get("/login/with/crooked")
        scene.crooked.change = before
        assert not victim.is_signed_in()

    return attack


def _signature(way: str) -> Callable[[Scene], None]:
    def attack(scene: Scene) -> None:
        before, scene.crooked.sign = scene.crooked.sign, getattr(scene.crooked, way)
        victim = scene.person()
        victim.get("/login/with/crooked")
        scene.crooked.sign = before
        assert not victim.is_signed_in()

    return attack


def no_id_token(scene: Scene) -> None:
    scene.crooked.drop_id_token = True
    victim = scene.person()
    victim.get("/login/with/crooked")
    scene.crooked.drop_id_token = False
    assert not victim.is_signed_in()


def withdrawn_key(scene: Scene) -> None:
    published, scene.crooked.published = scene.crooked.published, []
    later = time.monotonic() + 301
    clock = flow.KEYS._clock
    flow.KEYS._clock = lambda: later
    victim = scene.person()
    victim.get("/login/with/crooked")
    flow.KEYS._clock, scene.crooked.published = clock, published
    flow.KEYS.forget()
    assert not victim.is_signed_in()


def replayed_code(scene: Scene) -> None:
    victim = scene.person()
    address = scene.answer(victim)
    victim.get(address)
    thief = scene.person()
    assert thief.get(address).status_code == 403 and not thief.is_signed_in()


def replayed_code_in_a_fresh_flow(scene: Scene) -> None:
    victim, thief = scene.person(), scene.person()
    address = scene.answer(victim)
    victim.get(address)
    used = parse_qs(urlsplit(address).query)["code"][0]
    fresh = scene.answer(thief)
    fresh = fresh.replace(parse_qs(urlsplit(fresh).query)["code"][0], used)
    assert thief.get(fresh).status_code == 403 and not thief.is_signed_in()


def mix_up(scene: Scene) -> None:
    victim = scene.person()
    victim.get(scene.answer(victim).replace("/back/crooked", "/back/other"))
    assert not victim.is_signed_in()


def other_issuer(scene: Scene) -> None:
    victim = scene.person()
    victim.get(scene.answer(victim) + "&iss=https://evil.example.org")
    assert not victim.is_signed_in()


def foreign_state(scene: Scene) -> None:
    other = scene.person()
    assert other.get(scene.answer(scene.person())).status_code == 403 and not other.is_signed_in()


# Every address that leads on where it is told, signed in or not.
LEADING = (
    "/user/login?next=",
    "/user/login?came_from=",
    "/login/with/crooked?next=",
    "/login/confirm?next=",
    "/login/factor/show?next=",
    "/util/redirect?url=",
    "/user/_logout?came_from=",
)


def open_redirects(scene: Scene) -> None:
    begun = _moment()
    officer, visitor = scene.officer(), scene.person()
    for following in NEXT:
        for place in LEADING:
            # Only a visitor is sent to a service, and only somebody signed in can sign out: once for all forms.
            who = visitor if "with" in place else officer
            at = f"{scene.portal}{place}{following}"
            answer = who.http.get(at, allow_redirects=False, timeout=20)
            assert "evil" not in urljoin(at, answer.headers.get("Location", "/")), (place, following)
            if "_logout" in place:
                assert answer.headers["Location"].endswith("/user/_logout")
    assert _counted("redirect_elsewhere", begun) >= len(NEXT) * len(LEADING)
    assert officer.is_signed_in()


def _counted(reason: str, since: datetime) -> int:
    """How often a reason stands in the ledger since a moment, counted entries by their number."""
    found = [one for one in _failures(since) if one["event"].get("reason") == reason]
    return sum(int(one.get("govdata", {}).get("login", {}).get("count", 1)) for one in found)


def login_csrf(scene: Scene) -> None:
    victim = scene.person()
    assert victim.post("/user/login", login="li-si", password=PASSWORD).status_code == 400
    assert not victim.is_signed_in()


def form_without_token(scene: Scene) -> None:
    edit = "/user/edit/li-si"
    scene.person().post(edit)
    token = call_action("api_token_create", {"user": "li-si"}, user="li-si", name="visit")["token"]
    for bearing in (token, "made-up"):
        scene.person().http.post(scene.portal + edit, headers={"Authorization": bearing}, timeout=10)
    officer = scene.officer()
    assert officer.post(edit, save="", fullname="Forged").status_code == 400
    assert model.User.by_name("li-si").fullname != "Forged"


def fixed_session(scene: Scene) -> None:
    victim, attacker = scene.person(), scene.person()
    victim.get("/login/with/crooked", stop_at=scene.crooked.issuer)
    planted = dict(victim.http.cookies)
    victim.get("/login/with/crooked")
    assert victim.is_signed_in()
    attacker.http.cookies.update(planted)
    assert not attacker.is_signed_in()


def ended_session(scene: Scene) -> None:
    officer, thief = scene.officer(), scene.person()
    thief.http.cookies.update(dict(officer.http.cookies))
    assert thief.is_signed_in()
    at_home = scene.officer()
    at_home.send(at_home.get("/login/account/"), "/end-others")
    assert not thief.is_signed_in() and at_home.is_signed_in()


def signed_out_session(scene: Scene) -> None:
    officer, thief = scene.officer(), scene.person()
    thief.http.cookies.update(dict(officer.http.cookies))
    officer.get("/user/_logout")
    assert not thief.is_signed_in()


def code_without_verifier(scene: Scene) -> None:
    row, secret = program(redirects=[BACK])
    code = agree(scene.officer(), row)["code"]
    assert exchange(scene.portal, row, secret, code, code_verifier="").status_code == 400


def code_used_twice(scene: Scene) -> None:
    row, secret = program(redirects=[BACK])
    code = agree(scene.officer(), row)["code"]
    given = exchange(scene.portal, row, secret, code).json()
    assert exchange(scene.portal, row, secret, code).status_code == 400
    assert call(scene.portal, given["access_token"]).status_code == 401


def _refreshed(scene: Scene, how: str) -> None:
    row, secret = program(redirects=[BACK])
    other, other_secret = program(redirects=[BACK])
    given = exchange(scene.portal, row, secret, agree(scene.officer(), row)["code"]).json()

    def refresh(who: Any, by: str, **more: str) -> int:
        form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], **more}
        return int(scene.person().http.post(f"{scene.portal}/oauth/token", auth=(who.id, by), data=form).status_code)

    if how == "stolen":
        assert refresh(other, other_secret) == 400
    elif how == "widened":
        assert refresh(row, secret, scope="note:1 note:2") == 400
    else:
        assert refresh(row, secret) == 200 and refresh(row, secret) == 400


def wide_scope(scene: Scene) -> None:
    row, secret = program()
    assert token_of(scene.portal, row, secret, scope="note:1 note:9").status_code == 400


def address_by_prefix(scene: Scene) -> None:
    row, _ = program(redirects=[BACK])
    asked = {"client_id": row.id, "response_type": "code", "redirect_uri": BACK + "/more", "scope": "note:1"}
    asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert scene.officer().get(f"/oauth/authorize?{urlencode(asked)}", stop_at=BACK).status_code == 400


def beyond_its_scope(scene: Scene) -> None:
    row, secret = program()
    token = token_of(scene.portal, row, secret).json()["access_token"]
    assert call(scene.portal, token, method="POST").status_code == 403


def made_up_token(scene: Scene) -> None:
    # Told once a minute for each address: this one has tried nothing yet.
    headers = {"Authorization": "Bearer gda_made-up", "X-Forwarded-For": "198.51.100.7"}
    assert scene.person().http.get(f"{scene.portal}/notes", headers=headers, timeout=10).status_code == 401


TABLE: dict[str, tuple[str, Callable[[Scene], None]]] = {
    **{f"an ID token with {attack}": (reason, _token(change)) for attack, (reason, change) in CLAIMS.items()},
    **{attack: (reason, _signature(way)) for attack, (reason, way) in SIGNATURES.items()},
    "no ID token": ("id_token_missing", no_id_token),
    "a key that the provider withdrew": ("unknown_key", withdrawn_key),
    "a code and state used again": ("state_unknown", replayed_code),
    "a used code under a state of one's own": ("code_refused", replayed_code_in_a_fresh_flow),
    "the answer of one provider at another's address": ("state_of_other_provider", mix_up),
    "an answer that names another issuer": ("answer_of_other_issuer", other_issuer),
    "the state of another browser": ("state_of_other_browser", foreign_state),
    "an open redirect in every form": ("redirect_elsewhere", open_redirects),
    "signing somebody in unawares": ("form_token_wrong", login_csrf),
    "a signed-in person's form without its token": ("form_token_wrong", form_without_token),
    "a session planted before the sign-in": ("session_planted", fixed_session),
    "the cookie of a session that ended": ("session_over", ended_session),
    "the cookie of somebody who signed out": ("session_over", signed_out_session),
    "a code without its verifier": ("verifier_wrong", code_without_verifier),
    "a program's code used again": ("code_used_again", code_used_twice),
    "another program's refresh token": ("token_of_other_client", lambda scene: _refreshed(scene, "stolen")),
    "a refresh token used again": ("refresh_used_again", lambda scene: _refreshed(scene, "again")),
    "a scope widened at a refresh": ("scope_widened", lambda scene: _refreshed(scene, "widened")),
    "a scope that was not registered": ("scope_widened", wide_scope),
    "an address that only begins alike": ("redirect_not_registered", address_by_prefix),
    "a write with a token that reads": ("insufficient_scope", beyond_its_scope),
    "a token that was never given": ("invalid_token", made_up_token),
}


def _moment() -> datetime:
    """Now by the database's clock; the failures that were counted before it are written out first."""
    recording.write_counted(time.time() + 120)
    model.Session.remove()
    return model.Session.scalars(sa.text("SELECT clock_timestamp()")).one()


def _failures(since: datetime) -> list[dict[str, Any]]:
    """The failures that came into the ledger's intake since a moment, the counted ones written out first."""
    recording.write_counted(time.time() + 120)
    model.Session.remove()
    fresh = sa.text("SELECT entry FROM govdata_ledger.intake WHERE received_at > :since ORDER BY id")
    found = [json.loads(bytes(row[0])) for row in model.Session.execute(fresh, {"since": since})]
    model.Session.remove()
    return [one for one in found if one["event"]["outcome"] == "failure"]


@pytest.mark.requirement("LYG-21")
def test_each_attack_is_refused_and_stands_in_the_ledger_with_its_reason(scene: Scene) -> None:
    missed, tried = {}, 0
    for attack, (reason, attempt) in TABLE.items():
        begun = _moment()
        attempt(scene)
        fresh = [str(one["event"].get("reason")) for one in _failures(begun)]
        tried += 1
        if reason not in fresh:
            missed[attack] = (reason, fresh)
    print(f"{tried} attacks refused, each with its reason in the ledger")
    assert not missed and tried == len(TABLE) >= 45
