"""What an objection leads to: a using agency's doubt, another agency, holders who acknowledge, followers, an end of keeping."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases import limits
from ckanext.govdata.cases.objections import followers
from ckanext.govdata.cases.objections.model import CorrectionHolder, Objection, ObjectionWords
from ckanext.govdata.cases.purging import purge_objections
from ckanext.govdata.clocks import keeping as clocks
from ckanext.govdata.columns import now
from ckanext.govdata.notices.model import Notice
from ckanext.govdata_harvest.file_model import HarvestMerge
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset, add_grant, entries

from .scene import own_dataset
from .test_objections import KEY, WORDS, ask, file, result, step

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]


@pytest.fixture
def data(
    stage: Stage, ckan_config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dataset]:
    """Conditional data that a party may have, and that is shared unconditionally; the tests do not mind each other's cases."""
    if "settled" not in stage.kept:
        key = str(tmp_path_factory.mktemp("settled") / "tracing.key")
        monkeypatch.setitem(ckan_config, "govdata.tracing.key", key)
        found = add_dataset(stage, "conditional", False, f"settled-{model.types.make_uuid()[:8]}")
        context: Any = {"user": "administrator", "ignore_auth": True}
        call_action("package_patch", context, id=found.id, sharing_tier="unconditional")
        add_grant(stage, "running", found)
        stage.kept["settled"] = found, key
    found, key = stage.kept["settled"]
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", key)
    monkeypatch.setattr(limits, "MOST", 10_000)
    yield found
    model.Session.rollback()


def told(case: str, text: str) -> list[str]:
    found = sa.select(Notice.user_id).where(Notice.about == case, Notice.text == text)
    return sorted(model.Session.scalars(found))


def person(stage: Stage, visitor: str) -> str:
    found = stage.people[visitor]
    assert found is not None
    return str(found["id"])


# The cities' days for a doubt about shared data, and what the date may be called (rules.md, the table of cities).
DOUBTS = [("yangzhou", 5, "pack"), ("lianyungang", 10, "promise"), ("dongchangfu", 10, "promise")]


@pytest.mark.requirement("YZ-25", "GY-c4")
@pytest.mark.parametrize(("city", "days", "kind"), DOUBTS)
def test_a_using_agency_s_doubt_is_settled_in_the_city_s_days_and_people_are_served_meanwhile(
    app: Any, stage: Stage, data: Dataset, with_city: Callable[[str], None], city: str, days: int, kind: str
) -> None:
    with_city(city)
    assert ask(app, stage, "signed_in", "file", id=data.id, reason="wrong", text="x", sharing=True).status_code == 409
    assert ask(app, stage, "own_agency", "file", id=data.id, reason="wrong", text="x", sharing=True).status_code == 409
    _, case = file(app, stage, data, "other_agency", sharing=True)
    row = model.Session.get(Objection, case)
    assert (row.sharing, row.by_agency) == (True, stage.agencies["weijianwei"]["id"])
    (clock,) = clocks.of(case)
    assert (clock.topic, clock.number, clock.kind) == ("sharing_doubt", days, kind)
    assert person(stage, "own_agency") in told(case, "objection_doubt")
    for visitor, address in (
        ("own_agency", f"/desk/objections/{case}"),
        ("other_agency", f"/dataset/{data.name}/object"),
    ):
        page = app.get(address, headers=stage.headers(visitor)).get_data(as_text=True)
        assert "a person who brings valid proof is served" in page, address
    citizen = app.get(f"/dataset/{data.name}/object").get_data(as_text=True)
    assert "valid proof" not in citizen
    assert step(app, stage, "other_agency", case, "accept").status_code == 403
    assert step(app, stage, "own_agency", case, "accept").status_code == 200
    assert step(app, stage, "own_agency", case, "uphold-data", reason="数据无误").status_code == 200
    assert clocks.of(case)[0].state == "met"


