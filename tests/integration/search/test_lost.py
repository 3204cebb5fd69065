"""The folder of the index is taken away, cannot be made, is no folder at all, or belongs to another site."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.lib.search import SearchError
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata_search import log
from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.engines.base import Feed, Position
from ckanext.govdata_search.engines.filelock import FileLock
from ckanext.govdata_search.engines.tantivy import TantivyEngine
from ckanext.govdata_search.errors import IndexForeign
from ckanext.govdata_search.interpret import Manner, read_filter
from ckanext.govdata_search.projection import projection

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.usefixtures("searching"),
]
UNMAKEABLE = Path("/proc/idx")
"""Where not even root can make a folder."""


def count() -> int:
    return call_action("package_search", q="目录")["count"]


@pytest.fixture
def command(cli: Any, ckan_config: Any, index_path: Path, tmp_path: Path) -> Callable[..., Any]:
    """Runs `ckan ...` with the index of this test; commands read their ini anew, so they get one of their own."""

    def run(*words: str, folder: Path = index_path) -> Any:
        ini = tmp_path / "commands.ini"
        ini.write_text(
            f"[DEFAULT]\n[app:main]\nuse = config:{ckan_config['__file__']}\nckan.plugins = govdata_search\n"
            f"govdata.search.engine = tantivy\ngovdata.search.index_path = {folder}\n"
        )
        return cli.invoke(ckan, ["-c", str(ini), *words])

    return run


class TestTakenAway:
    @pytest.fixture(autouse=True)
    def found_before(self, searching: None) -> None:
        for _number in range(2):
            factories.Dataset(title="目录")
        assert count() == 2

    def test_a_search_finds_all_after_the_folder_was_removed(self, index_path: Path) -> None:
        shutil.rmtree(index_path)
        assert count() == 2

    def test_a_search_finds_all_after_what_was_in_it_was_removed(self, index_path: Path) -> None:
        for inner in index_path.iterdir():
            shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
        assert count() == 2

    def test_a_search_finds_all_after_only_its_segments_were_removed(self, index_path: Path) -> None:
        shutil.rmtree(index_path / (index_path / "current").read_text())
        assert count() == 2

    def test_a_search_says_so_where_it_cannot_be_made_again(self, index_path: Path) -> None:
        shutil.rmtree(index_path)
        index_path.symlink_to(UNMAKEABLE)
        with pytest.raises(SearchError, match=re.escape("govdata.search.index_path")):
            count()

    def test_a_search_is_told_to_come_again_while_another_process_builds_it(
        self, app: Any, index_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.rmtree(index_path)
        held = FileLock.acquire(index_path / "lock", 0)
        monkeypatch.setitem(ckan_config, "govdata.search.lock_seconds", "1")
        try:
            answer = app.get("/api/3/action/package_search")
        finally:
            held.release()
        assert (answer.status_code, answer.json["error"]["__type"]) == (503, "Search Unavailable")
        assert app.get("/api/3/action/package_search").json["result"]["count"] == 2

    def test_a_search_finds_nothing_where_the_table_is_gone_too(self, index_path: Path) -> None:
        database = log.database()
        assert database is not None
        with database.begin() as changing:
            changing.execute(sa.text("ALTER TABLE govdata_search_document RENAME TO put_aside"))
        try:
            shutil.rmtree(index_path)
            assert count() == 0
            assert projection().keys(read_filter('name:"x"', Manner())) == []
        finally:
            with database.begin() as changing:
                changing.execute(sa.text("ALTER TABLE put_aside RENAME TO govdata_search_document"))


class TestNotMakeable:
    @pytest.mark.parametrize("words", ["status", "check", "rebuild"])
    def test_commands_name_the_setting_and_end_with_1(self, command: Callable[..., Any], words: str) -> None:
        done = command("govdata-search", words, folder=UNMAKEABLE)
        assert done.exit_code == 1, done.output
        assert "/proc/idx" in done.output
        assert "govdata.search.index_path" in done.output

    @pytest.mark.parametrize("words", [("show", "x"), ("check",)])
    def test_ckans_own_commands_name_the_setting_where_it_is_a_file(
        self, command: Callable[..., Any], tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        (tmp_path / "file").write_text("not a folder")
        factories.Dataset()
        done = command("search-index", *words, folder=tmp_path / "file")
        assert done.exit_code == 1
        assert "govdata.search.index_path" in f"{done.output} {done.exception}"
        assert not isinstance(done.exception, OSError)

    @pytest.mark.parametrize("address", ["/api/3/action/package_search", "/dataset/"])
    def test_visitors_are_not_told_where_the_index_lies_but_the_log_is(
        self,
        app: Any,
        ckan_config: Any,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        address: str,
    ) -> None:
        (tmp_path / "file").write_text("not a folder")
        monkeypatch.setitem(ckan_config, "govdata.search.index_path", str(tmp_path / "file"))
        said = logging.getLogger("ckanext.govdata_search.projection")
        monkeypatch.setattr(said, "disabled", False)
        monkeypatch.setattr(said, "handlers", [caplog.handler])
        answer = app.get(address)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert str(tmp_path) not in answer.body
        assert "index_path" not in answer.body
        assert str(tmp_path / "file") in caplog.text
        if address == "/dataset/":
            assert 'rel="stylesheet"' in answer.body


class TestAnotherTable:
    @pytest.fixture
    def other(self, index_path: Path, searching: None) -> TantivyEngine:
        """The engine of a site with another database that was given the same folder."""
        factories.Dataset(title="目录")
        assert count() == 1
        return TantivyEngine(Settings("tantivy", index_path, 5))

    @staticmethod
    def feed_of(table: str) -> Callable[[Position], Feed]:
        return lambda _position: Feed((), Position(table, 7), 0, from_start=True)

    def test_search_and_status_say_that_the_folder_is_another_sites(self, other: TantivyEngine) -> None:
        other.rebuild(self.feed_of("other/1"))
        with pytest.raises(SearchError, match="follows another database's table"):
            count()
        with pytest.raises(IndexForeign, match=r"govdata\.search\.index_path"):
            projection().status()

    def test_a_rebuild_takes_the_folder_back(self, other: TantivyEngine) -> None:
        other.rebuild(self.feed_of("other/1"))
        projection().rebuild()
        assert count() == 1
        assert projection().status()["documents"] == 1

    def test_after_a_restore_what_another_process_built_from_the_new_table_is_searched(
        self, other: TantivyEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log, "identity", lambda _connection: "restored/1")
        other.catch_up(log.feed)
        assert count() == 1
