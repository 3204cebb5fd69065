"""Programs at the gate: a token of one grant reads that grant's data and nothing else, and what ends, ends at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from ckan import logic, model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata.access import endings
from ckanext.govdata.access.granting import record_step
from ckanext.govdata.access.model import Grant
from ckanext.govdata.access.parties.model import Block, Member, Party
from ckanext.govdata.chores import CHORES
from ckanext.govdata.signin import joining, recording
from ckanext.govdata_login import interfaces
from ckanext.govdata_login.clients import registering
from ckanext.govdata_login.clients.model import Token
from ckanext.govdata_login.mapping import Facts

from .stage import PLUGINS, Dataset, Stage, add_dataset, add_grant, entries
from .web import A_SECOND, Answer, Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", f"{PLUGINS} govdata_login"),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.ckan_config("SESSION_TYPE", "redis"),
]


@pytest.fixture
def conditional(stage: Stage, migrate_db_for: Callable[[str], None]) -> Iterator[tuple[Dataset, str]]:
    """A conditional dataset with a grant to `running` that a test may end, and the grant's id."""
    migrate_db_for("govdata_login")
    dataset = stage.datasets["conditional", False]
    grant = add_grant(stage, "running", dataset)
    yield dataset, grant
    model.Session.rollback()
    row = model.Session.get(Grant, grant)
    if row is not None:
        row.state = "revoked"
    model.Session.flush()
    # As the stage was set, so that it need not be set anew for the next test.
    stage.grant("running", dataset).state = "running"
    model.Session.commit()


@pytest.fixture
def asking(app: Any, stage: Stage) -> Any:
    """The words of scopes are in the reader's language, so that making them needs a request."""
    with app.flask_app.test_request_context():
        yield


def program(stage: Stage, grant: str) -> tuple[str, str]:
    return program_held_to(stage, f"grant:{grant}")


def program_held_to(stage: Stage, scope: str) -> tuple[str, str]:
    person = stage.people["running"]
    assert person is not None
    row, secret = registering.register(person["id"], {"title": "parking board", "scopes": [scope]})
    return row.id, secret


