"""How many SQL statements a run takes: few for a new dataset, next to none for one that has not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from .sources import act, hand_in, make, row, through

People = dict[str, dict[str, Any]]

pytestmark = [pytest.mark.usefixtures("people"), pytest.mark.ckan_config("govdata.city", "guiyang")]


@contextmanager
def counted() -> Iterator[list[str]]:
    """All statements while this is open."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def taken_in(people: People, path: Path) -> dict[str, Any]:
    """A run from its start to its end, planned, sent and applied."""
    run = hand_in(people["decider"], path)
    if run["state"] == "planned":
        run = through(people["decider"], act("plan_send", people["decider"], id=run["id"]))
    assert run["state"] == "finished"
    return run


def test_a_new_dataset_takes_at_most_15_statements_and_an_unchanged_one_under_a_tenth(
    people: People, listed: Callable[..., Path]
) -> None:
    make(people["decider"])
    act("source_trust", people["operator"], id="stops", trusted=True)
    unchanged = []
    for size in (60, 240):
        path = listed([row(n) for n in range(size)])
        with counted() as new:
            added = taken_in(people, path)["counts"]["added"]
        assert len(new) / added <= 15
        # Another order is another file: every row is looked at, and none has changed.
        path = listed([row(n) for n in reversed(range(size))])
        with counted() as again:
            assert taken_in(people, path)["counts"]["unchanged"] == size
        unchanged.append(len(again))
        print(f"{size} rows: {len(new) / added:.2f} statements a new dataset; {len(again)} for all unchanged ones")
    # What a run asks for in any case, and what each row adds to it.
    assert unchanged[1] < 200, "a list of 2,000 rows that has not changed would take a tenth of a statement a row"
    assert (unchanged[1] - unchanged[0]) / 180 < 0.1
