"""The tier of a row: nothing opens but by a whole cell that the vocabulary opens."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Decide

ROW = {"标题": "公共厕所名录", "来源部门": "江海市城管局"}


def tier_of(decided: Decide, **cells: Any) -> tuple[str, str]:
    row = decided([{**ROW, **cells}])[0]
    return row.tier, row.cause


@pytest.mark.requirement("LYG-6", "LYG-9")
@pytest.mark.parametrize(
    "column",
    ["开放属性", "开放条件", "开放类型", "是否向社会开放", "开放方式", "*开放属性", "开 放 属 性", "开放属性（必填）"],
)
@pytest.mark.parametrize(
    "word",
    [
        "无条件开放",
        "无条件",
        "完全开放",
        "無條件開放",
        "完全開放",
        " 无条件开放\r\n",
        "　无条件　",
        "\u00a0完全开放\u2003",
    ],
)
def test_the_three_words_open_in_any_column_on_the_tier(decided: Decide, column: str, word: str) -> None:
    assert tier_of(decided, **{column: word}) == ("unconditional", "")


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize(
    "word",
    [
        "有条件开放",
        "有条件",
        "依申请开放",
        "申请后开放",
        "受限开放",
        "部门间申请开放",
        "需要审批",
        "有條件開放",
        "受限",
    ],
)
def test_stricter_words_make_a_row_conditional(decided: Decide, word: str) -> None:
    assert tier_of(decided, 开放条件=word) == ("conditional", "")


@pytest.mark.requirement("LYG-7")
@pytest.mark.parametrize("word", ["不予开放", "不开放", "非开放", "禁止开放"])
def test_words_for_closed_data_close(decided: Decide, word: str) -> None:
    assert tier_of(decided, 开放属性=word) == ("not_open", "")


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize(
    "word",
    [
        *(
            "开放网站",
            "是",
            "开放",
            "可开放",
            "L1",
            "1级\t不脱敏",
            "3",
            0,
            "已开放",
            "无条件共享",
            "无条件 开放",
            "无条件开放。",
        ),
        *(
            "无条件开放（需登录）",
            "不是无条件开放",
            "非无条件开放",
            "开放网站无条件开放",
            "unconditional",
            "无条件开放无条件开放",
        ),
        *(
            "无\u200b条件开放",
            "<b>无条件开放</b>",
            "涉密数据已脱敏、脱密",
            True,
            {"值": "无条件开放"},
            "['无条件开放']",
            "否",
        ),
    ],
)
def test_any_other_word_is_held_and_kept_as_it_stood(decided: Decide, word: Any) -> None:
    row = decided([{**ROW, "开放条件": word}])[0]
    assert (row.tier, row.cause) == ("", "tier_unknown")
    assert row.entry["tier_word"]


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize("word", ["", " ", "暂无", "无", "null", None, "-", "N/A", "（无）", [], "　"])
def test_an_empty_cell_or_a_word_for_nothing_states_no_tier(decided: Decide, word: Any) -> None:
    assert tier_of(decided, 开放条件=word) == ("", "tier_missing")


def test_a_list_without_a_column_on_the_tier_states_none(decided: Decide) -> None:
    assert tier_of(decided, 说明="无条件开放") == ("", "tier_missing")


@pytest.mark.requirement("LYG-6")
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"开放属性": "无条件开放", "开放类型": "有条件开放"}, ("conditional", "")),
        ({"开放属性": "无条件开放", "开放条件": "依申请开放"}, ("conditional", "")),
        ({"开放属性": "有条件开放", "是否向社会开放": "否"}, ("not_open", "")),
        ({"开放属性": "无条件开放", "开放类型": "L1"}, ("", "tier_unknown")),
        ({"开放属性": "开放网站", "开放条件": "无条件开放"}, ("", "tier_unknown")),
        ({"开放属性": "无条件开放", "开放条件": "须与数源单位签订协议"}, ("", "tier_conflict")),
        ({"开放属性": "无条件开放", "开放条件": "无"}, ("unconditional", "")),
        ({"开放属性": "无条件开放", "开放条件": "注明数据来源"}, ("unconditional", "")),
        ({"开放属性": "无条件开放", "开放方式": "接口、下载"}, ("unconditional", "")),
        ({"开放属性": "无条件开放", "开放方式": "依申请开放"}, ("conditional", "")),
        ({"开放属性": "", "开放条件": "无条件开放"}, ("", "tier_missing")),
        ({"开放属性": "", "开放条件": "有条件开放"}, ("conditional", "")),
        ({"是否向社会开放": "是", "开放属性": "无条件开放"}, ("unconditional", "")),
        ({"是否向社会开放": "是", "开放属性": ""}, ("", "tier_unknown")),
        ({"是否向社会开放": "是", "开放条件": "无条件开放"}, ("unconditional", "")),
        ({"是否向社会开放": "是", "开放条件": "有条件开放"}, ("conditional", "")),
        ({"是否向社会开放": "是", "开放条件": "无"}, ("", "tier_unknown")),
        ({"是否向社会开放": "", "开放条件": "无条件开放"}, ("", "tier_missing")),
        ({"开放属性": "无条件开放", "省级意见": "不予开放"}, ("not_open", "")),
        ({"开放属性": ["无条件开放", "有条件开放"]}, ("conditional", "")),
    ],
)
def test_where_several_columns_speak_the_stricter_rules(decided: Decide, cells: dict[str, Any], expected: Any) -> None:
    assert tier_of(decided, **cells) == expected


def test_a_key_that_stands_twice_counts_with_its_stricter_value(decided: Decide) -> None:
    rows = '[{"标题":"a表","来源部门":"b局","开放属性":"有条件开放","开放属性":"无条件开放"}]'.encode()
    assert decided(rows)[0].tier == "conditional"
    table = "标题,来源部门,开放属性,开放属性\na表,b局,有条件开放,无条件开放\n".encode()
    assert decided(table)[0].tier == "conditional"


def test_conditions_of_use_are_kept_beside_a_tier_of_its_own_column(decided: Decide) -> None:
    row = decided([{**ROW, "开放属性": "有条件开放", "开放条件": "须提交安全措施说明"}])[0]
    assert (row.tier, row.entry["open_conditions"]) == ("conditional", "须提交安全措施说明")


@pytest.mark.requirement("LYG-6")
def test_a_stricter_data_item_makes_the_whole_row_stricter_and_an_unknown_one_holds_it(decided: Decide) -> None:
    items = [{"名称": "地址", "开放属性": "无条件开放"}, {"名称": "电话", "开放属性": "有条件开放"}]
    row = decided([{**ROW, "开放属性": "无条件开放", "数据项": items}])[0]
    assert row.tier == "conditional"
    assert "tier_stricter_of_several" in {note.cause for note in row.notes}
    assert tier_of(decided, 开放属性="无条件开放", 数据项=[{"名称": "地址", "开放属性": "L3"}]) == ("", "tier_unknown")


def test_a_column_of_unknown_name_is_the_tier_only_if_its_name_and_its_words_both_say_so(decided: Decide) -> None:
    assert tier_of(decided, 开放分级分类="无条件开放") == ("unconditional", "")
    assert tier_of(decided, 开放分级分类="开放网站") == ("", "tier_missing")
    assert tier_of(decided, 备用列="无条件开放") == ("", "tier_missing")


@pytest.mark.requirement("LYG-7")
def test_the_same_entry_with_two_tiers_in_two_rows_is_held(decided: Decide) -> None:
    first, second = decided([{**ROW, "开放属性": "无条件开放"}, {**ROW, "开放属性": "有条件开放"}])
    assert (first.tier, first.cause) == ("", "tier_conflict")
    assert second.verdict.value == "duplicate"
