"""kill -9 at each step of a withdrawal: it has happened whole or not at all, and whoever comes next brings it to its end.

The killed process is a real one, killed in the middle of its statements. Holders hear of it once in the portal, and by mail
from a real mail server that takes half of what it is given.
"""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.access.gate import is_shut
from ckanext.govdata.access.model import Grant, Shutting
from ckanext.govdata.cases import sealing
from ckanext.govdata.cases.objections.followers import tell_of_changes
from ckanext.govdata.cases.withdrawal import withdrawing
from ckanext.govdata.cases.withdrawal.carried import aside_of
from ckanext.govdata.cases.withdrawal.model import Holder, Sealed, Withdrawal
from ckanext.govdata.ledger import journal
from ckanext.govdata.ledger.journal import Data, Mode, Visitor
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.stored import path_of
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset, add_grant
from tests.integration.notices.conftest import Server, mail

from .planted import everywhere, planted

__all__ = ("mail",)
pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.requirement("LYG-26"),
    pytest.mark.timeout(3600),
]
FULL = bool(os.environ.get("GOVDATA_TEST_ALL"))
KILLED = signal.SIGKILL.value


class Worker:
    """A process of the portal that does what it is told and can be killed on the way."""

    def __init__(self, ini: Path) -> None:
        command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(ini)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def does(self, what: str, on: str, dies_at: int = 0) -> bool:
        """Whether it lived to the end of it; a failure of its own is none of the two."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what} {dies_at} {on}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("gone"):
                status = int(line.split()[1])
                assert status in (0, KILLED), f"{what} failed with {status}"
                model.Session.rollback()
                return status == 0
        raise AssertionError("the process ended")


@pytest.fixture
def worker(
    stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: Server
) -> Iterator[Worker]:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    ini = tmp_path / "killed.ini"
    own = ("ckan.storage_path", "govdata.search.index_path", "govdata.tracing.key", "smtp.server", "smtp.mail_from")
    lines = "".join(f"{key} = {ckan_config[key]}\n" for key in own)
    ini.write_text(f"[app:main]\nuse = config:{ckan_config['__file__']}\nckan.plugins = {PLUGINS}\n{lines}", "utf-8")
    found = Worker(ini)
    yield found
    found.process.kill()
    found.process.wait()


@pytest.fixture
def make_leaky(stage: Stage) -> Callable[[str], Dataset]:
    def make(word: str) -> Dataset:
        found = add_dataset(stage, "conditional", False, f"killed-{model.types.make_uuid()[:8]}")
        context: Any = {"user": "administrator", "ignore_auth": True}
        call_action(
            "package_patch", context, id=found.id, title=f"{word}名录", notes=f"含{word}", tag_string=f"{word}tag"
        )
        call_action("follow_dataset", {"user": "signed-in"}, id=found.id)
        tell_of_changes()
        path_of(model.Resource.get(found.file)).write_bytes(f"停车场,电话\r\n{word},1\r\n".encode())
        call_action(
            "datastore_upsert", context, resource_id=found.file, method="insert", force=True,
            records=[{"停车场": word}],
        )  # fmt: skip
        add_grant(stage, "running", found)
        takes(found, [Visitor(stage.people["running"]["id"], stage.parties["running"])])
        return found

    return make


def takes(dataset: Dataset, visitors: list[Visitor]) -> None:
    """Deliveries in the ledger, as the gate writes them."""
    for visitor in visitors:
        journal.delivery(Data(dataset.id, "conditional", Mode.DOWNLOAD, None, dataset.file, "v1"), visitor)


def grants_of(dataset: Dataset) -> set[str]:
    return set(model.Session.scalars(sa.select(Grant.state).where(Grant.package_id == dataset.id)))


def assert_nothing_happened(dataset: Dataset) -> None:
    assert not is_shut(dataset.id)
    assert grants_of(dataset) == {"running"}
    assert withdrawing.open_case_of(dataset.id) is None
    for row in (Withdrawal, Shutting):
        assert model.Session.scalars(sa.select(row).where(row.package_id == dataset.id)).first() is None
    assert path_of(model.Resource.get(dataset.file)).stat().st_size > 0


def assert_shut(dataset: Dataset) -> Withdrawal:
    row = model.Session.scalars(sa.select(Withdrawal).where(Withdrawal.package_id == dataset.id)).one()
    assert is_shut(dataset.id)
    assert grants_of(dataset) == {"suspended"}
    return row


def told(case: str) -> collections.Counter[str]:
    return collections.Counter(model.Session.scalars(sa.select(Notice.user_id).where(Notice.about == case)))


def assert_whole(dataset: Dataset, word: str) -> None:
    row = assert_shut(dataset)
    assert row.finished_at is not None
    path = path_of(model.Resource.get(dataset.file))
    assert not path.exists()
    assert not aside_of(path).exists()
    pieces = list(model.Session.scalars(sa.select(Sealed).where(Sealed.case_id == row.case_id)))
    assert len({one.name for one in pieces}) == len(pieces), "each piece is sealed once"
    assert {one.kind for one in pieces} == {"file", "rows", "metadata", "activities"}
    for one in pieces:
        text = sealing.unseal(one.sealed, row.case_id).decode()
        assert one.kind == "activities" or word in text, one.name
    assert set(told(row.case_id).values()) == {1}, "whoever has it is told, and nobody twice"
    assert len(list(model.Session.scalars(sa.select(Holder).where(Holder.case_id == row.case_id)))) == 1


def killed_on_the_way(worker: Worker, dataset: Dataset, step: int, first: int) -> list[str]:
    """Kill it again and again, each time a few statements later; answers in which phase each kill was."""
    kills: list[str] = []
    at = first
    while not worker.does("withdraw", dataset.id, at):
        if is_shut(dataset.id):
            kills.append("after")
            break
        kills.append("before")
        assert_nothing_happened(dataset)
        at += step
    assert_shut(dataset)
    at = first
    while not worker.does("follow", "-", at):
        kills.append("after")
        assert_shut(dataset)
        at += step
    return kills


def test_a_withdrawal_that_is_killed_has_happened_whole_or_not_at_all(
    worker: Worker, make_leaky: Callable[[str], Dataset]
) -> None:
    kills: list[str] = []
    wanted, step = (50, 3) if FULL else (8, 14)
    rounds = 0
    while len(kills) < wanted:
        word = planted()
        dataset = make_leaky(word)
        kills += killed_on_the_way(worker, dataset, step, first=2 + rounds)
        assert_whole(dataset, word)
        assert everywhere(word) == []
        rounds += 1
    print(f"{len(kills)} kills in {rounds} withdrawals: {dict(collections.Counter(kills))}")
    assert {"before", "after"} == set(kills)


def people(count: int, mark: str) -> list[str]:
    """So many accounts with an address each."""
    users = [model.User(name=f"h{mark}{one}", email=f"h{one}@{mark}.example") for one in range(count)]
    model.Session.add_all(users)
    model.Session.commit()
    return [user.id for user in users]


@pytest.mark.parametrize("count", [30, pytest.param(1000, marks=pytest.mark.long)])
def test_each_holder_has_one_notice_and_mail_at_least_once_under_one_id(
    worker: Worker, make_leaky: Callable[[str], Dataset], mail: Server, count: int
) -> None:
    dataset, mark = make_leaky(planted()), f"m{model.types.make_uuid()[:8]}"
    holders = people(count, mark)
    takes(dataset, [Visitor(user) for user in holders])
    kills, at = 0, 40
    while not worker.does("withdraw", dataset.id, at) and not is_shut(dataset.id):
        kills, at = kills + 1, at + 5 * count
    while not worker.does("follow", "-", at):
        kills, at = kills + 1, at + 5 * count
    row = assert_shut(dataset)
    found = told(row.case_id)
    assert {user: found[user] for user in holders} == dict.fromkeys(holders, 1)

    mail.refuses, sending_kills, at = 0.5, 0, 60
    while not worker.does("send", "-", at):
        sending_kills, at = sending_kills + 1, at + 60 + 2 * count
    own = [message for message in mail.taken if str(message["To"]).endswith(f"@{mark}.example")]
    ids: dict[str, set[str]] = collections.defaultdict(set)
    for message in own:
        ids[str(message["To"])].add(str(message["Message-ID"]))
    print(f"{count} holders: {kills} and {sending_kills} kills, {len(own)} mails taken")
    assert len(ids) == count, "each holder's mail was taken"
    assert all(len(one) == 1 for one in ids.values()), "under one Message-ID"
    assert len(own) - count <= sending_kills, "repeated only where its acceptance was not learnt"
