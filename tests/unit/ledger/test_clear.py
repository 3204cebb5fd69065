"""No words in the clear: whatever room composes an entry, of whatever kind, what somebody wrote is only committed to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ckanext.govdata
from ckanext.govdata.ledger.clear import apart, is_clear
from ckanext.govdata.ledger.entry import compose, opens, read
from ckanext.govdata.ledger.errors import EntryError

pytestmark = pytest.mark.requirement("LYG-21")
ROOMS = Path(ckanext.govdata.__file__).parent
WORDS = (
    "王芳，电话 13812345678",
    "欧阳若兰",
    "wang fang",
    "wangfang@example.cn",
    "13812345678",
    "320102199001011234",
    "11010119900307123X",
)
CODES = (
    "unconditional",
    "agreement_required",
    "0196a3f0-0000-7000-8000-0123456789ab",
    "ab" * 32,
    "2026-11-28T07:00:00.123456Z",
    "HT-2026-0001",
    "data.example.cn/ledger+c1ab+Aa==",
    "7.2",
    "",
)


@pytest.mark.parametrize("text", WORDS)
def test_words_and_peoples_numbers_are_not_clear(text: str) -> None:
    assert not is_clear(text)


@pytest.mark.parametrize("text", CODES)
def test_codes_ids_digests_and_moments_are(text: str) -> None:
    assert is_clear(text)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(
    "value",
    [
        "{}",
        ["code", "{}"],
        {"breach": "misuse", "note": "{}"},
        {"a": {"b": ["{}"]}},
        {"{}": 1},
        [{"who": "{}", "code": "x"}],
        ("{}",),
    ],
    ids=str,
)
def test_wherever_words_stand_in_a_field_they_are_committed_to(value: Any, words: str) -> None:
    filled = json.loads(json.dumps(value).replace("{}", words))
    entry = compose("case-decided", fields={"govdata.case.facts": filled, "govdata.case.n": 3})
    document = read(entry.canonical)
    assert words not in json.dumps(document, ensure_ascii=False)
    assert any(words in kept.value for kept in entry.personal)
    assert all(opens(document, kept) for kept in entry.personal)
    assert document["govdata"]["case"]["n"] == 3


def test_codes_beside_words_stay_where_they_are() -> None:
    entry = compose(
        "case-decided", fields={"govdata.case.facts": {"breach": "misuse", "note": "王芳", "in": {"n": 1, "w": "王芳"}}}
    )
    document = read(entry.canonical)["govdata"]
    assert document["case"] == {"facts": {"breach": "misuse", "in": {"n": 1}}}
    assert set(document["commitments"]) == {"govdata.case.facts.note", "govdata.case.facts.in.w"}


_LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8"), max_size=8)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, one in value.items() for text in (key, *texts(one))]
    return [text for one in value for text in texts(one)] if isinstance(value, (list, tuple)) else []


@given(_VALUES)
def test_whatever_is_left_in_the_clear_is_clear(value: Any) -> None:
    clear, words = apart({"govdata.x": value})
    assert all(is_clear(text) for one in clear.values() for text in texts(one))
    assert clear or words or value == {}


def test_every_step_of_every_machine_commits_to_what_was_written() -> None:
    import ckanext.govdata.plugin  # noqa: F401 - the rooms register their machines
    from ckanext.govdata.workflow import cases, registry
    from ckanext.govdata.workflow.domain import Event

    case: Any = type("Case", (), {"id": "c-1", "agency": "a-1", "dataset": None, "party": None})
    seen = 0
    for machine in registry.machines():
        for step in machine.transitions:
            event = Event(
                1, step.from_state, step.command, step.to_state, sorted(step.roles)[0], "u-1", step.needs, *WORDS[:2]
            )
            fields, personal = cases._entry(case, event, {"note": WORDS[2], "missing": [WORDS[1]], "breach": "misuse"})
            entry = compose(f"{machine.name}-{step.command}", fields=fields, personal=personal)
            said = entry.canonical.decode()
            assert not [words for words in WORDS[:3] if words in said], (machine.name, step.command)
            assert {"govdata.reason", "govdata.basis", "govdata.case.facts.note"} <= {
                kept.field for kept in entry.personal
            }
            seen += 1
    assert seen > 50


def test_no_room_writes_an_entry_that_was_not_composed() -> None:
    """What holds of `compose` holds of every kind of entry, if nothing else makes one or writes one down."""
    making = re.compile(
        r"(?s)(ledger\.entry|from \.entry) import[^\n]*\bEntry\b.*\bEntry\(|^class Entry:.*Entry\(identity", re.M
    )
    writing = re.compile(r"INSERT INTO govdata_ledger\.intake", re.I)
    found = {
        (str(file.relative_to(ROOMS)), what)
        for file in ROOMS.rglob("*.py")
        for what, pattern in (("makes", making), ("writes", writing))
        if pattern.search(file.read_text(encoding="utf-8"))
    }
    assert found == {
        ("ledger/entry.py", "makes"),
        ("ledger/intake.py", "writes"),
        ("ledger/keeping.py", "writes"),
        ("ledger/purging.py", "writes"),
    }


def test_no_room_gives_the_ledger_a_bare_digest_of_words() -> None:
    """A short text is found again from its SHA-256 by trying: `journal.digest` is for published texts alone."""
    using = {
        str(file.relative_to(ROOMS))
        for file in ROOMS.rglob("*.py")
        if re.search(r"\bjournal\.digest\(", file.read_text(encoding="utf-8"))
    }
    assert using == {"agreements/texts/actions.py"}


def test_a_personal_field_is_still_refused_among_the_others() -> None:
    with pytest.raises(EntryError, match="points at a person"):
        compose("dataset-download", fields={"user.name": "code"})
