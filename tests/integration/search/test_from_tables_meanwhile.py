"""What others change while documents are made from the tables is never undone by them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib.search import clear_all
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata_search import check, from_tables, in_order, log
from ckanext.govdata_search.projection import projection

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("searching"),
]


def appears(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not appear"
        time.sleep(0.02)


class Pause:
    """Holds each batch between reading and writing, in whichever process, until others have done what they do meanwhile."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._writing = in_order.write
        monkeypatch.setattr(in_order, "write", self._held)

    def _held(self, database: sa.Engine, rows: list[log.Row], since: int) -> bool:
        for row in rows:
            (self._folder / str(row.key)).touch()
        appears(self._folder / "go")
        return self._writing(database, rows, since)

    @contextmanager
    def used_for(self, work: Callable[[], None], ids: list[str], app: Any) -> Iterator[None]:
        """Once the datasets have been read, another thread, with a session of its own, does the work."""
        problems: list[BaseException] = []

        def meanwhile() -> None:
            try:
                for id_ in ids:
                    appears(self._folder / from_tables.key_of(id_))
                with app.flask_app.test_request_context():
                    work()
            except BaseException as problem:  # noqa: BLE001
                problems.append(problem)
            finally:
                model.Session.remove()
                (self._folder / "go").touch()

        thread = threading.Thread(target=meanwhile)
        thread.start()
        yield
        thread.join()
        assert problems == []


@pytest.fixture
def pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pause:
    folder = tmp_path / "pause"
    folder.mkdir()
    return Pause(folder, monkeypatch)


def anonymously_found() -> set[str]:
    found = call_action("package_search", {"ignore_auth": False, "user": ""}, rows=50)
    return {one["title"] for one in found["results"]}


@contextmanager
def hiding(id_: str) -> Iterator[sa.Connection]:
    """A transaction that has made a dataset private, its document included, and is not committed yet."""
    database = log.database()
    assert database is not None
    key = from_tables.key_of(id_)
    document = {**dict(log.latest())[key], "capacity": "private", "permission_labels": ["nobody"]}
    with database.connect() as connection:
        connection.execute(sa.text("UPDATE package SET private = true WHERE id = :id"), {"id": id_})
        log.append(connection, [log.Row(key, document["site_id"], document)])
        yield connection


@pytest.mark.parametrize("processes", [1, 2])
def test_what_others_change_between_reading_and_writing_stays(
    processes: int, pause: Pause, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_tables, "BATCH", 6 // processes)
    agency = factories.Organization()["id"]
    titles = ("原样", "转为不公开", "清除", "删除", "先写后提交", "最后提交")
    ids = [factories.Dataset(owner_org=agency, title=title)["id"] for title in titles]
    _kept, hidden, purged, deleted, within, last = ids
    with hiding(within) as within_the_pause, hiding(last) as after_the_end:

        def others() -> None:
            call_action("package_patch", id=hidden, private=True)
            call_action("dataset_purge", id=purged)
            call_action("package_delete", id=deleted)
            factories.Dataset(owner_org=agency, title="新建")
            within_the_pause.commit()

        model.Session.remove()
        with pause.used_for(others, ids, app):
            outcome = from_tables.make_all(processes, True, lambda _done, _total: None)
        after_the_end.commit()
    assert outcome.failed == {}
    assert not check.differences()
    assert anonymously_found() == {"原样", "新建"}
    assert call_action("package_search", include_private=True)["count"] == 5


def test_what_is_cleared_between_reading_and_writing_is_read_again(pause: Pause, app: Any) -> None:
    kept, purged = factories.Dataset(title="原样"), factories.Dataset(title="清除")

    def others() -> None:
        call_action("dataset_purge", id=purged["id"])
        clear_all()

    ids = [kept["id"], purged["id"]]
    with pause.used_for(others, ids, app):
        assert from_tables.make_batch(ids) == (1, {})
    assert not check.differences()
    assert anonymously_found() == {"原样"}


def test_what_was_written_before_the_batch_and_is_committed_after_it_stays() -> None:
    made = factories.Dataset(title="转为不公开")
    model.Session.remove()
    with hiding(made["id"]) as others:
        assert from_tables.make_batch([made["id"]]) == (1, {})
        others.commit()
    projection().catch_up()
    assert anonymously_found() == set()


def test_mending_does_not_undo_what_others_change(pause: Pause, app: Any, connection: Any) -> None:
    made = factories.Dataset(title="转为不公开", owner_org=factories.Organization()["id"])
    connection.delete(q=f'+id:"{made["id"]}"', commit=True)
    found = check.differences()
    assert found.missing == {made["id"]}
    with pause.used_for(lambda: call_action("package_patch", id=made["id"], private=True), [made["id"]], app):
        assert check.mend(found) == {}
    assert not check.differences()
    assert anonymously_found() == set()


def test_a_batch_is_read_as_the_tables_are_now_not_as_the_session_remembers() -> None:
    made = factories.Dataset(title="旧的")
    database = log.database()
    assert database is not None
    remembered = model.Package.get(made["id"])
    assert remembered is not None and remembered.title == "旧的"
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE package SET title = '新的' WHERE id = :id"), {"id": made["id"]})
    from_tables.make_batch([made["id"]])
    projection().catch_up()
    assert anonymously_found() == {"新的"}


def test_organizations_and_groups_that_were_renamed_have_their_new_names_in_the_next_batch() -> None:
    agency, group = factories.Organization(title="旧部门"), factories.Group(title="旧主题")
    made = factories.Dataset(owner_org=agency["id"], groups=[{"name": group["name"]}])
    from_tables.make_batch([made["id"]])
    call_action("organization_patch", id=agency["id"], title="新部门")
    call_action("group_patch", id=group["id"], title="新主题")
    from_tables.make_batch([made["id"]])
    ((_key, document),) = log.latest()
    shown = json.loads(document["validated_data_dict"])
    assert (shown["organization"]["title"], shown["groups"][0]["title"]) == ("新部门", "新主题")


def test_a_dataset_that_is_purged_while_its_document_is_made_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    made = factories.Dataset()
    database = log.database()
    assert database is not None

    def purged(_context: Any, id_: str, defer_commit: bool = False) -> None:
        with database.begin() as connection:
            connection.execute(sa.text("DELETE FROM package WHERE id = :id"), {"id": id_})
        raise logic.NotFound

    monkeypatch.setattr(from_tables.logic, "index_update_package", purged)
    assert from_tables.make_batch([made["id"]]) == (0, {})
