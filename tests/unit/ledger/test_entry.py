"""Entries: canonical bytes, ECS names, and persons only as salted commitments."""

from __future__ import annotations

import datetime
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.govdata.ledger.entry import PERSONAL_FIELDS, PersonalValue, compose, opens, read, time_ordered_id
from ckanext.govdata.ledger.errors import EntryError

AT = datetime.datetime(2026, 5, 1, 8, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def test_an_entry_has_one_spelling_with_ecs_names() -> None:
    entry = compose("dataset-download", fields={"govdata.dataset.id": "d-1", "http.response.bytes": 12}, at=AT)
    document = read(entry.canonical)
    assert entry.canonical == json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert document["@timestamp"] == "2026-05-01T00:00:00.000000Z"
    assert document["event"] == {
        "action": "dataset-download",
        "id": str(entry.id),
        "kind": "event",
        "outcome": "success",
    }
    assert document["govdata"] == {"dataset": {"id": "d-1"}}


@pytest.mark.requirement("LYG-21")
@given(st.text(min_size=1), st.sampled_from(sorted(PERSONAL_FIELDS)))
def test_a_personal_value_is_committed_to_and_not_written(value: str, field: str) -> None:
    try:
        entry = compose("dataset-download", personal={field: "person " + value})
    except UnicodeEncodeError:
        return
    (kept,) = entry.personal
    document = read(entry.canonical)
    assert "person " + value not in entry.canonical.decode()
    assert opens(document, kept)
    assert not opens(document, PersonalValue(field, "person " + value + "x", kept.salt))
    assert not opens(document, PersonalValue(field, kept.value, bytes(32)))


def test_the_same_value_never_gives_the_same_commitment_twice() -> None:
    one, two = (compose("dataset-download", personal={"source.ip": "192.0.2.1"}) for _ in range(2))
    assert one.personal[0].commitment != two.personal[0].commitment


@pytest.mark.parametrize("field", sorted(PERSONAL_FIELDS))
def test_a_person_in_the_clear_is_refused(field: str) -> None:
    with pytest.raises(EntryError, match="points at a person"):
        compose("dataset-download", fields={field: "王芳"})


def test_a_reason_is_a_code_and_words_are_refused() -> None:
    compose("dataset-download", fields={"event.reason": "agreement_required"})
    for words in ("王芳举报", "Wang Fang", "wang fang", ""):
        with pytest.raises(EntryError, match="takes a code"):
            compose("dataset-download", fields={"event.reason": words})


@pytest.mark.parametrize(
    "fields",
    [
        {"event.id": "mine"},
        {"plain": 1},
        {"Event.reason": "x"},
        {"govdata.commitments.source": "x"},
        {"a.b": 1, "a.b.c": 2},
        {"a.b.c": 2, "a.b": 1},
        {"govdata.rows": 2**53},
        {"govdata.rows": float("nan")},
        {"govdata.text": ["x"] * 20_000},
        {"govdata.bytes": b"x"},
    ],
)
def test_a_field_that_no_entry_takes_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(EntryError):
        compose("dataset-download", fields=fields)


@pytest.mark.parametrize(
    ("action", "outcome"), [("Download", "success"), ("", "success"), ("a", "done"), ("a-", "success")]
)
def test_a_malformed_action_is_refused(action: str, outcome: str) -> None:
    with pytest.raises(EntryError):
        compose(action, outcome)


def test_ids_are_version_7_and_sort_by_time() -> None:
    ids = [time_ordered_id() for _ in range(50)]
    assert {(found.version, found.variant) for found in ids} == {(7, uuid.RFC_4122)}
    assert [found.int >> 80 for found in ids] == sorted(found.int >> 80 for found in ids)
    assert len(set(ids)) == 50
