"""Objections: without an account, to the agency; the mark everywhere at once; holders hear of a correction once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.cases import limits, numbering
from ckanext.govdata.cases.objections.domain import Reason
from ckanext.govdata.cases.objections.machine import OBJECTION
from ckanext.govdata.cases.objections.model import Objection
from ckanext.govdata.notices.model import Notice
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, entries

from .scene import asking, feed_entry, own_dataset

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20", "GY-c5"),
]
WORDS = "秘密的原话"
KEY = "P000123"
PERSONS = {"agency": "own_agency", "authority": "authority", "operator": "operator"}
ask, result = asking("govdata_objection_")


@pytest.fixture
def data(stage: Stage, unlimited: None) -> Iterator[Dataset]:
    found = own_dataset(stage, "conditional", "wrong")
    add_grant(stage, "running", found)
    yield found
    model.Session.rollback()


@pytest.fixture
def known(keep: Callable[[str, str], Dataset], monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A dataset for tests that do not mind the objections of others."""
    monkeypatch.setattr(limits, "MOST", 10_000)
    return keep("conditional", "objections")


def file(app: Any, stage: Stage, data: Dataset, visitor: str = "anonymous", **more: Any) -> tuple[dict[str, Any], str]:
    order = {"id": data.name, "reason": "wrong", "text": WORDS, "rows": KEY, "items": "泊位数", **more}
    made = result(app, stage, visitor, "file", **order)
    row = model.Session.scalars(sa.select(Objection).where(Objection.number == made["number"])).one()
    return made, row.case_id


def step(app: Any, stage: Stage, visitor: str, case: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "step", id=case, command=command, **more)


def shown(app: Any, stage: Stage, data: Dataset) -> dict[str, bool]:
    """Where the mark is seen: page, list, package_show, search, rows, DCAT, header, manifest."""
    headers = stage.headers("running")
    read = app.get(f"/dataset/{data.id}/resource/{data.file}/download", headers=headers)
    api = "/api/3/action"
    manifest = app.get(f"/delivery/{read.headers['X-Delivery-Number']}/manifest", headers=headers).json
    return {
        "page": "Objection being verified" in app.get(f"/dataset/{data.name}").get_data(as_text=True),
        "list": "Objection being verified" in app.get(f"/dataset/?q=name:{data.name}").get_data(as_text=True),
        "package_show": "under_objection_since" in app.get(f"{api}/package_show?id={data.id}").json["result"],
        "search": "under_objection_since"
        in app.get(f"{api}/package_search?q=name:{data.name}").json["result"]["results"][0],
        "rows": "under_objection_since"
        in app.get(f"{api}/datastore_search?resource_id={data.file}", headers=headers).json["result"],
        "file's page": "Objection being verified"
        in app.get(f"/dataset/{data.name}/resource/{data.file}").get_data(as_text=True),
        "rows' header": "X-Under-Objection-Since"
        in app.get(f"{api}/datastore_search?resource_id={data.file}", headers=headers).headers,
        "sql": "under_objection_since"
        in app.get(f'{api}/datastore_search_sql?sql=SELECT * FROM "{data.file}"', headers=headers).json["result"],
        "dump": "X-Under-Objection-Since" in app.get(f"/datastore/dump/{data.file}", headers=headers).headers,
        **{
            feed: "under-objection" in feed_entry(app.get(f"/feeds/{feed}").get_data(as_text=True), data)
            for feed in ("dataset.atom", "organization/jiaotongju.atom", f"custom.atom?q=name:{data.name}")
        },
        "dcat": "being verified" in app.get(f"/dataset/{data.name}.ttl").get_data(as_text=True),
        "header": "X-Under-Objection-Since" in read.headers,
        "manifest": manifest["under_objection"],
    }


