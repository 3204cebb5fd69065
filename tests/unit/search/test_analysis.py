"""What becomes a token when a text is indexed, and what is looked for when it is asked for."""

from __future__ import annotations

import re
import sys

import pytest

from ckanext.govdata_search import analysis, segments
from ckanext.govdata_search.folding import TO_SIMPLIFIED, normal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("医院床位数", ["医院", "院床", "床位", "位数", "数"]),
        ("醫院", ["医院", "院"]),
        ("ＣＫＡＮ２０２４", ["ckan", "2024"]),
        ("Data sets", ["data", "set"]),
        ("Wi-Fi", ["wi", "fi", analysis.GAP, "wifi"]),
        ("PowerShot", ["power", "shot", analysis.GAP, "powershot"]),
        ("aaPDFReaderXy", ["aapdf", "reader", "xy", analysis.GAP, "aapdfreaderxi"]),
        ("innerText", ["inner", "text", analysis.GAP, "innertext"]),
        ("PM2.5浓度", ["pm", "2", "5", "浓度", "度", analysis.GAP, "25"]),
        ("city's café", ["citi", "cafe"]),
        ("🚌", ["🚌"]),
        ("，。（）", []),
        ("フレキシブル", ["フレキシフル"]),
    ],
)
def test_a_text_is_indexed_as_pairs_words_and_numbers(text: str, expected: list[str]) -> None:
    assert analysis.index_tokens([text], english=True) == expected


def test_values_are_parted_so_that_no_phrase_crosses() -> None:
    assert analysis.index_tokens(["甲乙", "丙丁"], english=False) == ["甲乙", "乙", analysis.GAP, "丙丁", "丁"]


def test_endings_fold_only_where_asked() -> None:
    assert analysis.index_tokens(["hotspots"], english=True) == ["hotspot"]
    assert analysis.index_tokens(["hotspots"], english=False) == ["hotspots"]


def test_a_short_word_keeps_its_ending() -> None:
    assert analysis.index_tokens(["AED"], english=True) == ["aed"]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("医院床位", ["医院", "床位"]),
        ("公共交通", ["公共", "交通"]),
        ("连云港市", ["连云港"]),
        ("扬州市交通", ["扬州", "交通"]),
        ("市", ["市"]),
        ("企业", ["企业"]),
    ],
)
def test_a_run_is_asked_for_by_its_shortest_words(run: str, expected: list[str]) -> None:
    assert segments.shortest_words(run) == expected


def test_whatever_is_indexed_is_found_by_itself() -> None:
    for text in (
        "道路交通事故统计",
        "连云港市海州区企业登记",
        "2024年PM2.5数据",
        "Open Data Portal",
        "公共数据资源目录（第二批）",
    ):
        indexed = analysis.index_tokens([text], english=True)
        for choice in analysis.query_words(text, english=True):
            assert any(all(_holds(indexed, words) for words in wanted) for wanted in choice.alternatives), (
                text,
                choice,
            )


def _holds(indexed: list[str], words: analysis.Words) -> bool:
    if words.open_end:
        return any(token.startswith(words.tokens[-1]) for token in indexed)
    length = len(words.tokens)
    return any(tuple(indexed[at : at + length]) == words.tokens for at in range(len(indexed)))


def test_folding_is_one_to_one_and_ends_in_one_step() -> None:
    assert len(TO_SIMPLIFIED) > 2_500
    assert not set(TO_SIMPLIFIED.values()) & set(TO_SIMPLIFIED)
    assert "開放數據門戶網站".translate(TO_SIMPLIFIED) == "开放数据门户网站"


def test_parts_of_a_name_are_pairs_of_its_characters() -> None:
    assert analysis.part_tokens(["Bus 线"]) == ["bu", "us", f"s{analysis.SPACE}", f"{analysis.SPACE}线", "线"]
    assert [words.tokens for words in analysis.query_parts("us 线")] == [("us",), ("线",)]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("犬只", ["犬只"]),
        ("柯城区水库", ["柯城", "水库"]),
        ("江山市公交", ["江山", "公交"]),
        ("市医院", ["市", "医院"]),
    ],
)
def test_characters_that_no_dictionary_joins_are_looked_for_together(run: str, expected: list[str]) -> None:
    assert segments.shortest_words(run) == expected


@pytest.mark.parametrize(
    ("typed", "demanded", "welcome"),
    [
        ("学校信息", ["学校"], ["信息"]),
        ("学校基本情况统计表", ["学校"], ["基本", "情况", "统计表"]),
        ("全市人口", ["人口"], ["全市"]),
        ("医院的床位", ["医院", "床位"], []),
        ("信息", ["信息"], []),
        ("信息公开", ["信息", "公开"], []),
        ("附近的药店", ["药店"], ["附近"]),
        ("公厕在哪", ["公厕"], []),
        ("低保标准是多少", ["低保", "标准"], ["多少"]),
        ("居住证怎么办理", ["居住证"], ["怎么", "办理"]),
        ("如何办理居住证", ["居住证"], ["如何", "办理"]),
        ("到哪里办护照", ["护照"], ["哪里"]),
        ("社保卡怎么办", ["社保卡"], ["怎么办"]),
        ("查公积金", ["公积金"], []),
        ("怎么坐公交", ["公交"], ["怎么"]),
        ("办件数量", ["办件"], ["数量"]),
        ("公园几点开门", ["公园"], ["几点", "开门"]),
        ("养老院电话", ["养老院"], ["电话"]),
        ("附近", ["附近"], []),
        ("的", ["的"], []),
    ],
)
def test_words_that_only_name_the_form_of_a_dataset_are_not_demanded(
    typed: str, demanded: list[str], welcome: list[str]
) -> None:
    found: dict[bool, list[str]] = {False: [], True: []}
    for choice in analysis.query_words(typed, True, {}):
        ((words,),) = choice.alternatives
        found[choice.optional].append(words.tokens[0] + "".join(token[-1] for token in words.tokens[1:] if token[1:]))
    assert (found[False], found[True]) == (demanded, welcome)


def test_to_the_letter_every_word_is_demanded() -> None:
    assert [choice.optional for choice in analysis.query_words("学校的信息", True)] == [False, False, False]


@pytest.mark.parametrize(
    ("typed", "in_titles", "welcome"),
    [
        ("企业名录", ["企业", "名录"], []),
        ("企业基本信息", ["企业"], ["基本", "信息"]),
        ("项目清单", ["项目", "清单"], []),
        ("学校名录", [], ["名录"]),
    ],
)
def test_words_that_nearly_every_description_has_are_looked_for_in_titles_with_the_form(
    typed: str, in_titles: list[str], welcome: list[str]
) -> None:
    choices = analysis.query_words(typed, True, {})
    titled = [choice.alternatives[0][0].tokens[0] for choice in choices if choice.titled]
    assert titled == (in_titles if len(in_titles) > 1 else [])
    assert [choice.alternatives[0][0].tokens[0] for choice in choices if choice.optional] == welcome


def test_what_passes_for_no_english_has_no_latin_letter_however_it_is_written() -> None:
    passed = [chr(code) for code in range(sys.maxunicode + 1) if not analysis._may_be_english(chr(code))]
    assert len(passed) > 20_000
    assert not [char for char in passed if re.search("[A-Za-z]", normal(char).lower())]


def test_a_word_in_full_width_letters_loses_its_ending_too() -> None:
    assert analysis.index_tokens(["ｈｏｔｓｐｏｔｓ"], english=True) == ["hotspot"]
