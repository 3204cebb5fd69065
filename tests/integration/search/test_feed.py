"""What an engine reads of the table of documents tells how many rows it has, since a whole index is written in parts of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata_search import log
from ckanext.govdata_search.engines.base import Position
from ckanext.govdata_search.errors import EngineFailure

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.usefixtures("searching"),
]

NOWHERE = Position()
END_READERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'FETCH%govdata_search_rows%'"
)


IN_GBK = sa.text(
    "SELECT format('ALTER ROLE %I IN DATABASE %I SET client_encoding = GBK', current_user, current_database())"
)


@pytest.fixture
def text_comes_as_gbk() -> Iterator[None]:
    """Connections whose role has another encoding than the database, as an administrator may have set it."""
    with model.meta.engine.begin() as connection:
        told = connection.execute(IN_GBK).scalar_one()
        connection.execute(sa.text(told))
    model.meta.engine.dispose()
    yield
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(told.replace("SET client_encoding = GBK", "RESET client_encoding")))
    model.meta.engine.dispose()


def write(*keys: str) -> None:
    with model.meta.engine.begin() as connection:
        log.append(connection, [log.Row(key, "s", {"index_id": key, "id": key, "site_id": "s"}) for key in keys])


def reached(*keys: str, after: Position = NOWHERE) -> Position:
    """Where the table stands when these have been written and numbered."""
    write(*keys)
    found = log.feed(after)
    assert found
    return found.until


@pytest.mark.parametrize(("many", "said"), [(3, 4), (100, 6)])
def test_of_many_numbers_it_counts_the_rows_and_of_few_it_gives_the_most_there_can_be(
    many: int, said: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_MANY", many)
    before = reached("before")
    reached("a", "b", "c", "d", after=before)
    write("a", "b")
    found = log.feed(before)
    assert found
    assert [change.key for change in found.changes] == ["c", "d", "a", "b"]
    assert (found.until.number - before.number, found.count) == (6, said)


def test_progress_is_told_of_the_rows_there_are() -> None:
    reached("a", "b", "c")
    write("a")
    told: list[tuple[int, int]] = []
    found = log.followed(lambda done, of: told.append((done, of)))(NOWHERE)
    assert found
    assert found.count == len(list(found.changes)) == 3
    assert told == [(3, 3)]


def test_a_database_that_goes_away_while_rows_are_read_is_told_as_a_failure_of_the_search() -> None:
    write(*(f"k{number:04d}" for number in range(1200)))
    found = log.feed(NOWHERE)
    assert found
    rows = iter(found.changes)
    assert next(rows).key == "k0000"
    with model.meta.engine.begin() as connection:
        ended = connection.execute(END_READERS).all()
    assert ended == [(True,)]
    with pytest.raises(EngineFailure, match="reading its table"):
        list(rows)
    assert len(list((log.feed(NOWHERE) or found).changes)) == 1200


@pytest.mark.usefixtures("text_comes_as_gbk")
def test_documents_are_read_alike_whatever_encoding_the_role_has() -> None:
    with model.meta.engine.begin() as connection:
        assert connection.execute(sa.text("SHOW client_encoding")).scalar() == "GBK"
        log.append(connection, [log.Row("路", "站", {"index_id": "路", "title": "公共交通"})])
    found = log.feed(NOWHERE)
    assert found
    assert [(one.key, one.site, one.document) for one in found.changes] == [
        ("路", "站", {"index_id": "路", "title": "公共交通"})
    ]
    with model.meta.engine.begin() as connection:
        assert connection.execute(sa.text("SHOW client_encoding")).scalar() == "GBK"


def test_rows_get_one_number_each_in_the_order_they_were_written_while_postgresql_takes_the_table_for_a_small_one() -> (
    None
):
    before = reached("before")
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"VACUUM ANALYZE {log.TABLE}"))
    write("d", "b", "c", "a")
    found = log.feed(before)
    assert found
    assert [change.key for change in found.changes] == ["d", "b", "c", "a"]
    assert found.until.number - before.number == 4