def test_a_citizen_objects_the_agency_corrects_and_holders_hear_of_it_once(
    app: Any, stage: Stage, data: Dataset
) -> None:
    made, case = file(app, stage, data)
    follow = {"number": made["number"], "code": made["code"]}
    assert result(app, stage, "anonymous", "follow", **follow)["state"] == "filed"
    assert ask(app, stage, "anonymous", "follow", number=made["number"], code="AAAAAAAAAA").status_code == 404
    assert not any(shown(app, stage, data).values())
    assert step(app, stage, "operator", case, "decline", reason="不").status_code == 409, "only the agency declines"
    assert step(app, stage, "other_agency", case, "accept").status_code == 403
    assert step(app, stage, "own_agency", case, "accept").status_code == 200
    assert all(shown(app, stage, data).values()), shown(app, stage, data)
    handled = result(app, stage, "own_agency", "show", id=case)
    assert (handled["text"], handled["keys"], handled["items"]) == (WORDS, [KEY], ["泊位数"])
    answer = step(app, stage, "own_agency", case, "correct", reason="泊位数已更正", version="2026-11")
    assert answer.status_code == 200, answer.json
    assert not any(shown(app, stage, data).values())
    stands = result(app, stage, "anonymous", "follow", **follow)
    assert (stands["state"], stands["reply"], stands["new_version"]) == ("corrected", "泊位数已更正", "2026-11")
    told = sa.select(Notice.user_id).where(Notice.about == case, Notice.text == "objection_corrected")
    people = {(stage.people[name] or {})["id"] for name in ("running", "other_member")}
    assert sorted(model.Session.scalars(told)) == sorted(people), "each person of the party that has the data, once"


def test_the_objector_may_have_the_authority_look_again(app: Any, stage: Stage, known: Dataset) -> None:
    made, case = file(app, stage, known)
    assert step(app, stage, "own_agency", case, "decline").status_code == 409, "a reason is needed"
    assert step(app, stage, "own_agency", case, "decline", reason="无法核实").status_code == 200
    follow = {"number": made["number"], "code": made["code"]}
    again = result(app, stage, "anonymous", "look_again", **follow, reason="附上照片")
    assert again["state"] == "looked_at"
    assert step(app, stage, "operator", case, "send-back", reason="请核").status_code == 409
    assert step(app, stage, "authority", case, "send-back", reason="请核实").status_code == 200
    assert result(app, stage, "anonymous", "follow", **follow)["state"] == "filed"


def test_nobody_decides_on_their_own_objection(app: Any, stage: Stage, known: Dataset) -> None:
    _, case = file(app, stage, known, "own_agency")
    refused = step(app, stage, "own_agency", case, "accept")
    assert refused.status_code == 409
    assert "another person" in str(refused.json["error"])


def test_what_is_said_to_be_a_leak_is_looked_into_and_stands_in_no_register_meanwhile(
    app: Any, stage: Stage, data: Dataset
) -> None:
    for reason in ("personal", "secret"):
        made = result(app, stage, "anonymous", "file", id=data.name, reason=reason, text=WORDS, rows=KEY)
        assert made["leak"] is True
    register = result(app, stage, "anonymous", "register", id=data.name)
    assert register["count"] == 0
    assert not any(shown(app, stage, data).values())
    listed = app.post("/api/3/action/govdata_withdrawal_list", json={}, headers=stage.headers("operator")).json[
        "result"
    ]
    assert data.id in {one["dataset"] for one in listed["results"]}


def public_output(app: Any, stage: Stage, data: Dataset) -> str:
    """Everything that everybody reads of a dataset and its objections, and the ledger's entries."""
    addresses = (
        f"/dataset/{data.name}", "/objections", f"/api/3/action/package_show?id={data.id}", "/feeds/dataset.atom",
        f"/dataset/{data.name}.ttl", f"/api/3/action/package_activity_list?id={data.id}",
        "/api/3/action/govdata_objection_register",
    )  # fmt: skip
    return "".join(app.get(one).get_data(as_text=True) for one in addresses) + str(entries())


def test_no_public_output_has_the_objector_s_words_or_keys(app: Any, stage: Stage, known: Dataset) -> None:
    made, case = file(app, stage, known)
    step(app, stage, "own_agency", case, "accept")
    read = public_output(app, stage, known)
    assert made["number"] in read
    assert WORDS not in read
    assert KEY not in read
    assert made["code"] not in read


