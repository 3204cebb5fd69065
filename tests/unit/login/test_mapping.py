"""From claims to facts: what the mapping says and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_login.mapping import Membership, facts_of, faults_of_mapping

MAPPING: dict[str, Any] = {
    "party": {"from": "user_type", "words": {"1": "natural", 2: "legal"}},
    "uscc": {"from": ["corp.uscc", "corp_code"], "check": "uscc"},
    "level": {"from": "auth_level", "pattern": "L[1-4]", "default": "L1"},
    "posts": {"from": "posts", "many": True},
    "memberships": [
        {
            "organization": {"from": "dept.code", "words": {"JTJ": "jiaotongju"}},
            "capacity": {"from": "roles", "words": {"officer": "editor", "head": "admin"}},
        }
    ],
}
CLAIMS: dict[str, Any] = {
    "sub": "1",
    "user_type": 2,
    "corp": {"uscc": "91110000600037341L"},
    "auth_level": "L3",
    "posts": ["a", "b"],
    "dept": {"code": "JTJ"},
    "roles": ["officer", "driver"],
    "shoe_size": 43,
}


def test_facts_come_from_the_claims_that_the_mapping_names() -> None:
    facts = facts_of(CLAIMS, MAPPING)
    assert facts.values == {"party": "legal", "uscc": "91110000600037341L", "level": "L3", "posts": ["a", "b"]}
    assert facts.memberships == {Membership("jiaotongju", "editor")}
    assert facts.sources["uscc"] == "corp.uscc" and facts.unused == ("shoe_size",)


def test_a_word_without_a_line_gives_nothing_and_is_noted() -> None:
    facts = facts_of({**CLAIMS, "user_type": 9}, MAPPING)
    assert "party" not in facts.values
    assert any("9" in note and "words" in note for note in facts.notes)
    assert any("driver" in note for note in facts.notes)


@pytest.mark.parametrize(("claim", "value"), [("corp", {"uscc": "91110000600037341X"}), ("auth_level", "L9")])
def test_a_value_that_fails_its_check_gives_nothing(claim: str, value: Any) -> None:
    facts = facts_of({**CLAIMS, claim: value}, MAPPING)
    assert facts.notes and facts.text({"corp": "uscc", "auth_level": "level"}[claim]) in ("", "L1")


def test_a_claim_gone_leaves_no_fact_and_no_place() -> None:
    facts = facts_of({"sub": "1"}, MAPPING)
    assert facts.values == {"level": "L1"} and facts.memberships == frozenset()


def test_a_claim_whose_name_is_an_address_is_found() -> None:
    assert facts_of({"https://x.example.org/role": "a"}, {"role": "https://x.example.org/role"}).text("role") == "a"


def test_a_good_mapping_has_no_faults() -> None:
    assert list(faults_of_mapping(MAPPING)) == []