def token_of(web: Web, id: str, secret: str) -> str:
    given = requests.post(
        f"{web.base}/oauth/token", auth=(id, secret), data={"grant_type": "client_credentials"}, timeout=20
    )
    return str(given.json()["access_token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def download(web: Web, dataset: Dataset, token: str) -> Answer:
    return web.get(f"/dataset/{dataset.id}/resource/{dataset.file}/download", headers=bearer(token))


@pytest.mark.requirement("LYG-10", "LYG-19", "LYG-21", "YZ-8")
def test_conditional_data_is_read_by_client_credentials_until_the_grant_ends(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None
) -> None:
    dataset, grant = conditional
    id, secret = program(stage, grant)
    token = token_of(web, id, secret)
    assert dataset.closed_word in download(web, dataset, token).get_data(as_text=True)
    rows = web.get(f"/api/3/action/datastore_search?resource_id={dataset.file}", headers=bearer(token))
    assert rows.json["result"]["total"] == 30
    found = [one for one in entries() if one.get("govdata", {}).get("client", {}).get("id") == id]
    taken = [one for one in found if one["event"]["action"] == "dataset-download"][-1]
    person = stage.people["running"]
    assert person is not None
    assert taken["govdata"]["grant"]["id"] == grant and taken["user"]["id"] == person["id"]
    assert taken["govdata"]["party"]["id"] == stage.parties["running"]
    assert any(one["event"]["action"] == "token-given" for one in found)
    order = {"id": grant, "reason": "clause 7"}
    done = web.post("/api/3/action/govdata_grant_revoke", json=order, headers=stage.headers("authority"))
    assert done.status_code == 200
    ended = time.monotonic()
    assert download(web, dataset, token).status_code == 401 and time.monotonic() - ended < A_SECOND
    asked = requests.post(f"{web.base}/oauth/introspect", auth=(id, secret), data={"token": token}, timeout=20)
    assert asked.json() == {"active": False}
    again = requests.post(
        f"{web.base}/oauth/token", auth=(id, secret), data={"grant_type": "client_credentials"}, timeout=20
    )
    assert again.json()["error"] == "invalid_scope"


def test_a_party_that_somebody_leaves_takes_its_data_from_their_programs(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None
) -> None:
    dataset, grant = conditional
    id, secret = program(stage, grant)
    token = token_of(web, id, secret)
    assert download(web, dataset, token).status_code == 200
    person = stage.people["running"]
    assert person is not None
    row = model.Session.query(Member).filter_by(user_id=person["id"], ended_at=None).one()
    row.ended_at, row.ended_by = row.joined_at, person["id"]
    model.Session.commit()
    try:
        assert download(web, dataset, token).status_code == 403
    finally:
        row.ended_at, row.ended_by = None, None
        model.Session.commit()


@dataclass
class Guest:
    """Somebody with a party of their own, who has a grant and a program that reads under it."""

    name: str
    party: str
    grant: str
    client: str
    secret: str
    headers: dict[str, str]


@pytest.fixture
def guest(web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None) -> Iterator[Guest]:
    person = factories.User()
    key = call_action("api_token_create", {"user": person["name"]}, user=person["name"], name="own")["token"]
    party = Party(kind="enterprise", name="过客公司", state="verified", created_by=person["id"])
    model.Session.add(party)
    model.Session.flush()
    for one, manages in ((person, True), (stage.people["signed_in"] or {}, True)):
        model.Session.add(Member(party_id=party.id, user_id=one["id"], role="member", manages=manages))
    model.Session.commit()
    stage.people["guest"], stage.parties["guest"] = person, party.id
    grant = add_grant(stage, "guest", conditional[0])
    row, secret = registering.register(person["id"], {"title": "board", "scopes": [f"grant:{grant}", "open"]})
    yield Guest(person["name"], party.id, grant, row.id, secret, {"Authorization": key})
    del stage.people["guest"], stage.parties["guest"]
    model.Session.rollback()
    for table, term in ((Block, Block.party_id == party.id), (Member, Member.party_id == party.id)):
        model.Session.execute(sa.delete(table).where(term))
    model.Session.commit()


def _done(web: Web, action: str, headers: dict[str, str], **order: Any) -> Any:
    answer = web.post(f"/api/3/action/{action}", json=order, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["result"]


_BLOCK = {"breach": "attack", "reason": "扫描端口", "basis": "第四十条", "until": "2099-01-01"}


def by_closing_it(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_close", guest.headers, id=guest.party)


def by_blocking_it_at_once(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_block_propose", stage.headers("authority"), id=guest.party, danger=True, **_BLOCK)


def by_a_second_officers_decision(web: Web, stage: Stage, guest: Guest) -> None:
    officer = stage.headers("operator")
    block = _done(web, "govdata_party_block_propose", officer, id=guest.party, danger=False, **_BLOCK)
    _done(web, "govdata_party_block_reply", guest.headers, id=block["id"], text="不是我们")
    _done(web, "govdata_party_block_decide", stage.headers("authority"), id=block["id"], accept=True, reason="属实")


def by_leaving_it(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_leave", guest.headers, id=guest.party)


@pytest.mark.requirement("LYG-40", "LYG-19")
@pytest.mark.parametrize(
    "end",
    [by_closing_it, by_blocking_it_at_once, by_a_second_officers_decision, by_leaving_it],
)
def test_a_party_that_ends_or_is_blocked_ends_its_peoples_tokens_within_a_second(
    web: Web,
    stage: Stage,
    conditional: tuple[Dataset, str],
    guest: Guest,
    end: Callable[[Web, Stage, Guest], None],
) -> None:
    dataset, grant = conditional
    token, neighbour = token_of(web, guest.client, guest.secret), token_of(web, *program(stage, grant))
    assert [download(web, dataset, one).status_code for one in (token, neighbour)] == [200, 200]
    before = len(entries())
    end(web, stage, guest)
    ended = time.monotonic()
    assert download(web, dataset, token).status_code == 401 and time.monotonic() - ended < A_SECOND
    asked = {"auth": (guest.client, guest.secret), "timeout": 20}
    introspected = requests.post(f"{web.base}/oauth/introspect", data={"token": token}, **asked)
    assert introspected.json() == {"active": False}
    again = requests.post(f"{web.base}/oauth/token", data={"grant_type": "client_credentials"}, **asked)
    assert again.status_code == 200, "what is open to everybody it still reads"
    assert download(web, dataset, again.json()["access_token"]).status_code == 403
    assert download(web, dataset, neighbour).status_code == 200, "another party's token goes on"
    whys = [one["govdata"]["login"]["why"] for one in entries()[before:] if one["event"]["action"] == "token-ended"]
    assert whys and whys[0] in ("party_ended", "party_blocked", "party_left")


def test_a_grant_that_stops_by_whichever_way_ends_its_tokens(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], guest: Guest
) -> None:
    """Not only the actions on grants stop one: an agreement that is suspended does, and a dataset that is withdrawn."""
    token = token_of(web, guest.client, guest.secret)
    row = model.Session.get(Grant, guest.grant)
    assert row is not None and endings.stopped() == set()
    row.state = "suspended"
    record_step(row, "portal", "未按约定报告")
    assert endings.stopped() == set(), "nothing before the commit"
    model.Session.rollback()
    assert download(web, conditional[0], token).status_code == 200, "what was rolled back ends nothing"
    row = model.Session.get(Grant, guest.grant)
    assert row is not None
    row.state = "suspended"
    record_step(row, "portal", "未按约定报告")
    model.Session.commit()
    joining.ended("any_action", {}, {}, {})
    assert download(web, conditional[0], token).status_code == 401
    assert endings.stopped() == set()


def test_the_portals_own_worker_sweeps_and_purges(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None
) -> None:
    id, secret = program(stage, conditional[1])
    token_of(web, id, secret)
    over = sa.update(Token).where(Token.client_id == id).values(expires_at=sa.func.now() - sa.text("interval '2 days'"))
    model.Session.execute(over)
    model.Session.commit()
    jobs = {chore.name: chore.job for chore in CHORES}
    jobs["signin-sweep"]()
    jobs["signin-purge"]()
    assert model.Session.query(Token).filter_by(client_id=id).count() == 0


def test_every_page_of_ours_forbids_script_in_the_page_and_has_none(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str]
) -> None:
    seen = []
    for rule in sorted(set(_rules(app, of="govdata"))):
        answer = web.get(_filled(rule, conditional[0]), headers=stage.headers("administrator"))
        if answer.status_code != 200 or answer.headers.get("Content-Type", "").split(";")[0] != "text/html":
            continue
        text = answer.get_data(as_text=True)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"], rule
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>(.*?)</script>", text, re.S)
        assert not [one for one in inline if one.strip()] and not re.findall(r"<[^>]+\son[a-z]+=\"", text), rule
        seen.append(rule)
    assert len(seen) > 15, seen


def _rules(app: Any, method: str = "GET", of: str = "") -> Iterator[str]:
    """Every address of the portal, or of blueprints whose names begin so, that is asked by a method; its parts in braces."""
    for rule in app.flask_app.url_map.iter_rules():
        if not rule.endpoint.startswith(of):
            continue
        if method in (rule.methods or ()) and not rule.rule.startswith(("/testing", "/base/", "/user/_logout")):
            yield re.sub(r"<(?:[a-z]+(?:\([^>]*\))?:)?([a-z_]+)>", r"{\1}", rule.rule)


def _filled(rule: str, other: Dataset) -> str:
    known = {"resource_id": other.file, "view_id": other.view, "lang": "en", "ver": "3", "filename": "f.csv"}
    return re.sub(r"\{([a-z_]+)\}", lambda found: known.get(found.group(1), other.id), rule)


def _compare(web: Web, address: str, other: Dataset, held: list[dict[str, str]], order: Any = None) -> None:
    """Asked with a held token, an address gives no more than it gives a visitor."""

    def ask(headers: dict[str, str]) -> Answer:
        return web.get(address, headers=headers) if order is None else web.post(address, json=order, headers=headers)

    visitor = ask({})
    for headers in held:
        found = ask(headers)
        assert other.closed_word not in found.get_data(as_text=True), address
        refused = found.status_code >= 400
        assert refused or found.status_code == visitor.status_code, (address, found.status_code, visitor.status_code)


@pytest.fixture
def elsewhere(web: Web, stage: Stage, conditional: tuple[Dataset, str]) -> Iterator[Dataset]:
    """Another conditional dataset that the same person may read whole, and reads without a token that is held."""
    if "elsewhere" not in stage.kept:
        stage.kept["elsewhere"] = add_dataset(stage, "conditional", False, name="data-elsewhere")
    other: Dataset = stage.kept["elsewhere"]
    grant = add_grant(stage, "running", other)
    found = web.get(f"/dataset/{other.id}/resource/{other.file}/download", headers=stage.headers("running"))
    assert other.closed_word in found.get_data(as_text=True), "what is refused below is the token's, not the person's"
    yield other
    model.Session.rollback()
    row = model.Session.get(Grant, grant)
    if row is not None:
        row.state = "revoked"
    model.Session.commit()


def _held(web: Web, stage: Stage, scopes: list[str]) -> list[dict[str, str]]:
    """A program's token and a key of CKAN's for each scope."""
    person = stage.people["running"]
    assert person is not None
    found = []
    for scope in scopes:
        order: Any = {"user": person["name"], "name": "held", "scopes": scope}
        key = call_action("api_token_create", {"user": person["name"]}, **order)["token"]
        found += [bearer(token_of(web, *program_held_to(stage, scope))), {"Authorization": key}]
    return found


def _everywhere(web: Web, app: Any, stage: Stage, held: list[dict[str, str]], other: Dataset, every: int) -> int:
    person = stage.people["running"]
    assert person is not None
    asked = 0
    for number, rule in enumerate(sorted(set(_rules(app)))):
        if number % every == 0 or "download" in rule or "dump" in rule or "datatables" in rule:
            _compare(web, _filled(rule, other), other, held)
            asked += 1
    for number, rule in enumerate(sorted(set(_rules(app, "POST")))):
        if number % every == 0 and not rule.startswith("/api/"):
            for headers in held:
                refused = web.post(_filled(rule, other), json={}, headers=headers)
                assert refused.status_code >= 400, (rule, refused.status_code)
            asked += 1
    tk.get_action("package_show")
    given = {"id": other.id, "resource_id": other.file, "user": person["name"], "user_id": person["id"], "q": "*"}
    given["sql"] = f'SELECT * FROM "{other.file}"'
    for number, action in enumerate(sorted(logic._actions)):
        if number % every == 0 or "datastore" in action or "token" in action or "grant" in action:
            _compare(web, f"/api/3/action/{action}", other, held, given)
            asked += 1
    return asked


@pytest.mark.requirement("LYG-10", "LYG-17")
def test_a_token_of_one_grant_or_dataset_opens_nothing_else(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str], elsewhere: Dataset, asking: None
) -> None:
    dataset, grant = conditional
    of_program, _, _, key = _held(web, stage, [f"grant:{grant}", f"dataset:{dataset.id}"])
    for one in (of_program, key):
        found = web.get(f"/dataset/{dataset.id}/resource/{dataset.file}/download", headers=one)
        assert dataset.closed_word in found.get_data(as_text=True), "its own it opens"
    before = len(entries())
    assert _everywhere(web, app, stage, [of_program, key], elsewhere, every=12) > 40
    refused = [one for one in entries()[before:] if one["event"]["outcome"] == "failure"]
    of_tokens = [one for one in refused if one.get("govdata", {}).get("client")]
    assert len(of_tokens) >= 4 and all(one["event"]["reason"] for one in of_tokens), "each refusal is on record"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.requirement("LYG-10", "LYG-17")
def test_a_token_of_one_grant_or_dataset_is_tried_on_every_address_and_every_action(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str], elsewhere: Dataset, asking: None
) -> None:
    dataset, grant = conditional
    held = _held(web, stage, [f"grant:{grant}", f"dataset:{dataset.id}"])
    asked = _everywhere(web, app, stage, held, elsewhere, every=1)
    print(f"{asked} addresses and actions asked as a visitor, and with {len(held)} tokens held to a grant or a dataset")
    assert asked > 300


@pytest.mark.requirement("LYG-35")
def test_a_post_that_ends_ends_what_its_holder_has_open(
    web: Web, stage: Stage, migrate_db_for: Callable[[str], None]
) -> None:
    migrate_db_for("govdata_login")
    officer = factories.User()
    call_action("govdata_officer_appoint", {"user": "administrator"}, user=officer["name"], role="operator")
    token = call_action("api_token_create", {"user": officer["name"]}, user=officer["name"], name="desk")["token"]
    listed = f"/api/3/action/api_token_list?user_id={officer['name']}"
    assert web.get(listed, headers={"Authorization": token}).status_code == 200
    order = {"user": officer["name"], "role": "operator"}
    done = web.post("/api/3/action/govdata_officer_dismiss", json=order, headers=stage.headers("administrator"))
    assert done.status_code == 200
    ended = time.monotonic()
    assert web.get(listed, headers={"Authorization": token}).status_code == 403
    assert time.monotonic() - ended < 1


def test_what_a_trusted_service_says_makes_a_verified_party_and_a_strange_ones_word_does_not(
    stage: Stage, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.parties.keys", str(tmp_path / "parties.keys"))
    values = {"party": "legal", "party_name": "江海停车有限公司", "uscc": "91110000600037341L"}
    facts = Facts(values={**values, "party_role": "legal_representative"})
    user = model.User.get(factories.User()["id"])
    assert user is not None

    def parties() -> list[Any]:
        return list(model.Session.query(Party).filter_by(created_by=user.id))

    interfaces.facts_changed(user, "mini", facts, {}, trusted=False)
    assert parties() == []
    interfaces.facts_changed(user, "province", facts, {}, trusted=True)
    made = parties()
    assert [one.state for one in made] == ["verified"] and made[0].name == "江海停车有限公司"


@pytest.mark.requirement("LYG-21")
def test_failures_are_counted_by_account_and_minute_and_refusals_keep_their_reason(stage: Stage) -> None:
    recording.write_counted(time.time() + 120)
    before = len(entries())
    for _ in range(7):
        interfaces.tell_event("sign_in_refused", {"user": "somebody-1", "reason": "password_wrong"})
    interfaces.tell_event("sign_in_refused", {"provider": "province", "reason": "nonce_wrong", "detail": "x"})
    assert len(entries()) == before + 1
    assert recording.write_counted(time.time() + 120) in (1, 2), "a minute may have turned between two of them"
    fresh = entries()[before:]
    reasons = {one["event"]["reason"] for one in fresh}
    assert reasons == {"nonce_wrong", "password_wrong"}
    counted = [one["govdata"]["login"]["count"] for one in fresh if one["event"]["reason"] == "password_wrong"]
    assert sum(counted) == 7 and all(one["event"]["outcome"] == "failure" for one in fresh)


def test_a_closed_account_takes_its_data_from_its_programs_and_from_what_is_leaving(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None
) -> None:
    from ckanext.govdata.access.bearers import Bearer
    from ckanext.govdata.access.domain import Mode
    from ckanext.govdata.access.gate import Asking

    dataset, grant = conditional
    id, secret = program(stage, grant)
    token = token_of(web, id, secret)
    person = stage.people["running"]
    assert person is not None
    leaving = Asking(
        dataset.id, None, dataset.file, Mode.DOWNLOAD, None, Bearer(id, person["id"], frozenset({f"grant:{grant}"}))
    )
    verdict = leaving.verdict()
    assert verdict is not None and verdict.allowed
    user = model.User.get(person["id"])
    assert user is not None
    user.state = "deleted"
    model.Session.commit()
    try:
        verdict = leaving.verdict()
        assert verdict is not None and not verdict.allowed
        assert download(web, dataset, token).status_code in (401, 403)
    finally:
        user = model.User.get(person["id"])
        assert user is not None
        user.state = "active"
        model.Session.commit()
