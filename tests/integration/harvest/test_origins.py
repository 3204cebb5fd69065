"""Where an entry came from is the record's word: objections find their agency by it, and what leaked is forgotten in it too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.gate import is_shut
from ckanext.govdata.cases import sealing
from ckanext.govdata.cases.objections.model import Objection
from ckanext.govdata.cases.objections.routing import agency_of, source_of
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.cases.withdrawal.model import Sealed
from ckanext.govdata.workflow import cases
from tests.integration.cases.planted import everywhere, in_files, planted
from tests.integration.once import once

from .conftest import stored
from .sources import act, hand_in, make, row, through

Person = dict[str, Any]
Lists = Callable[..., Path]
TABLES = ("govdata_harvest_planned", "govdata_harvest_merge", "govdata_harvest_list", "package", "activity")
pytestmark = [
    pytest.mark.usefixtures("staff"),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]


@pytest.fixture
def staff(
    request: pytest.FixtureRequest, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Person]:
    found = once(request, "people", TABLES)
    search.clear_all()
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    return found


def taken_in(staff: dict[str, Person], path: Path, agency: str, name: str) -> dict[str, Any]:
    """A list of a trusted source, taken in whole; without an agency, it is the list of many."""
    if not any(one["name"] == name for one in act("source_list", staff["operator"])["results"]):
        make(staff["operator"], name, agency=agency)
        act("source_trust", staff["operator"], id=name, trusted=True)
    run = hand_in(staff["operator"], path, name)
    if run["state"] == "planned":
        run = through(staff["operator"], act("plan_send", staff["operator"], id=run["id"]))
    assert run["state"] == "finished", run
    return run


def entry(title: str) -> model.Package:
    return next(one for one in stored() if one.title == title)


def objected(dataset: str) -> Any:
    """The case of an objection that somebody files without signing in."""
    order = {"id": dataset, "reason": "wrong", "text": "站名不对"}
    number = tk.get_action("govdata_objection_file")({"user": ""}, order)["number"]
    found = model.Session.query(Objection).filter(Objection.number == number).one()
    return cases.get(found.case_id)


@pytest.mark.requirement("LYG-20", "GY-c5")
def test_an_objection_goes_to_the_agency_whose_list_brought_the_entry_whatever_its_writers_say(
    staff: dict[str, Person], listed: Lists, ckan_config: dict[str, Any]
) -> None:
    taken_in(staff, listed([row(1), row(2)]), "jiaotongju", "stops")
    taken_in(staff, listed([{**row(7), "资源代码": "WJ-7"}]), "weijianwei", "clinics")
    own, others = entry(row(1)["资源名称"]).id, entry(row(7)["资源名称"]).name
    said = {
        "source_url": f"{ckan_config['ckan.site_url']}/dataset/{others}",
        "list_id": "clinics",
        "list_key": "code:WJ-7",
    }
    context: Any = {"user": staff["decider"]["name"], "ignore_auth": False}
    shown = tk.get_action("package_patch")(context, {"id": own, **said})
    assert (shown["list_id"], shown["list_key"]) == ("stops", "code:JT-000001"), "its list is no writer's to say"
    case = objected(own)
    assert case.agency == staff["agency"]["id"]
    tk.get_action("package_owner_org_update")(
        {"user": "administrator", "ignore_auth": True}, {"id": own, "organization_id": "weijianwei"}
    )
    assert objected(own).agency == staff["agency"]["id"], "an entry that was put elsewhere is still from that list"


@pytest.mark.requirement("LYG-20", "YZ-16")
def test_an_objection_to_what_a_portal_s_list_names_goes_to_the_entry_that_it_names_or_to_the_agency(
    staff: dict[str, Person], listed: Lists, ckan_config: dict[str, Any]
) -> None:
    taken_in(staff, listed([{**row(11), "资源代码": "WJ-11"}]), "weijianwei", "clinics11")
    source, name = (entry(row(11)["资源名称"]).id, entry(row(11)["资源名称"]).name)
    here = f"{ckan_config['ckan.site_url']}/dataset/{name}"
    rows = [
        {"资源名称": "镜像册", "详情页网址": here, "提供单位": "交通运输局", "开放属性": "无条件开放"},
        {"资源名称": "区里的册", "资源代码": "QU-000001", "提供单位": "交通 运输局", "开放属性": "无条件开放"},
    ]
    taken_in(staff, listed(rows), "", "district")
    mirror, plain = entry("镜像册").id, entry("区里的册").id
    assert source_of(model.Session.get_one(model.Package, mirror)).id == source
    case = objected(mirror)
    assert case.agency == staff["other_agency"]["id"]
    assert cases.events(case.id)[0].facts["taken_from"] == source
    tk.get_action("package_owner_org_update")(
        {"user": "administrator", "ignore_auth": True}, {"id": plain, "organization_id": "weijianwei"}
    )
    assert objected(plain).agency == staff["agency"]["id"], "the row names the agency"


@pytest.mark.requirement("LYG-20", "YZ-16", "DCF-15")
def test_of_merged_entries_the_one_that_stayed_is_the_source(staff: dict[str, Person], listed: Lists) -> None:
    taken_in(staff, listed([row(21)]), "jiaotongju", "stops21")
    taken_in(staff, listed([{**row(21), "资源代码": "WJ-21"}]), "weijianwei", "clinics21")
    of = {one.owner_org: one.id for one in stored() if one.title == row(21)["资源名称"]}
    kept, gone = of[staff["agency"]["id"]], of[staff["other_agency"]["id"]]
    made = act("twin_merge", staff["other_publisher"], kept=kept, gone=gone, reason="一数一源")
    package = model.Session.get_one(model.Package, gone)
    assert (source_of(package).id, agency_of(package)) == (kept, staff["agency"]["id"])
    act("twin_part", staff["other_publisher"], id=made["id"])
    package = model.Session.get_one(model.Package, gone)
    assert (source_of(package).id, agency_of(package)) == (gone, staff["other_agency"]["id"])


@pytest.mark.requirement("LYG-26")
def test_what_leaked_is_in_no_list_plan_or_record_any_more_and_no_list_brings_it_back(
    staff: dict[str, Person], listed: Lists, ckan_config: dict[str, Any]
) -> None:
    word = planted()
    leaky = {**row(31), "资源名称": f"{word}册", "资源摘要": f"含{word}"}
    taken_in(staff, listed([{**row(31), "资源摘要": "旧"}, row(32)]), "jiaotongju", "leaky")
    taken_in(staff, listed([leaky, row(32)]), "jiaotongju", "leaky")
    waiting = hand_in(staff["operator"], listed([{**leaky, "关键字": "待发"}, row(32)]), "leaky")
    assert waiting["state"] == "planned"
    dataset = entry(leaky["资源名称"]).id
    folder = ckan_config["ckan.storage_path"]
    found = {"govdata_harvest_planned", "govdata_harvest_step", "govdata_harvest_job"}
    assert found <= {table.rpartition(".")[2] for table in everywhere(word)}
    assert len(in_files(word, folder)) == 2, "one list is kept, one waits"

    order = {"id": dataset, "reason": "疑似泄露", "what": "误含电话"}
    case = tk.get_action("govdata_withdraw")({"user": "administrator", "ignore_auth": True}, order)["id"]
    assert cleaning.follow(case)
    assert everywhere(word) == []
    assert in_files(word, folder) == []
    sealed = model.Session.query(Sealed).filter(Sealed.case_id == case).all()
    lists = [one for one in sealed if one.name.startswith("list")]
    assert [word in sealing.unseal(one.sealed, case).decode() for one in lists].count(True) == len(lists) - 1 == 2

    sent = through(staff["operator"], act("plan_send", staff["operator"], id=waiting["id"]))
    assert (sent["state"], sent["report"]["left_out"]) == ("finished", 1)
    again = taken_in(staff, listed([{**leaky, "关键字": "再来"}, {**row(32), "关键字": "新"}]), "jiaotongju", "leaky")
    assert (again["counts"]["unchanged"], again["counts"]["changed"]) == (1, 1), "its neighbour is taken in"
    assert "entry_shut" in json.dumps(again["report"])
    emptied = taken_in(staff, listed([row(32), *map(row, range(40, 49))]), "jiaotongju", "leaky")
    assert emptied["counts"]["withdrawn"] == 0, "the notice stays"
    assert is_shut(dataset)
    assert everywhere(word) == []
    assert in_files(word, folder) == []
