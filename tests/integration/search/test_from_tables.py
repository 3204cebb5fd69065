"""Documents made in batches from the tables are those that CKAN makes one by one; what was interrupted is gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata_search import check, from_tables, log
from ckanext.govdata_search.projection import projection


def documents() -> dict[str, dict[str, Any]]:
    """The latest documents without the moment of indexing."""
    return {key: {n: v for n, v in one.items() if n != "indexed_ts"} for key, one in log.latest()}


def one_by_one() -> dict[str, dict[str, Any]]:
    # The session still holds extras in the order in which they were given, not in that of the table.
    model.Session.remove()
    search.rebuild(quiet=True)
    search.commit()
    return documents()


def in_batches(processes: int = 1) -> from_tables.Outcome:
    outcome = from_tables.make_all(processes, True, lambda _done, _total: None)
    projection().catch_up()
    return outcome


def a_catalogue_of_everything() -> None:
    """Datasets with each kind of row that belongs to one."""
    agency, other = factories.Organization(title="交通运输局"), factories.Organization(title="卫生健康委员会")
    user = factories.User()
    group = factories.Group(title="主题", users=[{"name": user["name"], "capacity": "member"}])
    vocabulary = factories.Vocabulary(name="themes")
    call_action("tag_create", name="transport", vocabulary_id=vocabulary["id"])
    resources = [
        {"url": "http://city.example/a.csv", "format": "CSV", "name": "名录", "extra": "x", "size": 3},
        {"url": "city.example/b", "description": "无协议地址"},
    ]
    first = factories.Dataset(
        title="  道路交通事故 ",
        owner_org=agency["id"],
        resources=resources,
        tags=[{"name": "交通"}, {"name": "安全"}],
        groups=[{"name": group["name"]}],
        extras=[{"key": "来源", "value": "x"}, {"key": "source_date", "value": "2024-05-06"}],
        license_id="cc-by",
    )
    second = factories.Dataset(title="医院床位数", owner_org=other["id"], private=True, license_id="unknown-licence")
    factories.Dataset(title="草稿", owner_org=agency["id"], state="draft")
    factories.Dataset(title="无部门")
    removed = factories.Dataset(title="删除的")
    call_action("package_delete", id=removed["id"])
    call_action(
        "package_relationship_create", subject=first["id"], object=second["id"], type="depends_on", comment="引用"
    )
    with_vocabulary = {"name": "transport", "vocabulary_id": vocabulary["id"]}
    call_action("package_patch", id=second["id"], tags=[with_vocabulary, {"name": "卫生"}])


@pytest.mark.ckan_config("ckan.plugins", "govdata_search")
@pytest.mark.ckan_config("govdata.search.engine", "tantivy")
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("searching")
class TestAlone:
    @pytest.mark.parametrize("processes", [1, 2])
    def test_documents_are_the_same_as_ckan_makes(self, processes: int) -> None:
        a_catalogue_of_everything()
        expected = one_by_one()
        assert len(expected) == 4
        outcome = in_batches(processes)
        assert outcome == from_tables.Outcome(made=4, removed=0, failed={})
        assert documents() == expected

    def test_documents_of_datasets_that_are_gone_are_removed(self, connection: Any, ckan_config: Any) -> None:
        factories.Dataset()
        ghost = {"id": "ghost", "name": "ghost", "index_id": "g", "state": "active", "entity_type": "package"}
        connection.add([{**ghost, "site_id": ckan_config["ckan.site_id"]}], commit=True)
        assert in_batches().removed == 1
        assert connection.search("id:ghost").hits == 0
        assert call_action("package_search")["count"] == 1

    def test_so_are_those_that_an_earlier_version_wrote(self, connection: Any, ckan_config: Any) -> None:
        factories.Dataset()
        ghost = {"id": "ghost", "index_id": "g", "entity_type": "package", "site_id": ckan_config["ckan.site_id"]}
        connection.add([ghost], commit=True)
        as_before = sa.text("UPDATE govdata_search_document SET document = :text WHERE index_id = 'g'")
        with model.meta.engine.begin() as database:
            assert database.execute(as_before, {"text": json.dumps(ghost, ensure_ascii=False)}).rowcount == 1
        assert in_batches().removed == 1
        assert connection.search("id:ghost").hits == 0

    def test_datasets_made_meanwhile_and_documents_of_other_kinds_stay(self, connection: Any, ckan_config: Any) -> None:
        factories.Dataset(title="之前")
        source = {"id": "source", "index_id": "source", "entity_type": "harvest_source", "title": "采集源"}
        connection.add([{**source, "site_id": ckan_config["ckan.site_id"]}], commit=True)
        made: list[str] = []

        def meanwhile(_done: int, _total: int) -> None:
            made.append(factories.Dataset(title="其间")["id"])

        assert from_tables.make_all(1, True, meanwhile).removed == 0
        projection().catch_up()
        assert len(made) == 2
        assert {one["id"] for one in call_action("package_search", q="title:其间")["results"]} == set(made)
        assert connection.search("id:source").hits == 1
        assert not check.differences()

    def test_mending_leaves_a_document_whose_dataset_has_come_since(self, connection: Any, ckan_config: Any) -> None:
        id_ = str(uuid4())
        ghost = {"id": id_, "index_id": from_tables.key_of(id_), "entity_type": "package", "title": "旧的"}
        connection.add([{**ghost, "site_id": ckan_config["ckan.site_id"]}], commit=True)
        found = check.differences()
        assert found.surplus == {ghost["index_id"]}
        factories.Dataset(id=id_, title="又来了")
        assert check.mend(found) == {}
        assert [one["title"] for one in call_action("package_search")["results"]] == ["又来了"]

    def test_an_interrupted_run_is_gone_on_with(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(5):
            factories.Dataset(name=f"dataset-{number}")
        monkeypatch.setattr(from_tables, "BATCH", 2)

        def interrupted(done: int, _total: int) -> None:
            if done >= 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            from_tables.make_all(1, False, interrupted)
        done: list[int] = []
        outcome = from_tables.make_all(1, False, lambda count, _total: done.append(count))
        assert done[0] == 2
        assert outcome.made == 3
        # Nothing is left to go on with, so the next run makes all of them.
        assert from_tables.make_all(1, False, lambda _done, _total: None).made == 5

    def test_one_bad_dataset_keeps_no_other_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        good, bad = factories.Dataset(title="好的"), factories.Dataset(title="坏的")
        database = log.database()
        assert database is not None
        with database.begin() as connection:
            connection.execute(sa.text("UPDATE package SET type = 'bad' WHERE id = :id"), {"id": bad["id"]})
        looked_up = from_tables.logic.index_update_package

        def failing(context: Any, id_: str, defer_commit: bool = False) -> None:
            if id_ == bad["id"]:
                raise ValueError("its plugin is broken")
            looked_up(context, id_, defer_commit)

        monkeypatch.setattr(from_tables.logic, "index_update_package", failing)
        outcome = in_batches()
        assert outcome.made == 1
        assert "its plugin is broken" in outcome.failed[bad["id"]]
        assert call_action("package_search", q="好的")["results"][0]["id"] == good["id"]

    def test_a_document_older_than_its_dataset_is_found_and_mended(self) -> None:
        made, kept = factories.Dataset(title="旧的"), factories.Dataset()
        database = log.database()
        assert database is not None
        with database.begin() as connection:
            changed = "UPDATE package SET title = '新的', metadata_modified = now() + interval '1 hour' WHERE id = :id"
            connection.execute(sa.text(changed), {"id": made["id"]})
        model.Session.expire_all()
        found = check.differences()
        assert found == check.Differences(frozenset(), frozenset({made["id"]}), frozenset())
        assert check.mend(found) == {}
        assert not check.differences()
        assert [one["id"] for one in call_action("package_search", q="title:新的")["results"]] == [made["id"]]
        assert kept["id"] not in found.stale


def test_documents_are_the_same_with_all_plugins_of_the_portal(make_entry: Callable[..., dict[str, Any]]) -> None:
    items = [{"name": "address", "title": "地址", "type": "text"}]
    make_entry(title="停车场", data_items=items, theme="transport", tags=[{"name": "停车"}])
    make_entry(title="不公开的", open_tier="not_open", open_exception="internal_affairs", open_basis="条例")
    make_entry(title="待定", open_tier="")
    expected = one_by_one()
    assert len(expected) == 3
    in_batches()
    made = documents()
    for key, document in expected.items():
        assert {n: v for n, v in made[key].items() if v != document.get(n)} == {}
    assert made == expected
