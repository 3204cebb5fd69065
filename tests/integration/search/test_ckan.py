"""CKAN's own actions and commands on the embedded engine."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysolr
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.db import _run_migrations
from ckan.lib import search
from ckan.lib.search import SearchError, SearchIndexError
from ckan.lib.search.common import SearchQueryError
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata_search import log
from ckanext.govdata_search.engines.filelock import FileLock
from ckanext.govdata_search.projection import projection

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.usefixtures("searching"),
]


def titles(q: str, **parameters: Any) -> set[str]:
    return {one["title"] for one in call_action("package_search", q=q, rows=50, **parameters)["results"]}


@pytest.mark.requirement("LYG-16", "LYG-18")
def test_chinese_words_find_every_title_with_them() -> None:
    wanted = {"道路交通事故统计", "公共交通线路", "交通运输企业名录"}
    for title in (*wanted, "医院床位数", "企業登記信息"):
        factories.Dataset(title=title)
    assert titles("交通") == wanted
    assert titles("医院床位") == {"医院床位数"}
    assert titles("企業") == titles("企业") == {"企業登記信息", "交通运输企业名录"}
    assert titles("交通 企业") == {"交通运输企业名录"}
    assert titles("title:交通 AND title:事故") == {"道路交通事故统计"}


def test_what_merely_comes_nearest_is_said_in_the_answer(app: Any) -> None:
    factories.Dataset(title="公共停车场名录")

    def answered(q: str) -> dict[str, Any]:
        return app.get("/api/3/action/package_search", query_string={"q": q}).json["result"]

    near = answered("食堂停车场")
    assert (near["count"], near["nearest"]) == (1, True)
    for q in ("停车场", "公共停车场", "食堂 停车场", "*:*"):
        assert "nearest" not in answered(q), q


def test_what_a_dataset_shows_comes_from_the_index_as_it_was_written() -> None:
    made = factories.Dataset(title="床位", notes="第一行\n第二行 🚌", extras=[{"key": "来源", "value": "x"}])
    kept = search.show(made["id"])
    assert json.loads(kept["validated_data_dict"])["notes"] == made["notes"]
    assert kept["metadata_modified"][:22] == made["metadata_modified"][:22]
    assert call_action("package_show", id=made["name"])["title"] == "床位"


def test_autocompletion_finds_parts_of_names_and_titles() -> None:
    factories.Dataset(name="bus-lines", title="公共交通线路")
    factories.Dataset(name="other", title="别的")
    for q in ("交通", "通线", "s-li", "bus", "BUS", "公"):
        assert [one["name"] for one in call_action("package_autocomplete", q=q)] == ["bus-lines"], q


def test_facets_count_what_a_visitor_may_see() -> None:
    agency = factories.Organization(name="jiaotongju")
    for number in range(3):
        factories.Dataset(owner_org=agency["id"], tags=[{"name": "交通"}], private=number == 0)
    asked = {"facet.field": ["organization", "tags"], "rows": 0}
    assert call_action("package_search", **asked)["facets"] == {"organization": {"jiaotongju": 2}, "tags": {"交通": 2}}
    everything = call_action("package_search", include_private=True, **asked)["facets"]
    assert everything["organization"] == {"jiaotongju": 3}


def test_a_filter_cannot_be_widened_by_what_is_written_into_it() -> None:
    agency = factories.Organization()
    factories.Dataset(owner_org=agency["id"], private=True, title="不公开")
    factories.Dataset(owner_org=agency["id"], title="公开")
    for fq in (
        "OR capacity:private",
        "*:* OR capacity:private",
        "-capacity:public OR capacity:private",
        "(capacity:private)",
    ):
        found = call_action("package_search", {"ignore_auth": False, "user": ""}, fq=fq)
        assert "不公开" not in {one["title"] for one in found["results"]}
        assert found["count"] <= 1
    with pytest.raises(SearchError):
        call_action("package_search", fq='tags:"x')


def test_a_bad_sort_is_the_callers_error_and_an_unknown_field_none() -> None:
    factories.Dataset()
    with pytest.raises(SearchQueryError):
        call_action("package_search", sort="name")
    assert call_action("package_search", sort="view_recent desc")["count"] == 1


def test_a_page_however_far_down_is_answered(app: Any) -> None:
    factories.Dataset(title="公交线路")
    for page in (100_000_000, 500_000_000, 10**30):
        assert app.get("/dataset/", query_string={"page": page}).status_code == 200, page
    for start in (2**31 - 1, 2**31, 10_000_000_000):
        found = app.get("/api/3/action/package_search", query_string={"start": start, "rows": 20}).json["result"]
        assert (found["count"], found["results"]) == (1, [])


def test_a_change_is_found_once_it_is_committed_and_never_before() -> None:
    made = factories.Dataset(title="旧的")
    before = projection().engine.position()
    dataset = model.Package.get(made["id"])
    dataset.title = "新的"
    model.Session.flush()
    search.index_for(model.Package).update_dict(
        {**made, "title": "新的", "with_custom_schema": {**made, "title": "新的"}}
    )
    assert titles("新的") == set()
    assert projection().engine.position() == before
    model.Session.commit()
    assert titles("title:新的") == titles("title:新的", fq=f"id:{made['id']}")
    assert call_action("package_search", q="title:新的")["count"] == 1


def test_a_change_that_is_rolled_back_leaves_no_trace() -> None:
    made = factories.Dataset(title="旧的")
    dataset = model.Package.get(made["id"])
    dataset.title = "新的"
    model.Session.flush()
    search.index_for(model.Package).update_dict(
        {**made, "title": "新的", "with_custom_schema": {**made, "title": "新的"}}
    )
    model.Session.rollback()
    factories.Dataset(title="另一个")
    assert call_action("package_search", q="title:新的")["count"] == 0
    assert call_action("package_search", q="title:旧的")["count"] == 1


def test_a_change_inside_a_savepoint_waits_for_the_whole_transaction(connection: Any) -> None:
    user = factories.User()
    nested = model.Session.begin_nested()
    model.Session.execute(sa.text('UPDATE "user" SET fullname = :n WHERE id = :id'), {"n": "x", "id": user["id"]})
    connection.add([{"index_id": "k", "id": "k", "site_id": "s", "title": "保存点"}], commit=True)
    nested.commit()
    assert connection.search("title:保存点").hits == 0
    model.Session.commit()
    assert connection.search("title:保存点").hits == 1


def in_the_midst_of_a_change(id_: str) -> None:
    """From now on what is written belongs to the session's transaction."""
    dataset = model.Package.get(id_)
    dataset.notes = "改过"
    model.Session.flush()


