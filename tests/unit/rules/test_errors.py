"""Every mistake in a pack's file is named with file, line, article or topic, and with what to do, in two languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.govdata.rules.errors import InvalidPackError, Problem, RulePackError, UnknownPackError, UnreadableFileError
from ckanext.govdata.rules.packs import check_file, load_pack, read_pack

Writer = Callable[..., Path]

GOOD = """\
key: testcity
city: 试城
city_en: Test city
instrument:
  code: TC
  title: 试城市公共数据办法
  title_en: Test city, measures on public data
  status: in_force
  issued: 2024-01-01
  effective: 2024-03-01
  source: made up for a test
  parts: 40
entries:
  - topic: open_application_answer
    article: TC-19
    scope: open
    number: 10
    unit: working_days
    quote: 在十个工作日内答复
  - topic: yearly_review
    article: TC-3
    scope: catalogue
    number: 06-30
    unit: month_day
    quote: 每年六月底前维护一次
  - topic: open_basis
    article: TC-4
    scope: open
    value: [conditional, not_open]
    quote: 应当有法律法规作为依据
"""


@pytest.fixture
def pack_file(tmp_path: Path) -> Writer:
    def write(text: str) -> Path:
        path = tmp_path / "testcity.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InvalidPackError) as caught:
        read_pack(path)
    return caught.value.problems


def test_the_unchanged_pack_is_accepted(pack_file: Writer) -> None:
    assert len(read_pack(pack_file(GOOD)).rules) == 3


# what is replaced, by what, the line of the error, what the English message has to say, what the Chinese one
MISTAKES = [
    ("    article: TC-19\n", "", 14, ['"article" is missing', "open_application_answer", "TC-1"], "缺少条款"),
    ("unit: working_days", "unit: weeks", 18, ["working_days", "weeks", "TC-19"], "单位应为"),
    ("unit: working_days", "unit: years", 18, ["working_days", "years", "TC-19"], "单位应为"),
    ("    unit: working_days\n", "", 14, ['"unit" is missing', "TC-19"], "缺少"),
    ("    number: 10\n", "", 14, ['"number" is missing', "TC-19"], "缺少"),
    ("number: 10", "number: ten", 17, ["a whole number", '"ten"', "TC-19"], "整数"),
    ("number: 10", "number: 0", 17, ["a whole number"], "整数"),
    ("number: 10", "number: true", 17, ["a whole number"], "整数"),
    ("number: 10", "number: 1.5", 17, ["a whole number"], "整数"),
    ("number: 10", "number: [10]", 17, ["a single value"], "单个值"),
    ("number: 06-30", "number: 02-30", 23, ["06-30", "TC-3"], "月日"),
    ("number: 06-30", "number: 30 June", 23, ["06-30", "TC-3"], "月日"),
    ("quote: 在十个工作日内答复", "quote:", 19, ['"quote"', "a text"], "文字"),
    ("    quote: 在十个工作日内答复\n", "", 14, ['"quote" is missing'], "缺少"),
    ("    number: 10\n", "    number: 10\n    numbr: 10\n", 18, ['unknown key "numbr"', "TC-19"], "不认识的键"),
    ("city_en:", "city_eng:", 3, ['unknown key "city_eng"'], "不认识的键"),
    ("topic: yearly_review", "topic: monthly_review", 20, ['unknown topic "monthly_review"', "TC-3"], "不认识的主题"),
    ("scope: catalogue", "scope: sharing", 22, ['"scope"', "catalogue", "TC-3"], "不可用"),
    ("scope: catalogue", "scope: shared", 22, ['"scope"', "shared"], "不可用"),
    ("status: in_force", "status: valid", 8, ['"status"', '"valid"', "draft, expired, in_force"], "不可用"),
    ("status: in_force", "status: expired", 8, ["needs", '"expires"'], "须有"),
    ("status: in_force", "status: draft", 10, ["cannot have", '"effective"'], "不能有"),
    ("effective: 2024-03-01", "effective: 2023-12-31", 10, ['"effective" (2023-12-31)', '"issued"'], "早于"),
    ("effective: 2024-03-01", "effective: spring", 10, ["a day such as", '"spring"'], "日期"),
    ("effective: 2024-03-01", "effective: 2024-13-01", 10, ["not valid YAML", "2024-13-01"], "不是有效的 YAML"),
    ("code: TC", "code: tc", 5, ["capital letters", '"tc"'], "大写字母"),
    ("article: TC-19", "article: XX-19", 15, ['"XX-19"', "TC-1"], "不符合写法"),
    ("article: TC-19", "article: 第十九条", 15, ['"第十九条"', "TC-1"], "不符合写法"),
    ("article: TC-19", "article: TC-c5", 15, ['"TC-c5"', "TC-1"], "不符合写法"),
    ("article: TC-19", "article: TC-41", 15, ['no "TC-41"', "TC-40"], "不存在"),
    ("parts: 40", "parts: forty", 12, ['"parts"', "a whole number"], "整数"),
    ("value: [conditional, not_open]", "value: [closed]", 29, ['"closed"', "conditional, not_open"], "不可用"),
    ("value: [conditional, not_open]", "value: {a: 1}", 29, ["a list of words"], "词的列表"),
    ("value: [conditional, not_open]", "value: []", 29, ["a list of words"], "词的列表"),
    ("    value: [conditional, not_open]\n", "", 26, ["says nothing", "value: conditional, not_open"], "没有内容"),
    ("value: [conditional, not_open]", "number: 5", 29, ['takes no "number"', "TC-4"], "不使用"),
    ("number: 06-30", "number: 06-30\n    value: dynamic", 24, ['takes no "value"', "TC-3"], "不使用"),
    ("topic: yearly_review", "topic: open_application_answer", 20, ["repeated", "line 14"], "重复"),
    ("city_en: Test city", "city: 试城", 3, ["repeated", "line 2"], "重复出现"),
    ("key: testcity", "key: othercity", 1, ['"othercity"', "testcity"], "不可用"),
    ("entries:\n", "entries: none\nrest:\n", 13, ["a list"], "列表"),
    ("instrument:\n", "instrument: TC\nrest:\n", 4, ["a mapping"], "键值结构"),
    ("  - topic: yearly_review", "  - only words\n  - topic: yearly_review", 20, ["a mapping"], "键值结构"),
    ("    quote: 每年六月底前维护一次", "  quote: 每年六月底前维护一次", 25, ["not valid YAML"], "不是有效的 YAML"),
    ("[conditional, not_open]", "*all", 29, ["not valid YAML", "aliases"], "不是有效的 YAML"),
    ("number: 10", "number: !!python/name:os.system", 17, ["not valid YAML"], "不是有效的 YAML"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "english", "chinese"),
    MISTAKES,
    ids=[f"{m[1].strip() or 'no ' + m[0].strip()}" for m in MISTAKES],
)
def test_a_mistake_is_named_with_its_line_and_what_to_do(
    pack_file: Writer, old: str, new: str, line: int, english: list[str], chinese: str
) -> None:
    assert GOOD.count(old) >= 1
    found = problems(pack_file(GOOD.replace(old, new, 1)))
    hit = [problem for problem in found if problem.line == line and chinese in problem.message("zh")]
    assert hit, [str(problem) for problem in found]
    message = hit[0].message("en")
    assert message.startswith(f"testcity.yaml, line {line}")
    assert all(words in message for words in english), message
    assert message.rstrip(".").count(".") >= 1, "says what to do after what is wrong"
    assert f"testcity.yaml 第 {line} 行" in hit[0].message("zh_Hans_CN")


def test_all_problems_of_a_file_are_told_at_once_in_the_order_of_their_lines(pack_file: Writer) -> None:
    broken = GOOD.replace("unit: working_days", "unit: weeks").replace("status: in_force", "status: valid")
    found = problems(pack_file(broken))
    assert [problem.line for problem in found] == [8, 18]
    with pytest.raises(InvalidPackError) as caught:
        read_pack(pack_file(broken))
    assert "第 8 行" in str(caught.value)
    assert "line 18" in str(caught.value)


def test_traditional_words_without_simplified_ones_are_refused(pack_file: Writer) -> None:
    found = problems(pack_file(GOOD.replace("parts: 40", "parts: 40\n  script: traditional")))
    assert {problem.line for problem in found} == {15, 21, 27}
    assert "quote_simplified" in found[0].message("en")


def test_chapters_are_cited_with_a_c(pack_file: Writer) -> None:
    chapters = GOOD.replace("parts: 40", "parts: 9\n  cited_by: chapter").replace("article: TC-", "article: TC-c")
    found = problems(pack_file(chapters))
    assert [problem.line for problem in found] == [16], "chapter 19 of 9"
    assert len(read_pack(pack_file(chapters.replace("TC-c19", "TC-c9"))).rules) == 3


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list\n"])
def test_a_file_that_holds_no_pack_says_so(pack_file: Writer, text: str) -> None:
    assert "mapping" in problems(pack_file(text))[0].message("en")


def test_a_city_without_a_pack_is_told_which_ones_there_are() -> None:
    with pytest.raises(UnknownPackError) as caught:
        load_pack("atlantis")
    assert "lianyungang" in caught.value.message("en")
    assert "govdata.city" in caught.value.message("zh")


def test_a_city_key_cannot_lead_out_of_the_packs_folder() -> None:
    with pytest.raises(UnknownPackError):
        load_pack("../packs/zibo")


def test_a_missing_file_and_a_file_in_another_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as missing:
        load_pack("zibo", tmp_path / "none.yaml")
    assert "none.yaml" in missing.value.message("zh")
    gb = tmp_path / "gb.yaml"
    gb.write_bytes("extends: 淄博".encode("gb18030"))
    with pytest.raises(UnreadableFileError) as wrong:
        check_file(gb)
    assert "UTF-8" in wrong.value.message("en")


def test_every_error_is_one_kind() -> None:
    assert issubclass(InvalidPackError, RulePackError)
    assert issubclass(RulePackError, ValueError)
