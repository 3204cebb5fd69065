"""A query that finds nothing is answered with words that sound alike, are spelled alike, or with a word less."""

from __future__ import annotations

import pytest

from ckanext.govdata_search.pinyin import known_words, spellings
from ckanext.govdata_search.suggest import Vocabulary, proposals

TITLES = [
    "道路交通事故统计",
    "公共交通线路",
    "医院床位数",
    "企業登記名錄",
    "停车场",
    "Hospital beds by district",
    "连云港市企业",
]
KNOWN = Vocabulary.of({word: 1 for title in TITLES for word in known_words([title])})


@pytest.mark.requirement("LYG-16")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("交同", "交通"),
        ("交同事故", "交通事故"),
        ("jiaotong", "交通"),
        ("yiyuanchuangwei", "医院床位"),
        ("衣院", "医院"),
        ("一院床位", "医院床位"),
        ("停车厂", "停车场"),
        ("医院窗位", "医院床位"),
        ("hospitl", "hospital"),
        ("distrct beds", "district beds"),
        ("医院宇宙飞船", "医院"),
        ("企業登几", "企业登记"),
    ],
)
def test_a_query_with_a_slip_is_mended(typed: str, expected: str) -> None:
    assert any(other == expected or other.startswith(expected) for other in proposals(typed, KNOWN)), proposals(
        typed, KNOWN
    )


@pytest.mark.parametrize("typed", ["", "   ", "，。", "x" * 500, "🚌", '"', "123456"])
def test_what_cannot_be_mended_is_left_alone(typed: str) -> None:
    assert proposals(typed, KNOWN) == []


def test_only_known_words_are_put_in() -> None:
    only = Vocabulary.of({"公园|gongyuan": 3})
    assert proposals("工元", only) == ["公园"]
    assert proposals("交同", only) == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("交通", ["jiaotong", "jt"]),
        ("银行网点", ["yinhangwangdian", "yhwd"]),
        ("重庆市", ["chongqingshi", "cqs"]),
        ("2024年PM2.5浓度", ["2024nianpm2.5nongdu", "2npnd"]),
        ("醫院", ["yiyuan", "yy"]),
        ("Bus lines", []),
        ("", []),
    ],
)
def test_a_title_is_spelled_in_pinyin_and_initials(title: str, expected: list[str]) -> None:
    assert spellings(title) == expected


def test_known_words_are_bounded() -> None:
    assert len(known_words(["交通事故" * 1000, *(f"word{n}" for n in range(1000))])) <= 60