def document(key: str, title: str) -> dict[str, str]:
    return {"index_id": key, "id": key, "site_id": "s", "title": title}


def test_a_savepoint_that_is_rolled_back_takes_only_what_was_written_since(connection: Any) -> None:
    in_the_midst_of_a_change(factories.Dataset()["id"])
    connection.add([document("before", "之前写入")], commit=True)
    nested = model.Session.begin_nested()
    connection.add([document("since", "之后写入")], commit=True)
    nested.rollback()
    model.Session.commit()
    assert connection.search("title:写入", fl="id").docs == [{"id": "before"}]
    assert projection().status()["waiting"] == 0


def test_a_deletion_that_a_savepoint_took_back_can_be_done_again(connection: Any) -> None:
    in_the_midst_of_a_change(factories.Dataset()["id"])
    connection.add([document("k", "写入")], commit=True)
    nested = model.Session.begin_nested()
    connection.delete(q="+id:k", commit=True)
    nested.rollback()
    connection.delete(q="+id:k", commit=True)
    model.Session.commit()
    assert connection.search("title:写入").hits == 0


def test_a_session_that_was_closed_in_the_midst_of_a_change_holds_nothing_up(connection: Any) -> None:
    in_the_midst_of_a_change(factories.Dataset()["id"])
    connection.add([document("lost", "写入")], commit=True)
    model.Session.close()
    connection.add([document("kept", "写入")], commit=True)
    assert connection.search("title:写入", fl="id").docs == [{"id": "kept"}]


