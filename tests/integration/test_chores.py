"""Chores: what is due is queued once, and the worker's process asks by itself."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

from ckanext.govdata import chores
from ckanext.govdata.access.parties.model import Party
from ckanext.govdata.columns import now
from ckanext.govdata.installation.worker import portal_worker

NAMES = [chore.name for chore in chores.CHORES]


@pytest.fixture(autouse=True)
def nothing_queued(portal: None) -> None:
    connect_to_redis().delete(*(chore.key for chore in chores.CHORES))
    get_queue().empty()


def test_what_is_due_is_queued_once_and_again_after_its_time() -> None:
    assert chores.queue_due() == NAMES
    assert chores.queue_due() == []
    assert {"parties-purge", "uses-sum-up"} <= set(NAMES)
    assert len(get_queue()) == len(NAMES)
    redis = connect_to_redis()
    for chore in chores.CHORES:
        assert 0 < redis.ttl(chore.key) <= chore.every  # type: ignore[operator]
        redis.delete(chore.key)
    assert chores.queue_due() == NAMES


def test_what_could_not_be_queued_is_due_at_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RedisError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(chores.tk, "enqueue_job", refuse)
        assert chores.queue_due() == []
    assert chores.queue_due() == NAMES


@pytest.mark.requirement("LYG-17")
def test_the_worker_by_itself_purges_parties_whose_term_is_over() -> None:
    long_ago = now() - datetime.timedelta(days=4000)
    party = Party(kind="person", name="欧阳若兰", state="closed", created_by="x", ended_at=long_ago)
    model.Session.add(party)
    model.Session.commit()
    portal_worker().work(burst=True)
    row = model.Session.execute(sa.text("SELECT name, purged_at FROM govdata_party WHERE id = :id"), {"id": party.id})
    name, purged_at = row.one()
    assert name == "" and purged_at is not None
