"""A city's own file on top of a pack: it changes, adds and removes entries, and is checked like a pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ckanext.govdata.rules.domain import Binding, Topic
from ckanext.govdata.rules.errors import InvalidPackError
from ckanext.govdata.rules.packs import check_file, load_pack

Writer = Callable[..., Path]

EXTENSION = """\
extends: lianyungang
instrument:
  code: LYGX
  title: 连云港市公共数据开放实施细则
  title_en: Lianyungang, detailed rules
  status: draft
  source: made up for a test
change:
  - topic: open_application_answer
    article: LYGX-2
    scope: open
    number: 7
    unit: working_days
    quote: 七个工作日内答复
add:
  - topic: sharing_doubt
    article: LYG-20
    scope: sharing
    number: 5
    unit: working_days
    quote: 對異議進行及時核實處理
    quote_simplified: 对异议进行及时核实处理
remove:
  - open_list_review
"""


@pytest.fixture
def extension(tmp_path: Path) -> Writer:
    def write(text: str = EXTENSION) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_an_entry_is_changed_added_and_removed_and_the_rest_stays(extension: Writer) -> None:
    base, pack = load_pack("lianyungang"), load_pack("lianyungang", extension())
    answer, doubt = pack.rule(Topic.OPEN_APPLICATION_ANSWER), pack.rule(Topic.SHARING_DOUBT)
    assert answer is not None
    assert doubt is not None
    assert (answer.number, answer.citation.article) == (7, "LYGX-2")
    assert doubt.number == 5
    assert pack.rule(Topic.OPEN_LIST_REVIEW) is None
    assert pack.reviewers_of_list == ()
    untouched = base.rules.keys() - {Topic.OPEN_APPLICATION_ANSWER, Topic.OPEN_LIST_REVIEW}
    assert all(pack.rule(topic) == base.rule(topic) for topic in untouched)


def test_a_draft_on_top_of_a_text_in_force_makes_only_its_own_entries_not_statutory(extension: Writer) -> None:
    pack = load_pack("lianyungang", extension())
    day = date(2026, 1, 5)
    assert pack.statutory_on(day)
    assert {
        topic: rule.binding_on(day) for topic, rule in pack.rules.items() if rule.binding_on(day) is Binding.PACK
    } == {Topic.OPEN_APPLICATION_ANSWER: Binding.PACK}


def test_an_extension_may_only_remove_and_then_needs_no_text_of_its_own(extension: Writer) -> None:
    pack = load_pack("yangzhou", extension("extends: yangzhou\nremove: [sign_in_for_unconditional]\n"))
    assert not pack.sign_in_for_unconditional


def test_the_check_of_a_file_reads_an_extension_as_such(extension: Writer) -> None:
    assert check_file(extension()).rule(Topic.SHARING_DOUBT) is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("extends: lianyungang", "extends: zibo", 1, 'extends "zibo", but the portal runs "lianyungang"'),
        ("extends: lianyungang\n", "", 1, '"extends" is missing'),
        ("code: LYGX", "code: LYG", 2, "belongs to the base pack"),
        ("unit: working_days", "unit: weeks", 13, "working_days"),
        ("    article: LYGX-2\n", "", 9, "LYG-1 / LYGX-1"),
        ("change:\n", "change:\n  - topic: yearly_review\n    article: LYGX-1\n    scope: catalogue\n", 9, "missing"),
        ("topic: open_application_answer", "topic: sharing_supply", 9, "no topic"),
        ("topic: sharing_doubt", "topic: open_objection", 16, "has the topic"),
        ("- open_list_review", "- yearly_review", 24, "no topic"),
        ("- open_list_review", "- weekly_review", 24, 'unknown topic "weekly_review"'),
        ("- open_list_review", "- open_application_answer", 24, "stands in line 9 already"),
        ("remove:", "removed:", 23, 'unknown key "removed"'),
    ],
)
def test_a_mistake_in_an_extension_is_named_with_that_file_s_line(
    extension: Writer, old: str, new: str, line: int, words: str
) -> None:
    assert old in EXTENSION
    with pytest.raises(InvalidPackError) as caught:
        load_pack("lianyungang", extension(EXTENSION.replace(old, new, 1)))
    found = [p for p in caught.value.problems if p.line == line and words in p.message("en")]
    assert found, str(caught.value)
    assert found[0].message("en").startswith("own.yaml, line")


def test_checking_an_extension_of_an_unknown_city_names_the_cities(extension: Writer) -> None:
    with pytest.raises(ValueError, match="yangzhou"):
        check_file(extension(EXTENSION.replace("lianyungang", "atlantis")))