def test_rows_that_commit_in_another_order_than_they_were_written_are_all_indexed(connection: Any) -> None:
    database = log.database()
    assert database is not None
    with database.connect() as slow:
        log.append(slow, [log.Row("slow", "s", {"index_id": "slow", "id": "slow", "site_id": "s"})])
        connection.add([{"index_id": "fast", "id": "fast", "site_id": "s"}], commit=True)
        assert connection.search("site_id:s", fl="id").docs == [{"id": "fast"}]
        slow.commit()
    connection.commit()
    assert {one["id"] for one in connection.search("site_id:s", fl="id").docs} == {"fast", "slow"}


def test_the_table_keeps_one_row_a_document_and_rebuilds_the_index(connection: Any, index_path: Path) -> None:
    for number in range(5):
        connection.add([{"index_id": "k", "id": "k", "site_id": "s", "version": str(number)}], commit=True)
    database = log.database()
    assert database is not None
    with database.connect() as reading:
        assert reading.execute(sa.text("SELECT count(*) FROM govdata_search_document")).scalar() == 1
    folder = (index_path / "current").read_text()
    projection().rebuild()
    assert (index_path / "current").read_text() != folder
    assert [path.name for path in index_path.glob("v*")] == [(index_path / "current").read_text()]
    assert connection.search("*:*", fl="version").docs == [{"version": "4"}]


def test_without_commit_a_document_waits(connection: Any) -> None:
    assert connection.search("*:*").hits == 0
    connection.add([{"index_id": "k", "id": "k", "site_id": "s"}], commit=False)
    assert connection.search("id:k").hits == 0
    connection.commit()
    assert connection.search("id:k").hits == 1


def test_undeclared_fields_are_searched_and_counted_at_once(connection: Any) -> None:
    documents = [
        {"index_id": str(n), "id": str(n), "site_id": "s", "open_tier": tier, "hold_causes": ["a", "b"][: n + 1]}
        for n, tier in enumerate(("conditional", "not_open"))
    ]
    connection.add(documents, commit=True)
    assert connection.search("open_tier:not_open").hits == 1
    found = connection.search(
        "*:*", **{"facet": "true", "facet.field": ["open_tier", "hold_causes"], "facet.mincount": 1}
    )
    assert found.facets["facet_fields"] == {
        "open_tier": ["conditional", 1, "not_open", 1],
        "hold_causes": ["a", 2, "b", 1],
    }
    assert [one["id"] for one in connection.search("*:*", sort="open_tier desc").docs] == ["1", "0"]


def test_documents_of_two_sites_stay_apart(connection: Any) -> None:
    for site in ("one", "two"):
        connection.add([{"index_id": site, "id": "same", "site_id": site}], commit=True)
    connection.delete(q='+site_id:"one"', commit=True)
    assert [doc["site_id"] for doc in connection.search("id:same").docs] == ["two"]


def test_deleting_by_key_and_by_query(connection: Any) -> None:
    connection.add([{"index_id": k, "id": k, "site_id": "s", "tags": [k, "x"]} for k in "abcd"], commit=True)
    connection.delete(id="a", commit=True)
    connection.delete(id=["b"], commit=True)
    connection.delete(q="tags:c", commit=True)
    assert [one["id"] for one in connection.search("*:*").docs] == ["d"]
    connection.delete(q="*:*", commit=True)
    assert connection.search("*:*").hits == 0


@pytest.mark.ckan_config("ckan.search.remove_deleted_packages", False)
def test_deleted_and_purged_datasets_are_gone() -> None:
    one, two = factories.Dataset(), factories.Dataset()
    call_action("package_delete", id=one["id"])
    call_action("dataset_purge", {"ignore_auth": True}, id=two["id"])
    assert call_action("package_search")["count"] == 0
    assert call_action("package_search", include_deleted=True)["count"] == 1


def test_a_document_without_its_key_is_refused(connection: Any) -> None:
    with pytest.raises(pysolr.SolrError, match="index_id"):
        connection.add([{"id": "x"}], commit=True)


