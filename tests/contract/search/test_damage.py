"""A power cut, a full disk or a careless hand damages the embedded index: what is said then, and that a rebuild mends it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.engines import tantivy as tantivy_module
from ckanext.govdata_search.engines import tantivy_writing
from ckanext.govdata_search.engines.base import Change, Feed, Position
from ckanext.govdata_search.engines.filelock import FileLock
from ckanext.govdata_search.engines.tantivy import TantivyEngine
from ckanext.govdata_search.engines.tantivy_schema import VERSION
from ckanext.govdata_search.errors import BadIndexPath, EngineBusy, IndexForeign, IndexMissing, SearchEngineError
from ckanext.govdata_search.request import read_request

from .base import Table
from .city import document

MakeEngine = Callable[[], TantivyEngine]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def make_engine(root: Path) -> MakeEngine:
    return lambda: TantivyEngine(Settings("tantivy", root, 5))


@pytest.fixture
def table() -> Table:
    table = Table()
    table.put(*(document(f"n{number:02d}", "目录") for number in range(20)))
    return table


@pytest.fixture
def engine(make_engine: MakeEngine, table: Table) -> TantivyEngine:
    engine = make_engine()
    engine.catch_up(table.feed)
    return engine


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """What the engine logs; CKAN's configuration, read by tests before, may have switched its logger off."""
    monkeypatch.setattr(tantivy_module.logger, "disabled", False)
    monkeypatch.setattr(tantivy_module.logger, "handlers", [caplog.handler])
    return caplog


def count(engine: TantivyEngine) -> int:
    return engine.search(read_request("目录", {})).count


def names(engine: TantivyEngine) -> list[str]:
    found = engine.search(read_request("目录", {"rows": 100, "sort": "score desc, title asc"})).documents
    return [one["name"] for one in found]


def damage(file: Path) -> None:
    """Overwrite how a file begins; tantivy looks at its end to tell whether it is whole, and stumbles over this later."""
    exchange(file, b"\xff" * 40 + file.read_bytes()[40:])


def empty(file: Path) -> None:
    exchange(file, b"")


