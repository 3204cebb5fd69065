"""Programs at the gate: a token of one grant reads that grant's data, until that ends or somebody who held it does."""

from __future__ import annotations

import time

import pytest
import requests
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.access.bearers import Bearer
from ckanext.govdata.access.domain import Mode
from ckanext.govdata.access.gate import Asking
from ckanext.govdata.access.parties.model import Member
from ckanext.govdata.chores import CHORES
from ckanext.govdata_login.clients.model import Token

from .programs import WITH_PROGRAMS, bearer, download, program, token_of
from .stage import Dataset, Stage, entries
from .web import A_SECOND, Web

pytestmark = WITH_PROGRAMS


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


def test_a_closed_account_takes_its_data_from_its_programs_and_from_what_is_leaving(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None
) -> None:

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
