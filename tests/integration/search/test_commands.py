"""The commands of search, ours and CKAN's own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata_search import check, from_tables, log

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.usefixtures("searching"),
]


@pytest.fixture
def cli(cli: Any, ckan_config: Any, index_path: Path, tmp_path: Path) -> Any:
    """Commands read their ini anew, so they get one with the index of this test."""
    ini = tmp_path / "commands.ini"
    ini.write_text(
        f"[DEFAULT]\n[app:main]\nuse = config:{ckan_config['__file__']}\nckan.plugins = govdata_search\n"
        f"govdata.search.engine = tantivy\ngovdata.search.index_path = {index_path}\n"
    )
    plain = cli.invoke
    cli.invoke = lambda command, given: plain(command, ["-c", str(ini), *given])
    return cli


def test_check_finds_and_mends_what_differs_both_ways(cli: Any, connection: Any, ckan_config: Any) -> None:
    kept, lost = factories.Dataset(), factories.Dataset()
    ghost = {"id": "ghost", "name": "ghost", "index_id": "g", "state": "active", "entity_type": "package"}
    connection.add([{**ghost, "site_id": ckan_config["ckan.site_id"]}], commit=True)
    connection.delete(q=f'+id:"{lost["id"]}"', commit=True)
    found = cli.invoke(ckan, ["govdata-search", "check"])
    assert found.exit_code == 1
    assert lost["id"] in found.output
    assert "ghost" in found.output
    assert kept["id"] not in found.output
    mended = cli.invoke(ckan, ["govdata-search", "check", "--mend"])
    assert mended.exit_code == 0, mended.output
    assert cli.invoke(ckan, ["govdata-search", "check"]).exit_code == 0


def test_check_names_nothing_that_is_written_while_it_reads(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, read = factories.Dataset(), from_tables.dataset_ids
    written: list[str] = []

    def read_and_write() -> Any:
        ids = list(read())
        if not written:
            written.append(factories.Dataset()["id"])
            call_action("dataset_purge", id=gone["id"])
        return ids

    monkeypatch.setattr(from_tables, "dataset_ids", read_and_write)
    assert not check.differences()
    assert written
    connection.delete(q=f'+id:"{written[0]}"', commit=True)
    assert check.differences().missing == {written[0]}


def test_rebuild_and_status(cli: Any) -> None:
    factories.Dataset()
    for command in (["rebuild"], ["rebuild", "--from-tables"]):
        done = cli.invoke(ckan, ["govdata-search", *command])
        assert "Rebuilt: 1 documents" in done.output, done.output
    status = cli.invoke(ckan, ["govdata-search", "status"])
    assert "documents: 1" in status.output
    assert "waiting: 0" in status.output


def test_ckans_own_commands_work(cli: Any) -> None:
    made = factories.Dataset()
    for command in (
        ["rebuild"],
        ["check"],
        ["show", made["name"]],
        ["list-orphans"],
        ["list-unindexed"],
        ["clear-orphans"],
    ):
        done = cli.invoke(ckan, ["search-index", *command])
        assert done.exit_code == 0, done.output
    assert call_action("package_search")["count"] == 1
    assert cli.invoke(ckan, ["search-index", "clear", made["name"]]).exit_code == 0
    assert call_action("package_search")["count"] == 0
    assert cli.invoke(ckan, ["search-index", "rebuild", "-o"]).exit_code == 0
    assert call_action("package_search")["count"] == 1
    assert cli.invoke(ckan, ["search-index", "clear"]).exit_code == 0
    assert call_action("package_search")["count"] == 0


def test_a_rebuild_from_an_empty_table_is_refused_where_ckan_has_datasets(cli: Any) -> None:
    factories.Dataset(title="公共交通")
    database = log.database()
    assert database is not None
    with database.begin() as emptying:
        emptying.execute(sa.text("DELETE FROM govdata_search_document"))
    refused = cli.invoke(ckan, ["govdata-search", "rebuild"])
    assert refused.exit_code == 1
    assert "empty although CKAN has 1 datasets; run `ckan govdata-search rebuild --from-tables`" in refused.output
    assert call_action("package_search", q="交通")["count"] == 1
    assert cli.invoke(ckan, ["govdata-search", "rebuild", "--from-tables"]).exit_code == 0
    assert cli.invoke(ckan, ["govdata-search", "rebuild"]).exit_code == 0


def test_a_rebuild_of_a_portal_without_datasets_is_none_to_refuse(cli: Any) -> None:
    assert cli.invoke(ckan, ["govdata-search", "rebuild"]).exit_code == 0


@pytest.mark.parametrize("anew", [False, True])
def test_an_index_that_was_left_half_built_is_gone_on_with_unless_it_is_to_begin_anew(
    anew: bool, cli: Any, index_path: Path
) -> None:
    factories.Dataset()
    current = index_path / (index_path / "current").read_text()
    left = index_path / f"b{current.name[1:]}"
    shutil.copytree(current, left)
    done = cli.invoke(ckan, ["govdata-search", "rebuild", *(["--anew"] if anew else [])])
    assert "Rebuilt: 1 documents" in done.output, done.output
    assert ("Documents indexed: 1 of 1" in done.output) == anew, done.output
    assert not left.exists()


def test_an_engine_that_is_not_there_is_said_to_be_a_wrong_setting(cli: Any, tmp_path: Path) -> None:
    ini = tmp_path / "commands.ini"
    ini.write_text(ini.read_text().replace("engine = tantivy", "engine = solr"))
    refused = cli.invoke(ckan, ["govdata-search", "status"])
    assert refused.exit_code == 1
    wanted = "The setting govdata.search.engine is 'solr'; it has to be one of elasticsearch, memory, tantivy"
    assert wanted in refused.output