def cut(file: Path) -> None:
    held = file.read_bytes()
    exchange(file, held[: len(held) // 2])


def exchange(file: Path, held: bytes) -> None:
    """Put another file in its place: whoever has the one before mapped, as a thread that merges has, would end with SIGBUS."""
    fresh = file.with_name(f"{file.name}.fresh")
    fresh.write_bytes(held)
    fresh.replace(file)


@pytest.mark.parametrize("harm", [damage, cut, empty])
@pytest.mark.parametrize("ending", ["meta.json", ".managed.json", "store", "term", "idx"])
class TestDamagedFiles:
    @pytest.fixture
    def damaged(
        self, engine: TantivyEngine, root: Path, make_engine: MakeEngine, ending: str, harm: Callable[[Path], None]
    ) -> TantivyEngine:
        """What another process opens, or this one after it was started again."""
        for file in (root / (root / "current").read_text()).glob(f"*{ending}"):
            harm(file)
        return make_engine()

    def test_what_fails_names_the_folder_and_what_mends_it(
        self, damaged: TantivyEngine, root: Path, table: Table
    ) -> None:
        table.put(document("more", "目录"))
        said = []
        for ask in (damaged.position, damaged.status, lambda: names(damaged), lambda: damaged.catch_up(table.feed)):
            try:
                ask()
            except SearchEngineError as error:
                said.append(str(error))
        assert said
        for text in said:
            assert re.search(f"{root}.*run `ckan govdata-search rebuild`$", text), text

    def test_a_rebuild_mends_it(self, damaged: TantivyEngine, engine: TantivyEngine, table: Table) -> None:
        damaged.rebuild(table.feed)
        table.put(document("more", "目录"))
        engine.catch_up(table.feed)
        assert len(names(damaged)) == len(names(engine)) == 21


class TestWhatAnInterruptedRebuildLeft:
    @pytest.fixture
    def left(self, engine: TantivyEngine, root: Path, table: Table, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder of a rebuild that was interrupted after it had noted how far it was."""
        monkeypatch.setattr(tantivy_writing, "_LARGEST_PART", 5)

        def cut_off(position: Position) -> Feed | None:
            found = table.feed(position)
            return Feed(_cut(found.changes), found.until, found.count, found.from_start) if found else None

        with pytest.raises(KeyboardInterrupt):
            engine.rebuild(cut_off)
        (folder,) = root.glob(f"b{VERSION}-*")
        return folder

    def test_an_empty_note_of_its_segments_does_not_block_the_next(
        self, engine: TantivyEngine, root: Path, table: Table
    ) -> None:
        folder = root / f"b{VERSION}-deadbeef"
        folder.mkdir()
        (folder / "meta.json").touch()
        assert engine.rebuild(table.feed).number == 20
        assert (count(engine), folder.exists()) == (20, False)

    @pytest.mark.parametrize("ending", ["idx", "term", "store", "meta.json", ".managed.json"])
    def test_damaged_files_do_not_block_the_next(
        self, engine: TantivyEngine, left: Path, table: Table, ending: str
    ) -> None:
        for file in left.glob(f"*{ending}"):
            damage(file)
        assert engine.rebuild(table.feed).number == 20
        assert (count(engine), left.exists()) == (20, False)

    def test_a_folder_that_can_be_read_and_not_written_does_not_block_the_next(
        self, engine: TantivyEngine, left: Path, table: Table
    ) -> None:
        lock = left / ".tantivy-writer.lock"
        lock.unlink()
        lock.mkdir()
        assert engine.rebuild(table.feed).number == 20
        assert (count(engine), left.exists()) == (20, False)


class TestMissing:
    def test_an_index_that_was_taken_away_is_said_and_not_searched(self, engine: TantivyEngine, root: Path) -> None:
        assert count(engine) == 20
        shutil.rmtree(root)
        with pytest.raises(IndexMissing, match=f"{root}.*run `ckan govdata-search rebuild`"):
            count(engine)

    def test_catching_up_builds_it_again_and_says_so(
        self, engine: TantivyEngine, root: Path, table: Table, said: pytest.LogCaptureFixture
    ) -> None:
        shutil.rmtree(root)
        engine.catch_up(table.feed)
        assert count(engine) == 20
        assert f"no index of this version in {root}" in said.text

    def test_the_state_of_one_that_is_not_there_yet_is_told_without_making_it(
        self, make_engine: MakeEngine, root: Path
    ) -> None:
        assert make_engine().status()["documents"] == 0
        assert not root.exists()

    def test_one_that_cannot_be_made_has_no_state(self) -> None:
        with pytest.raises(BadIndexPath, match=r"/proc/idx.*govdata\.search\.index_path"):
            TantivyEngine(Settings("tantivy", Path("/proc/idx"), 5)).status()


class TestTwoSites:
    """Two sites, each with a database of its own, are given the same folder by mistake."""

    @pytest.fixture
    def others(self) -> Table:
        table = Table()
        table.name = "2/1"
        table.put(document("theirs", "目录"))
        return table

    def test_neither_searches_the_others_documents(
        self, engine: TantivyEngine, make_engine: MakeEngine, root: Path, table: Table, others: Table
    ) -> None:
        assert count(engine) == 20
        other = make_engine()
        other.rebuild(others.feed)
        with pytest.raises(IndexForeign, match=rf"{root} follows another.*its own govdata\.search\.index_path"):
            count(engine)
        engine.catch_up(table.feed)
        assert count(engine) == 20
        with pytest.raises(IndexForeign):
            count(other)

    @pytest.mark.parametrize("way", ["catch_up", "rebuild"])
    def test_who_takes_the_folder_says_so(
        self, engine: TantivyEngine, make_engine: MakeEngine, others: Table, way: str, said: pytest.LogCaptureFixture
    ) -> None:
        engine.rebuild(others.feed) if way == "rebuild" else make_engine().catch_up(others.feed)
        assert "followed another database's table" in said.text
        assert "give each site its own govdata.search.index_path" in said.text

    def test_a_rebuild_of_ones_own_says_nothing(
        self, engine: TantivyEngine, table: Table, said: pytest.LogCaptureFixture
    ) -> None:
        engine.rebuild(table.feed)
        assert said.text == ""


class TestNoFolder:
    @pytest.fixture(params=["", "below/that"])
    def engine(self, tmp_path: Path, request: pytest.FixtureRequest) -> TantivyEngine:
        """One whose index would lie in a file, or below one."""
        (tmp_path / "file").write_text("not a folder")
        return TantivyEngine(Settings("tantivy", tmp_path / "file" / request.param, 5))

    def test_whatever_is_asked_names_the_setting(self, engine: TantivyEngine, table: Table, tmp_path: Path) -> None:
        asks: tuple[Callable[[], object], ...] = (
            engine.status,
            engine.position,
            lambda: count(engine),
            lambda: engine.catch_up(table.feed),
            lambda: engine.rebuild(table.feed),
        )
        for ask in asks:
            with pytest.raises(BadIndexPath, match=rf"{tmp_path}/file.*govdata\.search\.index_path"):
                ask()


class TestLock:
    def test_where_the_folder_is_a_file_the_setting_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(BadIndexPath, match=rf"File exists.*{tmp_path}/file.*govdata\.search\.index_path"):
            FileLock.acquire(tmp_path / "file" / "lock", 0)

    def test_who_waited_for_a_file_that_was_taken_away_locks_the_one_in_its_place(self, root: Path) -> None:
        path = root / "lock"
        held = FileLock.acquire(path, 0)
        with ThreadPoolExecutor() as other:
            waiting = other.submit(FileLock.acquire, path, 10)
            time.sleep(0.2)
            shutil.rmtree(root)
            held.release()
            got = waiting.result(10)
        with pytest.raises(EngineBusy):
            FileLock.acquire(path, 0)
        got.release()


@pytest.mark.parametrize("written", [b"", b"\xff\xfe", b"v9-\0\0\0\0", b"v9-ffffffff", b"b9-1"])
class TestDamagedPointer:
    """The file that names the folder is as good as missing."""

    def test_it_is_written_anew_by_catching_up(
        self, engine: TantivyEngine, root: Path, table: Table, written: bytes
    ) -> None:
        (root / "current").write_bytes(written)
        with pytest.raises(IndexMissing):
            count(engine)
        engine.catch_up(table.feed)
        assert count(engine) == 20

    def test_it_is_written_anew_by_a_rebuild(
        self, make_engine: MakeEngine, engine: TantivyEngine, root: Path, table: Table, written: bytes
    ) -> None:
        (root / "current").write_bytes(written)
        make_engine().rebuild(table.feed)
        assert count(engine) == 20


def _cut(changes: object) -> Iterator[Change]:
    for number, change in enumerate(changes):  # type: ignore[call-overload]
        if number == 15:
            raise KeyboardInterrupt
        yield change
