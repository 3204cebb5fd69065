"""What the tests of cases share: asking a room's actions in somebody's name, a dataset of one's own, where a case stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model

from ckanext.govdata.workflow import cases
from tests.integration.access.stage import Dataset, Stage, add_dataset

Ask = Callable[..., Any]


def asking(room: str = "") -> tuple[Ask, Ask]:
    """`ask` answers as the API does, `result` what a call that has to succeed gives: both (app, stage, visitor, action, ...)."""

    def ask(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
        return app.post(f"/api/3/action/{room}{action}", json=order, headers=stage.headers(visitor))

    def result(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
        return given(ask(app, stage, visitor, action, **order))

    return ask, result


def given(answer: Any) -> Any:
    """The result of a call that has to succeed."""
    assert answer.status_code == 200, answer.json
    return answer.json["result"]


def own_dataset(stage: Stage, tier: str, word: str) -> Dataset:
    """A dataset of the stage's agency that no other test asks about."""
    return add_dataset(stage, tier, False, f"{word}-{model.types.make_uuid()[:8]}")


def feed_entry(feed: str, dataset: Dataset) -> str:
    """What an Atom feed says of one of its newest datasets, whatever it says of others."""
    (found,) = [one for one in feed.split("<entry")[1:] if dataset.id in one]
    return found


def state_of(case_id: str) -> str:
    """Where a case stands in the database now."""
    model.Session.expire_all()
    case = cases.get(case_id)
    assert case is not None
    return case.state