def test_what_only_solr_can_do_says_so(connection: Any) -> None:
    for ask in (
        lambda: connection._send_request("get", "admin/luke"),
        lambda: connection.extract(None),
        lambda: connection.search("{!func}x"),
        lambda: connection.add([{"index_id": "x"}], fieldUpdates={"a": "set"}),
    ):
        with pytest.raises(pysolr.SolrError, match="not supported"):
            ask()
    assert json.loads(connection.ping())["status"] == "OK"


def test_documents_like_one_and_terms_by_prefix(connection: Any) -> None:
    for key, title in (("a", "道路交通"), ("b", "公共交通"), ("c", "医院床位")):
        connection.add([{"index_id": key, "id": key, "site_id": "s", "title": title, "tags": [title[:2]]}], commit=True)
    assert [one["id"] for one in connection.more_like_this("id:a", "title").docs] == ["b"]
    assert connection.suggest_terms("tags", "公") == {"tags": [("公共", 1)]}


@pytest.mark.ckan_config("govdata.search.lock_seconds", 0)
def test_a_locked_index_does_not_undo_the_change_and_follows_later(index_path: Path) -> None:
    factories.Dataset(title="之前")
    lock = FileLock.acquire(index_path / "lock", 1)
    try:
        made = factories.Dataset(title="锁住时")
        assert titles("锁住时") == set()
    finally:
        lock.release()
    assert model.Package.get(made["id"]) is not None
    factories.Dataset(title="之后")
    assert titles("锁住时") == {"锁住时"}


def test_a_missing_table_is_made_and_said(
    connection: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Migrations run before this one may have configured logging anew, and with it switched loggers off.
    said = logging.getLogger(log.__name__)
    monkeypatch.setattr(said, "disabled", False)
    monkeypatch.setattr(said, "handlers", [caplog.handler])
    connection.add([{"index_id": "old", "id": "old", "site_id": "s"}], commit=True)
    database = log.database()
    assert database is not None
    with database.begin() as changing:
        changing.execute(sa.text("DROP TABLE govdata_search_document"))
    connection.add([{"index_id": "new", "id": "new", "site_id": "s"}], commit=True)
    assert "ckan db upgrade -p govdata_search" in caplog.text
    assert [one["id"] for one in connection.search("*:*").docs] == ["new"]
    with database.connect() as reading:
        assert packed_by_lz4(reading) == has_lz4(reading)


@pytest.mark.usefixtures("clean_db")
def test_an_older_portals_documents_are_packed_by_lz4_once_the_migrations_have_run() -> None:
    database = log.database()
    assert database is not None
    _run_migrations("govdata_search", "001", False)
    with database.connect() as reading:
        assert not packed_by_lz4(reading)
    _run_migrations("govdata_search")
    with database.connect() as reading:
        assert packed_by_lz4(reading) == has_lz4(reading)


def packed_by_lz4(connection: sa.Connection) -> bool:
    packing = (
        "SELECT attcompression FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attname = 'document'"
    )
    return connection.execute(sa.text(packing), {"name": "govdata_search_document"}).scalar_one() in ("l", b"l")


def has_lz4(connection: sa.Connection) -> bool:
    """Whether this server can; those before 14 cannot, nor those that were built without it."""
    known = sa.text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
    return "lz4" in (connection.execute(known).scalar() or ())


def test_a_full_disk_or_closed_folder_is_said_as_a_search_error(
    ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_index: Callable[[], None]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setitem(ckan_config, "govdata.search.index_path", str(tmp_path / "file" / "index"))
    with pytest.raises(SearchIndexError):
        make_index()


@pytest.fixture
def make_index() -> Callable[[], None]:
    def write() -> None:
        given = {"id": "x", "name": "x", "title": "x", "state": "active", "type": "dataset", "private": False}
        dates = {"metadata_created": "2026-01-01T00:00:00", "metadata_modified": "2026-01-01T00:00:00"}
        search.index_for(model.Package).update_dict({**given, **dates, "with_custom_schema": {}})

    return write
