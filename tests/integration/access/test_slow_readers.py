"""Who has conditional data on its way and reads slowly, and who asks with a key: both are cut off within a second of the end."""

from __future__ import annotations

import contextlib
import datetime
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.model import Grant
from ckanext.govdata.columns import now

from .stage import PLUGINS, Dataset, Stage, add_grant, upload
from .web import A_SECOND, Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", f"{PLUGINS} govdata_login"),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.ckan_config("SESSION_TYPE", "redis"),
]
_PIECE, _PAUSE = 1 << 13, 0.05


class SlowReader(threading.Thread):
    """Reads a file at 160 KB a second, as on a poor line, until it is whole or the connection breaks off."""

    def __init__(self, base: str, address: str, headers: dict[str, str]) -> None:
        super().__init__(daemon=True)
        place = urlsplit(base)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
        self._socket.settimeout(20)
        self._socket.connect((place.hostname, place.port))
        lines = [f"GET {address} HTTP/1.1", f"Host: {place.netloc}", *(f"{key}: {headers[key]}" for key in headers)]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.got, self.ended = b"", 0.0
        self.flows = threading.Event()

    def stop(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.join(20)

    def run(self) -> None:
        try:
            while piece := self._socket.recv(_PIECE):
                self.got += piece
                self.ended = time.monotonic()
                if len(self.got) > 4 * _PIECE:
                    self.flows.set()
                time.sleep(_PAUSE)
        except OSError:
            pass
        finally:
            self._socket.close()
            self.flows.set()


@pytest.fixture
def held(stage: Stage, migrate_db_for: Callable[[str], None]) -> Iterator[tuple[Dataset, str, str]]:
    """A dataset with a large file, a grant of it under an agreement in force, and a key of that grant."""
    migrate_db_for("govdata_login")
    dataset = stage.datasets["conditional", False]
    grant = add_grant(stage, "running", dataset)
    if "slow" not in stage.kept:
        stage.kept["slow"] = upload(dataset.id, b"lot,spaces\r\n" + b"x,1\r\n" * 2_000_000, "large.csv", "large")
    person = stage.people["running"]
    assert person is not None
    order = {"user": person["name"], "name": "slow", "scopes": [f"grant:{grant}"]}
    key = tk.get_action("api_token_create")({"user": person["name"]}, order)["token"]
    yield dataset, grant, str(key)
    model.Session.rollback()
    model.Session.execute(sa.update(Grant).where(Grant.id == grant).values(state="revoked"))
    model.Session.commit()


End = Callable[[Web, Stage, Dataset, str], float]


def _done(web: Web, stage: Stage, visitor: str, action: str, **order: Any) -> float:
    answer = web.post(f"/api/3/action/{action}", json=order, headers=stage.headers(visitor))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return time.monotonic()


def _agreement(grant: str) -> str:
    return str(model.Session.scalar(sa.select(Grant.agreement).where(Grant.id == grant)))


def suspended_in_danger(web: Web, stage: Stage, dataset: Dataset, grant: str) -> float:
    """The agency suspends the agreement."""
    order = {"id": _agreement(grant), "breach": "attack", "clause": "breach", "reason": "攻击平台"}
    return _done(web, stage, "own_agency", "govdata_agreement_suspend_in_danger", **order)


def given_up(web: Web, stage: Stage, dataset: Dataset, grant: str) -> float:
    """The user withdraws from the agreement."""
    return _done(web, stage, "running", "govdata_agreement_give_up", id=_agreement(grant), reason="不再需要")


def revoked(web: Web, stage: Stage, dataset: Dataset, grant: str) -> float:
    """The authority withdraws the grant."""
    return _done(web, stage, "authority", "govdata_grant_revoke", id=grant, reason="第八条")


def expired(web: Web, stage: Stage, dataset: Dataset, grant: str) -> float:
    """The term ends by itself, in half a second."""
    end = now() + datetime.timedelta(seconds=0.5)
    model.Session.execute(sa.update(Grant).where(Grant.id == grant).values(ends_at=end))
    model.Session.commit()
    return time.monotonic() + (end - now()).total_seconds()


def reading(web: Web, stage: Stage, dataset: Dataset) -> SlowReader:
    """Somebody who has the large file on its way."""
    address = f"/dataset/{dataset.id}/resource/{stage.kept['slow']}/download"
    reader = SlowReader(web.base, address, stage.headers("running"))
    reader.start()
    assert reader.flows.wait(20)
    return reader


@pytest.mark.requirement("LYG-19", "LYG-40", "LYG-26")
@pytest.mark.parametrize(
    "end", [suspended_in_danger, *(pytest.param(end, marks=pytest.mark.long) for end in (given_up, revoked)), expired]
)
def test_a_slow_download_and_a_key_end_within_a_second_of_the_grant(
    web: Web, stage: Stage, held: tuple[Dataset, str, str], end: End
) -> None:
    dataset, grant, key = held
    reader = reading(web, stage, dataset)
    rows = f"/api/3/action/datastore_search?resource_id={dataset.file}&limit=1"
    assert web.get(rows, headers={"Authorization": key}).status_code == 200

    ended = end(web, stage, dataset, grant)
    time.sleep(max(0.0, ended - time.monotonic()))
    while (status := web.get(rows, headers={"Authorization": key}).status_code) == 200:
        assert time.monotonic() - ended < A_SECOND, "the key still reads"
    assert status in (401, 403)
    late = time.monotonic() - ended
    reader.join(60)
    assert not reader.is_alive()
    assert reader.got.startswith(b"HTTP/1.1 200"), reader.got[:200]
    print(
        f"{end.__name__}: the key's no {late:.2f} s after the end, the last byte {reader.ended - ended:.2f} s after it"
    )
    assert late < A_SECOND
    assert len(reader.got) < 5_000_000, "the file has 10 MB: what came was no whole file"
    assert reader.ended - ended < A_SECOND, "bytes still came after the end"


_LOCKS = """
    SELECT activity.application_name, activity.state, locks.locktype, locks.mode, locks.relation::regclass::text
    FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE activity.datname = current_database() AND pid <> pg_backend_pid()
    AND locks.locktype <> 'virtualxid' AND locks.mode <> 'AccessShareLock'
"""


@pytest.mark.requirement("LYG-21")
def test_while_data_is_on_its_way_it_holds_no_lock_that_anybody_waits_for(
    web: Web, stage: Stage, held: tuple[Dataset, str, str], ckan_config: dict[str, Any]
) -> None:
    dataset, grant, _ = held
    model.Session.execute(sa.update(Grant).where(Grant.id == grant).values(quota=50))
    model.Session.commit()
    reader, seen = reading(web, stage, dataset), []
    with closing(psycopg2.connect(ckan_config["sqlalchemy.url"])) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        # What is written before the first byte, such as the token's last use, may still be on its way to the disk.
        for _ in range(100):
            cursor.execute(_LOCKS)
            if not cursor.fetchall():
                break
            time.sleep(0.05)
        for _ in range(10):
            cursor.execute(_LOCKS)
            seen += cursor.fetchall()
            time.sleep(0.05)
        assert seen == []
        # Neither the day's count of the same grant nor the ledger keeps the next one waiting.
        began = time.monotonic()
        rows = f"/api/3/action/datastore_search?resource_id={dataset.file}&limit=1"
        assert web.get(rows, headers=stage.headers("running")).status_code == 200
        assert time.monotonic() - began < 10
    assert reader.is_alive(), "the transfer was on its way all the while"
    reader.stop()
