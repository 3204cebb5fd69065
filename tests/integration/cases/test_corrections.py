"""What a correction says: which version has it right, what changed; to whoever had the wrong one. And whose right it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action
from werkzeug.datastructures import FileStorage

from ckanext.govdata.cases.objections.model import ObjectionWords
from ckanext.govdata.clocks import keeping as clocks
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.stored import path_of
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, entries, upload

from .scene import feed_entry, own_dataset
from .test_objections import ask, file, public_output, result, step

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20", "GY-c5"),
    pytest.mark.usefixtures("unlimited"),
]
OWN_WORDS = "我家门口的泊位"


def told(case: str, text: str) -> list[str]:
    return sorted(model.Session.scalars(sa.select(Notice.user_id).where(Notice.about == case, Notice.text == text)))


def people(stage: Stage, *visitors: str) -> list[str]:
    return sorted((stage.people[visitor] or {})["id"] for visitor in visitors)


def corrected(dataset: Dataset) -> None:
    """The file anew, with one row changed and one more."""
    lines = path_of(model.Resource.get(dataset.file)).read_bytes().decode().split("\r\n")
    lines[1] = lines[1].replace(",", ",9", 1)
    content = "\r\n".join([*lines[:-1], "新停车场,1,甲,2", ""]).encode()
    context: Any = {"user": "administrator", "ignore_auth": True}
    call_action("resource_patch", context, id=dataset.file, upload=FileStorage(BytesIO(content), "停车场.csv"))


def take(app: Any, stage: Stage, dataset: Dataset, visitor: str, file_id: str = "") -> None:
    address = f"/dataset/{dataset.id}/resource/{file_id or dataset.file}/download"
    assert app.get(address, headers=stage.headers(visitor)).status_code == 200


def test_a_correction_names_the_versions_and_is_told_to_whoever_had_the_wrong_one(app: Any, stage: Stage) -> None:
    data = own_dataset(stage, "conditional", "version")
    for visitor in ("running", "other_dataset", "columns_only"):
        add_grant(stage, visitor, data)
    other = upload(data.id, "停车场,泊位数\r\n甲,1\r\n".encode(), "其他.csv", "另一份")
    take(app, stage, data, "running")
    take(app, stage, data, "other_dataset", other)
    nothing = ask(
        app, stage, "anonymous", "file", id=data.name, reason="wrong", text="x", resource=data.file, version=7
    )
    assert "no version" in str(nothing.json["error"]["version"])
    _, case = file(app, stage, data, resource=data.file, version=1)
    step(app, stage, "own_agency", case, "accept")
    unsaid = step(app, stage, "own_agency", case, "correct", reason="泊位数已更正")
    assert (unsaid.status_code, "version" in unsaid.json["error"]) == (409, True), "nothing was replaced, nothing named"
    corrected(data)
    take(app, stage, data, "columns_only")
    done = step(app, stage, "own_agency", case, "correct", reason="泊位数已更正", version="11 月版").json["result"]
    (change,) = done["changes"]
    assert (change["resource"], change["before"], change["after"]) == (data.file, 1, 2)
    assert (change["rows_new"], change["rows_gone"]) == (2, 1)
    assert told(case, "objection_corrected") == people(stage, "running", "other_member"), "who had the wrong version"
    register = result(app, stage, "anonymous", "register", id=data.name)["results"][0]
    assert register["changes"] == done["changes"]
    page = app.get(f"/dataset/{data.name}").get_data(as_text=True)
    assert "version 1 → 2: 2 rows new or changed, 1 gone" in page
    assert f"corrects what objection {register['number']} found" in page, "linked from the version too"
    news = feed_entry(app.get("/feeds/dataset.atom").get_data(as_text=True), data)
    assert 'term="corrected"' in news, "whoever took it unnamed hears of it by the feed"
    assert f"Corrected on {register['settled_at'][:10]} after an objection" in news
    assert f"<updated>{register['settled_at'].removesuffix('Z')}+" in news, "as something new"
    (entry,) = [
        one for one in entries()
        if one["event"]["action"] == "objection-correct" and one["govdata"]["case"]["id"] == case
    ]  # fmt: skip
    assert entry["govdata"]["case"]["facts"]["changes"][0]["after"] == 2


def test_who_says_that_a_right_of_their_own_is_concerned_is_known_to_the_handlers_alone(app: Any, stage: Stage) -> None:
    data = own_dataset(stage, "conditional", "own")
    order = {"id": data.name, "reason": "wrong", "text": OWN_WORDS, "own_right": True}
    refused = ask(app, stage, "anonymous", "file", **order)
    assert (refused.status_code, "own_right" in refused.json["error"]) == (409, True)
    unverified = ask(app, stage, "signed_in", "file", **order)
    assert (unverified.status_code, "own_right" in unverified.json["error"]) == (409, True), "an account is no identity"
    _, case = file(app, stage, data, "running", own_right=True)
    handled = result(app, stage, "own_agency", "show", id=case)
    name = f"{(stage.people['running'] or {})['fullname']} (running公司)"
    assert (handled["own_right"], handled["objector"]) == (True, name)
    read = public_output(app, stage, data).split(str(entries()))[0]
    assert people(stage, "running")[0] not in read
    assert "running公司" not in read
    _, plain = file(app, stage, data, "running")
    assert result(app, stage, "own_agency", "show", id=plain)["objector"] == ""


def test_why_the_authority_should_look_again_is_sealed_it_is_told_and_sending_back_starts_a_new_term(
    app: Any, stage: Stage
) -> None:
    data = own_dataset(stage, "conditional", "again")
    made, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "decline", reason="无法核实")
    follow = {"number": made["number"], "code": made["code"]}
    result(app, stage, "anonymous", "look_again", **follow, reason=OWN_WORDS)
    assert told(case, "objection_again") == people(stage, "authority")
    shown = result(app, stage, "authority", "show", id=case)
    assert shown["again"] == [OWN_WORDS]
    assert OWN_WORDS not in str(shown["events"])
    sealed = model.Session.scalars(sa.select(ObjectionWords.kind).where(ObjectionWords.case_id == case))
    assert "again" in list(sealed), "it goes with the other words when their term is over"
    assert OWN_WORDS not in public_output(app, stage, data)
    assert [one.open for one in clocks.of(case)] == [False]
    assert step(app, stage, "authority", case, "send-back", reason="请核实").status_code == 200
    assert sum(one.open for one in clocks.of(case)) == 1
    assert people(stage, "own_agency")[0] in told(case, "objection_sent_back")
    again = ask(app, stage, "anonymous", "look_again", **follow, reason=OWN_WORDS)
    assert again.status_code == 409, "it is with the agency"
    model.Session.expire_all()
    count = sa.select(sa.func.count()).where(ObjectionWords.case_id == case, ObjectionWords.kind == "again")
    assert model.Session.scalar(count) == 1, "a refused request leaves nothing"
