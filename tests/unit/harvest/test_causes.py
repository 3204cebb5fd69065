"""Every cause that the engine can name has words in both languages; the table of causes is data."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ENGINE = Path(__file__).parents[3] / "harvesters" / "ckanext" / "govdata_harvest"
WORDS = yaml.safe_load((ENGINE / "report_words.yaml").read_text("utf-8"))


def _named(pattern: str) -> set[str]:
    text = "\n".join(path.read_text("utf-8") for path in ENGINE.rglob("*.py"))
    return {
        cause for found in re.findall(pattern, text, re.DOTALL) for cause in re.findall(r'"([a-z]+_[a-z_]+)"', found)
    }


def test_every_cause_for_which_a_list_is_refused_has_words() -> None:
    named = _named(r"ListError\(\s*(.*?)[,)]") | _named(r"_OTHERS = \((.*?)\n\)") | _named(r"DoorError\(\s*(.*?)[,)]")
    named |= _named(r"KindError\(\s*(.*?)[,)]")
    assert len(named) > 25
    assert named <= WORDS["errors"].keys()


def test_every_cause_for_which_a_row_is_refused_passed_over_or_noted_has_words() -> None:
    named = _named(r"BadRow\((.*?)\)") | _named(r"Note\((.*?),") | _named(r"\.(?:remark|refuse|note)\((.*?),")
    assert len(named) > 12
    assert named <= WORDS["causes"].keys()


def test_every_refusal_of_an_action_has_words() -> None:
    named = _named(r"(?<![.\w])refuse\((.*?),") | _named(r"Refusal\((.*?),")
    assert len(named) > 20
    assert named <= WORDS["refusals"].keys()


def test_all_words_are_in_both_languages() -> None:
    for topic in WORDS.values():
        assert all(set(phrase) == {"zh", "en"} and all(phrase.values()) for phrase in topic.values())
