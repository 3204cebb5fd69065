"""Which text holds on the day of receipt: versions of a city's, texts above it, and promises where all are silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ckanext.govdata.clocks.domain import Kind, basis
from ckanext.govdata.rules.domain import Binding, RulePack, Topic
from ckanext.govdata.rules.errors import InvalidPackError
from ckanext.govdata.rules.packs import load_pack, load_versions, read_pack
from ckanext.govdata.rules.promises import load_promises
from ckanext.govdata.rules.versions import pack_on

ANSWER = Topic.OPEN_APPLICATION_ANSWER
PACK = """\
key: {key}
city: 连云港
city_en: Lianyungang
instrument:
  code: {code}
  title: {title}
  title_en: made up
  status: {status}
{dates}
  source: made up for a test
entries:
  - topic: open_application_answer
    article: {code}-3
    scope: open
    number: {number}
    unit: working_days
    quote: 在若干个工作日内答复
{more}
"""


def written(folder: Path, name: str, number: int, dates: str, status: str = "in_force", more: str = "") -> Path:
    key, _, _ = name.partition("@")
    path = folder / f"{name}.yaml"
    code = "NEW" if "@" in name else "JS"
    text = PACK.format(key=key, code=code, title=f"办法 {name}", status=status, dates=dates, number=number, more=more)
    path.write_text(text, encoding="utf-8")
    return path


def answer(pack: RulePack) -> int | None:
    rule = pack.rule(ANSWER)
    return rule.number if rule else None


@pytest.mark.requirement("LYG-19")
def test_the_day_of_receipt_chooses_the_version_of_the_text(tmp_path: Path) -> None:
    new = written(tmp_path, "lianyungang@2027-01-01", 7, "  effective: 2027-01-01")
    versions = load_versions("lianyungang", None, (new,))
    assert [answer(pack_on(versions, day)) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [10, 7]
    assert pack_on(versions, date(2019, 6, 1)).instrument.code == "LYG"


def test_a_draft_of_the_next_version_changes_nothing_until_it_is_in_force(tmp_path: Path) -> None:
    draft = written(tmp_path, "lianyungang@next", 5, "  issued: 2026-01-01", status="draft")
    versions = load_versions("lianyungang", None, (draft,))
    assert answer(pack_on(versions, date(2030, 1, 1))) == 10


def test_an_expired_text_drives_behaviour_where_nothing_follows_and_a_later_one_takes_over(tmp_path: Path) -> None:
    own = load_versions("dongchangfu")
    assert pack_on(own, date(2026, 1, 1)).basis_required_for == {"conditional", "not_open"}
    later = written(tmp_path, "dongchangfu@2026-06-01", 8, "  effective: 2026-06-01")
    both = load_versions("dongchangfu", None, (later,))
    assert [answer(pack_on(both, day)) for day in (date(2026, 5, 31), date(2026, 6, 1))] == [None, 8]


@pytest.mark.parametrize("city", ["lianyungang", "yangzhou", "dongchangfu", "guiyang", "zibo"])
def test_a_text_above_overrules_the_citys_number_while_it_binds(tmp_path: Path, city: str) -> None:
    above = read_pack(written(tmp_path, "jiangsu", 6, "  effective: 2026-07-01\n  expires: 2028-01-01"))
    versions, own = load_versions(city), answer(load_pack(city))
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2027, 12, 31), date(2028, 1, 1))
    assert [answer(pack_on(versions, day, [above])) for day in days] == [own, 6, 6, own]
    rule = pack_on(versions, date(2026, 7, 1), [above]).rule(ANSWER)
    assert rule and (rule.citation.article, rule.binding_on(date(2026, 7, 1))) == ("JS-3", Binding.STATUTORY)
    others = {topic for topic in load_pack(city).rules if topic is not ANSWER}
    assert all(pack_on(versions, days[1], [above]).rule(one) == load_pack(city).rule(one) for one in others)


def test_of_two_texts_above_the_higher_wins_and_a_draft_above_overrules_nothing(tmp_path: Path) -> None:
    province = read_pack(written(tmp_path, "jiangsu", 6, "  effective: 2026-01-01"))
    nation = read_pack(written(tmp_path, "nation", 4, "  effective: 2026-01-01"))
    draft = read_pack(written(tmp_path, "draft", 2, "  issued: 2026-01-01", status="draft"))
    versions = load_versions("lianyungang")
    assert answer(pack_on(versions, date(2026, 7, 1), [province, nation])) == 4
    assert answer(pack_on(versions, date(2026, 7, 1), [province, draft])) == 6


def test_a_text_may_let_a_term_be_extended_and_rest_and_only_a_term(tmp_path: Path) -> None:
    allowed = "    extension: 5\n    suspended_while: [completion, third_party]"
    rule = read_pack(written(tmp_path, "jiangsu", 6, "  effective: 2026-01-01", more=allowed)).rule(ANSWER)
    assert rule and (rule.extension, rule.suspended_while) == (5, ("completion", "third_party"))
    for wrong in ("    extension: 0", "    suspended_while: [holiday]"):
        with pytest.raises(InvalidPackError):
            read_pack(written(tmp_path, "jiangsu", 6, "  effective: 2026-01-01", more=wrong))


@pytest.mark.parametrize("city", ["lianyungang", "yangzhou", "dongchangfu", "guiyang", "zibo"])
def test_none_of_the_five_texts_lets_a_term_be_extended_or_rest(city: str) -> None:
    assert all(rule.extension is None and not rule.suspended_while for rule in load_pack(city).rules.values())


# city, topic: what a date is called and how many days; each number of the requirements' last table, and its blank cells.
CALLED = [
    ("lianyungang", "open_application_answer", Kind.STATUTORY, 10, "LYG-19"),
    ("yangzhou", "open_application_answer", Kind.PROMISE, 20, None),
    ("dongchangfu", "open_application_answer", Kind.PROMISE, 20, None),
    ("guiyang", "open_application_answer", Kind.PROMISE, 20, None),
    ("zibo", "open_application_answer", Kind.PROMISE, 20, None),
    ("yangzhou", "sharing_application_answer", Kind.PACK, 5, "YZ-22"),
    ("lianyungang", "sharing_application_answer", Kind.PROMISE, 10, None),
    ("yangzhou", "sharing_supply", Kind.PACK, 5, "YZ-22"),
    ("zibo", "sharing_supply", Kind.PROMISE, 10, None),
    ("yangzhou", "sharing_doubt", Kind.PACK, 5, "YZ-25"),
    ("guiyang", "sharing_doubt", Kind.PROMISE, 10, None),
    ("lianyungang", "open_objection", Kind.PROMISE, 15, "LYG-20"),
    ("guiyang", "open_objection", Kind.PROMISE, 15, "GY-c5"),
    ("yangzhou", "catalogue_update", Kind.PACK, 15, "YZ-12"),
    ("dongchangfu", "catalogue_update", Kind.PACK, 15, "DCF-16"),
    ("zibo", "catalogue_update", Kind.STATUTORY, 15, "ZB-10"),
]


@pytest.mark.parametrize(
    ("city", "topic", "kind", "number"),
    [
        pytest.param(*case[:4], id=f"{case[0]} {case[1]}", marks=[pytest.mark.requirement(case[4])] if case[4] else [])
        for case in CALLED
    ],
)
def test_each_citys_number_starts_a_clock_that_is_called_what_it_is(
    city: str, topic: str, kind: Kind, number: int
) -> None:
    day = date(2026, 11, 27)
    found = basis(topic, pack_on(load_versions(city), day), load_promises(), day)
    assert found and (found.kind, found.number) == (kind, number)
    assert bool(found.article) is (kind is not Kind.PROMISE)
    assert bool(found.words) is (kind is Kind.PROMISE)


@pytest.mark.parametrize("city", ["lianyungang", "guiyang"])
def test_where_neither_rule_nor_promise_gives_a_number_no_clock_starts(city: str) -> None:
    day = date(2026, 11, 27)
    assert basis("catalogue_update", pack_on(load_versions(city), day), load_promises(), day) is None


def test_before_a_text_is_in_force_its_number_is_not_called_statutory() -> None:
    day = date(2019, 12, 1)
    found = basis(ANSWER.value, pack_on(load_versions("lianyungang"), day), load_promises(), day)
    assert found and found.kind is Kind.PACK


def test_a_city_changes_and_takes_away_promises_by_its_own_file(tmp_path: Path) -> None:
    own = tmp_path / "promises.yaml"
    own.write_text(
        "open_application_answer:\n  number: 12\n  words: 本市承诺\n  words_en: we promise\nappeal_answer: none\n"
    )
    promises = load_promises(own)
    assert (promises["open_application_answer"].number, "appeal_answer" in promises) == (12, False)
    assert promises["agreement_seal"].number == 5
    own.write_text("open_application_answer:\n  number: soon\n")
    load_promises.cache_clear()
    with pytest.raises(InvalidPackError, match=r"promises\.yaml.*2"):
        load_promises(own)
