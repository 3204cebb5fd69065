"""What another portal withdrew: read strictly, obeyed for its own datasets alone, opened by nothing that is merely absent."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ckanext.govdata_harvest.tombstones import (
    FORMAT,
    Kept,
    Notices,
    Opened,
    Tombstone,
    UnreadableTombstones,
    decide,
    page_of,
)

MONDAY, TUESDAY = datetime.datetime(2026, 11, 23, 7), datetime.datetime(2026, 11, 24, 7)
HELD, NAMES = {"r1": "p1", "r2": "p2"}, {"tingchechang": "p3"}


def answer(**more: Any) -> bytes:
    shut = [{"id": "r1", "name": "a", "withdrawn_at": "2026-11-23T07:00:00Z", "address": None}]
    result = {"format": FORMAT, "count": 1, "results": shut, "opened": [], **more}
    return json.dumps({"success": True, "result": result}).encode()


def shut(*tombstones: Tombstone, kept: tuple[Kept, ...] = ()) -> list[str]:
    to_shut, _ = decide(Notices(tombstones), HELD, NAMES, kept)
    return [one.package_id for one in to_shut]


def proposed(notices: Notices, *kept: Kept) -> list[str]:
    _, to_propose = decide(notices, HELD, NAMES, kept)
    return [one.package_id for one in to_propose]


def test_a_page_is_read_with_its_moments_in_utc() -> None:
    page = page_of(answer(opened=[{"id": "r9", "opened_at": "2026-11-24T15:00:00+08:00"}]))
    assert page.shut == (Tombstone("r1", "a", MONDAY),)
    assert page.opened == (Opened("r9", TUESDAY),)


@pytest.mark.parametrize(
    "given",
    [
        b"<h1>502</h1>",
        b'{"success": true}',
        answer(format="govdata-tombstones/2"),
        answer(results=[{"id": 7, "withdrawn_at": "2026-11-23T07:00:00Z"}]),
        answer(results=[{"id": "r1", "withdrawn_at": "yesterday"}]),
        answer(results=[{"id": "r1", "withdrawn_at": "2026-11-23T07:00:00"}]),
        answer(results=["r1"]),
        answer(opened=None),
    ],
    ids=["page", "nothing", "format", "id", "moment", "zone", "text", "opened"],
)
def test_what_is_no_such_list_is_not_read_at_all(given: bytes) -> None:
    with pytest.raises(UnreadableTombstones):
        page_of(given)


def test_a_tombstone_counts_for_what_came_from_this_source_alone() -> None:
    assert shut(Tombstone("r1", "", MONDAY), Tombstone("foreign", "other", MONDAY)) == ["p1"]
    assert shut(Tombstone("new-id", "tingchechang", MONDAY)) == ["p3"]
    assert shut(Tombstone("new-id", "", MONDAY)) == []


def test_a_tombstone_is_obeyed_once_and_again_when_it_is_renewed() -> None:
    kept = Kept("r1", "p1", MONDAY, True, False)
    assert shut(Tombstone("r1", "", MONDAY), kept=(kept,)) == []
    assert shut(Tombstone("r1", "", TUESDAY), kept=(kept,)) == ["p1"]


def test_only_what_this_tombstone_shut_and_the_portal_names_as_opened_is_proposed() -> None:
    kept = Kept("r1", "p1", MONDAY, True, False)
    opened = Notices((), (Opened("r1", TUESDAY),))
    assert proposed(opened, kept) == ["p1"]
    assert proposed(Notices(), kept) == [], "absence from both opens nothing"
    assert proposed(Notices((), (Opened("r1", MONDAY),)), kept) == [], "opened before it was shut"
    assert proposed(Notices((Tombstone("r1", "", TUESDAY),), opened.opened), kept) == [], "shut now"
    assert proposed(opened, Kept("r1", "p1", MONDAY, False, False)) == [], "a person of ours shut it"
    assert proposed(opened, Kept("r1", "p1", MONDAY, True, True)) == [], "proposed already"
    assert proposed(opened) == []
