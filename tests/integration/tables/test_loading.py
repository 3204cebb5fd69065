"""Files of open datasets become tables, and only those; through CKAN's own upload, DataStore and jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.lib import jobs
from ckan.plugins import toolkit as tk

from ckanext.govdata.tables.loader import Outcome, load_table
from ckanext.govdata.tables.state import state_of
from ckanext.govdata.tables.status import known_resources, report
from ckanext.govdata.tables.store import tables_in_store

pytestmark = [
    pytest.mark.ckan_config(
        "ckan.plugins", "activity datastore scheming_datasets govdata govdata_search text_view datatables_view"
    ),
    pytest.mark.usefixtures("portal"),
]
Make = Callable[..., dict[str, Any]]
OWN: Any = {"ignore_auth": True, "user": "administrator"}
LOTS = "停车场编号,名称,泊位数,首小时收费,核验日期\r\n0001,望舒停车场,120,4.50,2026-11-01\r\n0002,云帆停车场,,3,2026-11-02\r\n"


@pytest.fixture(autouse=True)
def quiet_queue(portal: None) -> None:
    jobs.get_queue().empty()


@pytest.fixture
def upload(create_with_upload: Any) -> Callable[..., dict[str, Any]]:
    def put(entry: dict[str, Any], content: bytes | str = LOTS, name: str = "lots.csv", **more: Any) -> dict[str, Any]:
        kind = name.rsplit(".", 1)[-1].upper()
        data = content.encode() if isinstance(content, str) else content
        return dict(create_with_upload(data, name, context=OWN, package_id=entry["id"], format=kind, **more))

    return put


def rows(resource_id: str) -> list[dict[str, Any]]:
    found = tk.get_action("datastore_search")({"ignore_auth": True}, {"resource_id": resource_id, "sort": "_id"})
    return [{key: value for key, value in row.items() if key != "_id"} for row in found["records"]]


def types(resource_id: str) -> dict[str, str]:
    found = tk.get_action("datastore_search")({"ignore_auth": True}, {"resource_id": resource_id, "limit": 0})
    return {field["id"]: field["type"] for field in found["fields"] if field["id"] != "_id"}


def queued() -> list[str]:
    return [job.args[0] for job in jobs.get_queue().jobs]


@pytest.mark.requirement("LYG-18", "YZ-8")
def test_an_open_file_becomes_a_table_with_its_view(make_entry: Make, upload: Any) -> None:
    resource = upload(make_entry(), LOTS.encode("gb18030"))
    assert load_table(resource["id"]) is Outcome.LOADED
    assert rows(resource["id"])[1] == {
        "停车场编号": "0002", "名称": "云帆停车场", "泊位数": None, "首小时收费": 3, "核验日期": "2026-11-02",
    }  # fmt: skip
    assert types(resource["id"]) == {
        "停车场编号": "text", "名称": "text", "泊位数": "int4", "首小时收费": "numeric", "核验日期": "date",
    }  # fmt: skip
    shown = tk.get_action("package_show")({}, {"id": resource["package_id"]})["resources"][0]
    assert shown["datastore_active"] is True
    views = tk.get_action("resource_view_list")({"ignore_auth": True}, {"id": resource["id"]})
    assert [view["view_type"] for view in views] == ["datatables_view"]


def test_loading_does_not_touch_the_dataset_and_twice_is_once(make_entry: Make, upload: Any) -> None:
    resource = upload(make_entry())
    before = tk.get_action("package_show")({}, {"id": resource["package_id"]})["metadata_modified"]
    assert load_table(resource["id"]) is Outcome.LOADED
    assert load_table(resource["id"]) is Outcome.UNCHANGED
    assert tk.get_action("package_show")({}, {"id": resource["package_id"]})["metadata_modified"] == before
    views = tk.get_action("resource_view_list")({"ignore_auth": True}, {"id": resource["id"]})
    assert len(views) == 1


def test_another_file_takes_the_place_of_the_rows_with_other_columns_too(
    make_entry: Make, upload: Any, create_with_upload: Any
) -> None:
    resource = upload(make_entry())
    load_table(resource["id"])
    for content in (LOTS.replace("120", "121"), "甲,乙\n1,一\n"):
        create_with_upload(
            content.encode(), "lots.csv", context=OWN, action="resource_patch", id=resource["id"], format="CSV"
        )
        assert load_table(resource["id"]) is Outcome.LOADED
    assert rows(resource["id"]) == [{"甲": 1, "乙": "一"}]


@pytest.mark.requirement("LYG-10", "LYG-21")
@pytest.mark.parametrize(
    "fields",
    [
        {"open_tier": "not_open", "open_basis": "某条例", "open_exception": "public_security"},
        {"open_tier": ""},
        {"open_tier": "unconditional", "sharing_tier": "not_shared"},
        {"open_tier": "unconditional", "private": True},
    ],
    ids=["not open", "held: no tier", "held: conflict", "draft"],
)
def test_rows_of_anything_but_published_open_data_never_get_there(
    fields: dict[str, Any], make_entry: Make, upload: Any
) -> None:
    resource = upload(make_entry(**fields))
    assert load_table(resource["id"]) is Outcome.NOT_WANTED
    assert resource["id"] not in tables_in_store()
    assert resource["id"] not in known_resources()


@pytest.mark.requirement("LYG-10", "YZ-8")
def test_rows_of_conditional_data_are_there_for_its_agency_and_not_for_a_stranger(
    make_entry: Make, upload: Any, people: dict[str, dict[str, Any]]
) -> None:
    resource = upload(make_entry(open_tier="conditional"))
    assert load_table(resource["id"]) is Outcome.LOADED
    order = {"resource_id": resource["id"]}
    assert tk.get_action("datastore_search")({"user": people["publisher"]["name"]}, dict(order))["records"]
    for stranger in ("data_user", "operator", "administrator"):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("datastore_search")({"user": people[stranger]["name"]}, dict(order))


@pytest.mark.requirement("LYG-26")
def test_rows_go_when_the_dataset_gets_a_stricter_tier(make_entry: Make, upload: Any) -> None:
    resource = upload(make_entry())
    load_table(resource["id"])
    jobs.get_queue().empty()
    change = {"id": resource["package_id"], "open_tier": "not_open", "tier_change_reason": "安全要求提高"}
    more = {"open_basis": "某条例", "open_exception": "public_security"}
    tk.get_action("package_patch")({**OWN}, {**change, **more})
    assert queued() == [resource["id"]]
    assert load_table(resource["id"]) is Outcome.DROPPED
    assert resource["id"] not in tables_in_store()
    assert not model.Resource.get(resource["id"]).extras.get("datastore_active")


def test_a_changed_dataset_queues_nothing_while_its_tables_are_right(make_entry: Make, upload: Any) -> None:
    resource = upload(make_entry())
    load_table(resource["id"])
    jobs.get_queue().empty()
    tk.get_action("package_patch")({**OWN}, {"id": resource["package_id"], "notes": "新的摘要"})
    assert queued() == []


def test_the_worker_loads_what_was_uploaded(make_entry: Make, upload: Any) -> None:
    resource = upload(make_entry())
    assert resource["id"] in queued()
    jobs.Worker().work(burst=True)
    assert len(rows(resource["id"])) == 2


def test_a_bad_file_leaves_a_reason_that_can_be_read(
    make_entry: Make, upload: Any, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.tables.max_rows", 1)
    entry = make_entry()
    long, page = upload(entry), upload(entry, "<!doctype html><p>404", "page.csv")
    assert [load_table(resource["id"]) for resource in (long, page)] == [Outcome.FAILED, Outcome.FAILED]
    state = state_of(long["id"])
    assert state and "2 rows" in state.message()
    lines = "\n".join(report())
    assert "more than the 1" in lines and "web page" in lines


def test_names_that_mean_something_to_sql_are_only_names(make_entry: Make, upload: Any) -> None:
    nasty = 'a%b,"c:d","x\'); drop table package; --"\n1,2,3\n'
    resource = upload(make_entry(), nasty)
    assert load_table(resource["id"]) is Outcome.LOADED
    assert list(rows(resource["id"])[0].values()) == [1, 2, 3]