@pytest.mark.requirement("LYG-20", "GY-c5")
@pytest.mark.parametrize(
    ("city", "kind"), [("lianyungang", "promise"), ("yangzhou", "promise"), ("guiyang", "promise")]
)
def test_in_each_city_an_objection_reaches_the_agency_with_a_date_that_is_called_what_it_is(
    app: Any, stage: Stage, data: Dataset, with_city: Callable[[str], None], city: str, kind: str
) -> None:
    with_city(city)
    _, case = file(app, stage, data)
    (clock,) = clocks.of(case)
    assert (clock.topic, clock.kind) == ("open_objection", kind)
    assert person(stage, "own_agency") in told(case, "objection_filed")


@pytest.mark.requirement("LYG-20", "GY-c5")
def test_the_operator_passes_an_objection_on_to_the_agency_whose_data_it_is(
    app: Any, stage: Stage, data: Dataset
) -> None:
    _, case = file(app, stage, data)
    order = {"id": case, "agency": "weijianwei", "reason": "数据来自卫健委的清单"}
    assert ask(app, stage, "own_agency", "route", **order).status_code == 403
    assert ask(app, stage, "operator", "route", **{**order, "agency": "nobody"}).status_code == 409
    shown = result(app, stage, "operator", "route", **order)
    assert shown["agency"] == stage.agencies["weijianwei"]["id"]
    assert person(stage, "other_agency") in told(case, "objection_filed")
    assert step(app, stage, "own_agency", case, "accept").status_code == 403
    assert step(app, stage, "other_agency", case, "accept").status_code == 200
    assert "case-handed-over" in {entry["event"]["action"] for entry in entries()}
    assert step(app, stage, "other_agency", case, "decline", reason="已受理").status_code == 409


def merged(kept: Dataset, gone: Dataset) -> None:
    """The record that one entry was given up in favour of another."""
    stands = {"agency_id": "", "publication": "published", "tier": "unconditional"}
    row = HarvestMerge(kept_id=kept.id, gone_id=gone.id, reason="一数一源", merged_by="somebody", **stands)
    model.Session.add(row)
    model.Session.commit()


@pytest.mark.requirement("LYG-20", "GY-c5", "YZ-16")
def test_an_objection_goes_back_to_the_first_of_merged_entries_and_no_writer_s_word_leads_it_elsewhere(
    app: Any, stage: Stage, data: Dataset, ckan_config: dict[str, Any]
) -> None:
    context = {"user": "administrator", "ignore_auth": True}
    source, between, last = (own_dataset(stage, "unconditional", what) for what in ("source", "merged", "mirror"))
    call_action("package_patch", dict(context), id=source.id, owner_org=stage.agencies["weijianwei"]["id"])
    merged(source, between)
    merged(between, last)
    for dataset in (source, between, last):
        _, case = file(app, stage, dataset)
        shown = result(app, stage, "operator", "show", id=case)
        assert shown["agency"] == stage.agencies["weijianwei"]["id"], "back to the first"
        assert person(stage, "other_agency") in told(case, "objection_filed")
        assert person(stage, "own_agency") not in told(case, "objection_filed")
        assert clocks.of(case)[0].agency_id == stage.agencies["weijianwei"]["id"]
    assert shown["from_agency"], "the handlers read under whom it stands"
    assert step(app, stage, "own_agency", case, "accept").status_code == 403
    assert step(app, stage, "other_agency", case, "accept").status_code == 200
    marked = app.get(f"/api/3/action/package_show?id={last.id}").json["result"]
    assert "under_objection_since" in marked, "the mark is on what was objected to"
    merged(last, source)
    assert file(app, stage, last)[0]["number"], "entries that name each other end nowhere"
    model.Session.execute(sa.delete(HarvestMerge))
    model.Session.commit()

    said = f"{ckan_config['ckan.site_url']}/dataset/{source.name}"
    call_action("package_patch", dict(context), id=last.id, source_url=said)
    _, case = file(app, stage, last)
    shown = result(app, stage, "operator", "show", id=case)
    assert (shown["agency"], shown["source_said"]) == (stage.agencies["jiaotongju"]["id"], said), "a hint, no more"


