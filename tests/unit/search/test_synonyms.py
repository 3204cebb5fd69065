"""Synonyms are read from lines that a city writes, and let words find one another when a query is read."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.analysis import query_words
from ckanext.govdata_search.errors import BadSynonyms


def alternatives(text: str, lines: list[str]) -> list[list[str]]:
    """What each wanted word may be, its pairs of characters joined again."""
    found = []
    for choice in query_words(text, True, synonyms.read(lines)):
        also = [(words,) for words in choice.narrower]
        found.append([" ".join("/".join(words.tokens) for words in wanted) for wanted in (*choice.alternatives, *also)])
    return found


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("公交", ["公交 = 公共交通"], [["公交", "公共/共交/交通"]]),
        ("公共交通", ["公交 = 公共交通"], [["公共 交通", "公交"]]),
        ("江山市公交线路", ["公交=公共交通"], [["江山"], ["公交", "公共/共交/交通"], ["线路"]]),
        ("教师", ["教师 > 名师，班主任"], [["教师", "名师", "班主/主任"]]),
        ("名师", ["教师 > 名师, 班主任"], [["名师"]]),
        ("GDP", ["gdp = 生产总值"], [["gdp", "生产/产总/总值"]]),
        ("ＧＤＰ", ["GDP ＝ 生产總值"], [["gdp", "生产/产总/总值"]]),
        ("PM2.5", ["PM2.5 = 细颗粒物"], [["pm 2 5", "细颗/颗粒/粒物"]]),
        ("公交", ["公交 = 公共交通", "! 公交"], [["公交"]]),
        ("公共交通", ["公交 = 公共交通 = 公交车", "! 公交车"], [["公共 交通", "公交"]]),
        ("团委", ["社团 = 协会"], [["团委"]]),
        ("犬只登记", ["犬只 = 犬类", "犬只登记 > 养犬"], [["犬只 登记", "犬类/类登/登记", "养犬"]]),
        ("养殖户", ["养殖 = 饲养"], [["养殖", "饲养"]]),
        ("公交", ["# 公交 = 公共交通", "", "  "], [["公交"]]),
    ],
)
def test_a_line_lets_words_find_one_another(text: str, lines: list[str], expected: list[list[str]]) -> None:
    assert alternatives(text, lines) == expected


def test_what_is_equal_as_well_is_no_longer_only_narrower() -> None:
    for lines in (["公交 > 公共交通", "公交 = 公共交通"], ["公交 = 公共交通", "公交 > 公共交通"]):
        (choice,) = query_words("公交", True, synonyms.read(lines))
        assert (len(choice.alternatives), choice.narrower) == (2, ())


def test_words_that_mean_the_same_find_each_others_narrower_words() -> None:
    known = synonyms.read(["雨量 > 雨情, 降水", "降雨量 = 雨量 = 降水", "雨情 > 汛情"])
    assert known["降雨量"] == ("雨量", "降水", "雨情")
    assert set(known["雨量"]) == {"降雨量", "降水", "雨情"}
    assert "雨情" not in synonyms.read(["雨量 > 雨情", "降雨量 = 雨量", "! 雨量"]).get("降雨量", ())


@pytest.mark.parametrize("line", ["公交", "公交 = ", "= 公交", "公交 >", "长" * 50 + " = 短"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(BadSynonyms, match=r"own\.txt:2"):
        synonyms.read(["甲 = 乙", line], "own.txt")


def test_a_changed_file_counts_at_once_and_a_missing_one_is_said(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("瓢虫 = 甲虫\n")
    assert synonyms.current(own)["瓢虫"] == ("甲虫",)
    own.write_text("瓢虫 = 昆虫标本\n! 公交\n")
    os.utime(own, ns=(1, 1))
    changed = synonyms.current(own)
    assert changed["瓢虫"] == ("昆虫标本",)
    assert "公交" not in changed
    assert "公交" in synonyms.current(None)
    with pytest.raises(BadSynonyms, match=r"gone\.txt"):
        synonyms.current(tmp_path / "gone.txt")


@pytest.mark.parametrize("content", ["公交 = 巴士\n".encode("gbk"), "公交 = 巴士\n".encode("utf-16"), None])
def test_a_file_that_cannot_be_read_is_said_once_and_the_words_of_the_plugin_serve(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "own.txt"
    own.mkdir() if content is None else own.write_bytes(content)
    said = logging.getLogger(synonyms.__name__)
    monkeypatch.setattr(said, "disabled", False)
    monkeypatch.setattr(said, "handlers", [caplog.handler])
    monkeypatch.setattr(said, "propagate", False)
    for _search in range(3):
        assert synonyms.in_force(own) == synonyms.current(None)
    (record,) = caplog.records
    own.rmdir() if content is None else own.unlink()
    own.write_text("瓢虫 = 甲虫\n")
    assert synonyms.in_force(own)["瓢虫"] == ("甲虫",)
    own.unlink()
    synonyms.in_force(own)
    assert len(caplog.records) == 2, "what goes wrong again is said again"
    assert str(own) in record.getMessage()
    assert ("govdata.search.synonyms_file" if content is None else "Save it as UTF-8") in record.getMessage()


def test_a_wrong_line_is_met_once_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.txt"
    own.write_text("瓢虫 = 甲虫\n公交\n")
    lines, read = synonyms._lines, []  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(synonyms, "_lines", lambda path: read.append(path) or lines(path))
    for _search in range(3):
        with pytest.raises(BadSynonyms, match=r"own\.txt:2"):
            synonyms.current(own)
    assert read == [synonyms.BUILT_IN, own]
    own.write_text("瓢虫 = 甲虫\n公交 = 巴士\n")
    os.utime(own, ns=(1, 1))
    assert synonyms.current(own)["瓢虫"] == ("甲虫",)


def test_the_words_that_come_with_the_plugin_can_be_read_and_are_folded() -> None:
    known = synonyms.current(None)
    assert "公共交通" in known["公交"]
    assert "生产总值" in known["gdp"]
    assert all(others for others in known.values())


def test_of_several_words_with_a_synonym_one_may_be_replaced_wherever_it_stands() -> None:
    lines = ["道路监控 > 卡口", "道路 > 路面", "监控 = 摄像头", "企业名录 > 黄页", "名录 = 名单"]
    (choice,) = query_words("道路监控", True, synonyms.read(lines))
    replaced = ["+".join(" ".join(one.tokens) for one in wanted) for wanted in choice.replaced]
    assert replaced == ["监控+路面", "道路+摄像 像头"]
    (form,) = query_words("企业名录", True, synonyms.read(lines))
    assert form.replaced == ()


@pytest.mark.parametrize(("text", "line"), [("基本农田", "基本农田 = 永久农田"), ("和美乡村", "美丽乡村 = 和美乡村")])
def test_a_word_with_synonyms_is_demanded_even_if_it_begins_with_one_that_names_nothing(text: str, line: str) -> None:
    assert [choice.optional for choice in query_words(text, True, synonyms.read([line]))] == [False]


def test_each_word_that_comes_with_the_plugin_demands_something() -> None:
    known = synonyms.current(None)
    assert [word for word in known if all(choice.optional for choice in query_words(word, True, known))] == []