def test_two_objections_never_get_the_same_number(
    app: Any, stage: Stage, known: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter((41, 41, 42))
    monkeypatch.setattr(numbering.secrets, "randbelow", lambda most: next(drawn) % most)
    first, second = (file(app, stage, known)[0]["number"] for _ in range(2))
    assert (first[-8:], second[-8:]) == ("00000041", "00000042")


def histories(app: Any, stage: Stage, data: Dataset, number: int, seed: int = 4) -> None:
    """Random commands by random people: legal states only, each step in the ledger, and nothing of the objector in public."""
    draw = random.Random(seed)
    people = ("own_agency", "own_agency", "other_agency", "operator", "authority", "authority", "anonymous")
    commands = (*OBJECTION.commands, "nonsense")
    taken, steps = 0, set()
    for _ in range(number):
        made, case = file(app, stage, data, draw.choice(("anonymous", "own_agency", "signed_in")))
        for _ in range(draw.randrange(1, 6)):
            before = result(app, stage, "operator", "show", id=case)["state"]
            fitting = [one.command for one in OBJECTION.steps_from(before)]
            command = draw.choice(fitting if fitting and draw.random() < 0.7 else commands)
            if command == "look-again":
                order = {"number": made["number"], "code": made["code"], "reason": "再看"}
                answer = ask(app, stage, "anonymous", "look_again", **order)
            else:
                known_step = OBJECTION.step(before, command)
                right = [PERSONS[role] for role in sorted(known_step.roles) if role in PERSONS] if known_step else []
                who = draw.choice(right if right and draw.random() < 0.7 else people)
                answer = step(app, stage, who, case, command, reason="答复", version="2")
            after = result(app, stage, "operator", "show", id=case)
            allowed = OBJECTION.step(before, command)
            taken += answer.status_code == 200
            assert after["state"] == (allowed.to_state if answer.status_code == 200 and allowed else before)
            assert after["marked"] is (after["state"] == "checking")
        steps |= {one["entry"] for one in after["events"]}
    assert taken > number / 2
    assert steps <= {entry["event"]["id"] for entry in entries()}
    read = public_output(app, stage, data)
    assert WORDS not in read
    assert KEY not in read


def test_random_histories_keep_to_the_machine(app: Any, stage: Stage, known: Dataset) -> None:
    histories(app, stage, known, 6)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(5))
def test_ten_thousand_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset, part: int) -> None:
    """Five parts, each with its own draw and its own dataset: a fault names the part that met it."""
    histories(app, stage, data, 2_000, seed=10 + part)


def test_evidence_is_for_handlers_alone_and_of_known_kinds(app: Any, stage: Stage, known: Dataset) -> None:
    from io import BytesIO

    order = {"reason": "wrong", "text": "见附件", "id": known.name}
    address = "/api/3/action/govdata_objection_file"
    refused = app.post(address, data={**order, "evidence": (BytesIO(b"<script>"), "a.pdf")})
    assert refused.status_code == 409
    made = app.post(address, data={**order, "evidence": (BytesIO(b"%PDF-1.7 x"), "a.exe")}).json["result"]
    row = model.Session.scalars(sa.select(Objection).where(Objection.number == made["number"])).one()
    files = result(app, stage, "own_agency", "show", id=row.case_id)["files"]
    assert [one["media_type"] for one in files] == ["application/pdf"]
    assert ask(app, stage, "other_agency", "evidence", id=files[0]["id"]).status_code == 404
    assert ask(app, stage, "running", "evidence", id=files[0]["id"]).status_code == 403
    assert result(app, stage, "own_agency", "evidence", id=files[0]["id"])["data"]


def test_the_vocabulary_is_the_form_s(app: Any, stage: Stage, known: Dataset) -> None:
    page = app.get(f"/dataset/{known.name}/object").get_data(as_text=True)
    assert all(f'value="{one.value}"' in page for one in Reason)
    assert ask(app, stage, "anonymous", "file", id=known.name, reason="other", text="x").status_code == 409