@pytest.mark.requirement("LYG-20", "YZ-24")
def test_a_holder_acknowledges_a_correction_and_followers_hear_of_it(app: Any, stage: Stage, data: Dataset) -> None:
    address = f"/dataset/{data.id}/resource/{data.file}/download"
    assert app.get(address, headers=stage.headers("running")).status_code == 200
    followed = app.post(f"/dataset/{data.name}/following", headers=stage.headers("signed_in"), follow_redirects=False)
    assert followed.status_code == 302
    _, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    assert step(app, stage, "own_agency", case, "correct", reason="已更正", version="2026-11").status_code == 200
    assert told(case, "objection_corrected") == sorted([person(stage, "running"), person(stage, "other_member")])
    assert person(stage, "signed_in") in told(data.id, "dataset_corrected")

    api = "/api/3/action/govdata_correction_"
    for stranger in ("signed_in", "own_agency", "other_dataset"):
        assert app.post(f"{api}show", json={"id": case}, headers=stage.headers(stranger)).status_code == 404
    shown = app.post(f"{api}show", json={"id": case}, headers=stage.headers("other_member")).json["result"]
    assert (shown["reply"], shown["new_version"], shown["acknowledged_at"]) == ("已更正", "2026-11", None)
    page = app.post(f"/corrections/{case}", headers=stage.headers("running")).get_data(as_text=True)
    assert "Acknowledged" in page
    first = model.Session.scalars(sa.select(CorrectionHolder).where(CorrectionHolder.case_id == case)).one()
    assert (first.acknowledged_by, first.party_id) == (person(stage, "running"), stage.parties["running"])
    app.post(f"{api}acknowledge", json={"id": case}, headers=stage.headers("other_member"))
    said = [one for one in entries() if one["event"]["action"] == "correction-acknowledged"]
    assert [one["govdata"]["case"]["id"] for one in said].count(case) == 1, "one word of a party is enough"
    handled = result(app, stage, "own_agency", "show", id=case)
    assert (handled["told"], handled["acknowledged"]) == (1, 1)
    app.post(f"/dataset/{data.name}/following", data={"stop": "true"}, headers=stage.headers("signed_in"))
    context: Any = {"user": "signed-in"}
    assert not call_action("am_following_dataset", context, id=data.id)


@pytest.mark.requirement("YZ-24")
def test_who_follows_a_dataset_hears_of_a_change_once_a_day(app: Any, stage: Stage, data: Dataset) -> None:
    call_action("follow_dataset", {"user": "signed-in"}, id=data.id)
    followers.tell_of_changes()
    followers.tell_of_changes()
    assert told(data.id, "dataset_changed") == [person(stage, "signed_in")]
    call_action("unfollow_dataset", {"user": "signed-in"}, id=data.id)


@pytest.mark.requirement("LYG-20")
def test_words_and_keys_are_deleted_after_their_term_and_the_register_stays(
    app: Any, stage: Stage, data: Dataset
) -> None:
    made, case = file(app, stage, data)
    waiting = file(app, stage, data)[1]
    step(app, stage, "own_agency", case, "decline", reason="无法核实")
    assert purge_objections() == 0
    assert purge_objections(now() + datetime.timedelta(days=731)) >= 1
    kept = set(model.Session.scalars(sa.select(ObjectionWords.case_id)))
    assert case not in kept
    assert waiting in kept, "what is not settled is needed"
    shown = result(app, stage, "own_agency", "show", id=case)
    assert (shown["text"], shown["keys"], shown["files"], shown["purged"]) == ("", [], [], True)
    assert len(shown["commitments"]) == 1
    register = result(app, stage, "anonymous", "register", id=data.name)["results"]
    assert {one["number"]: one["reply"] for one in register}[made["number"]] == "无法核实"
    assert WORDS not in str(register)
    assert KEY not in str(register)
    assert "objection-words-purged" in {entry["event"]["action"] for entry in entries()}


def test_a_page_leads_to_all_objections_of_its_dataset(app: Any, stage: Stage, data: Dataset) -> None:
    made = [file(app, stage, data)[0]["number"] for _ in range(21)]
    assert f'href="/objections?id={data.name}"' in app.get(f"/dataset/{data.name}").get_data(as_text=True)
    pages = [app.get(f"/objections?id={data.name}&page={page}").get_data(as_text=True) for page in (1, 2)]
    assert [[number in page for number in made].count(True) for page in pages] == [20, 1]
    assert app.get("/objections?id=no-such").status_code == 404
