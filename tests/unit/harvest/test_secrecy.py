"""State secrets: the row is refused, and nothing but its number is kept."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Decide

ROW = {"标题": "某某线路图", "来源部门": "江海市某局", "开放属性": "无条件开放"}


@pytest.mark.requirement("DCF-2", "ZB-2", "LYG-7")
@pytest.mark.parametrize(
    "cells",
    [
        {"数据分级": "涉密"},
        {"数据分级": " 涉 密 "},
        {"密级": "机密"},
        {"密级": "秘密★10年级 绝密"},
        {"是否涉密": "是"},
        {"是否涉密": True},
        {"涉密属性": "涉密"},
        {"开放属性": "涉密"},
        {"开放类型": "涉及国家秘密，不予开放"},
        {"不予开放原因": "属于国家秘密"},
        {"保密审查": "绝密"},
        {"本表是否属于国家秘密": "是"},
        {"数据项": [{"名称": "坐标", "涉密属性": "是"}]},
        {"数据项": [{"名称": "坐标", "开放属性": "国家秘密"}]},
        {"敏感级别": ["一般", "涉密"]},
    ],
)
def test_a_row_marked_as_a_state_secret_is_refused_and_keeps_nothing_of_its_text(
    decided: Decide, cells: dict[str, Any]
) -> None:
    secret, other = decided([{**ROW, **cells}, {**ROW, "标题": "公园名录"}])
    assert (secret.verdict.value, secret.cause) == ("refused", "state_secret")
    assert (secret.entry, secret.agency, secret.key, secret.notes) == ({}, "", "", ())
    assert other.verdict.value == "taken"


@pytest.mark.parametrize(
    "cells",
    [
        {"是否涉密": "否"},
        {"涉密属性": "非涉密"},
        {"密级": "无"},
        {"数据分级": "一般"},
        {"不予开放原因": "商业秘密"},
        {"数据分级": "不涉及国家秘密"},
        {"数据项": [{"名称": "涉密人员培训次数", "敏感属性": "是"}]},
        {"描述": "机密打印机采购公告"},
    ],
)
def test_a_row_that_denies_secrecy_or_only_speaks_of_it_is_taken(decided: Decide, cells: dict[str, Any]) -> None:
    assert decided([{**ROW, **cells}])[0].verdict.value == "taken"


@pytest.mark.requirement("LYG-7")
def test_the_same_entry_without_the_mark_in_another_row_is_refused_too(decided: Decide) -> None:
    rows = decided([{**ROW, "密级": ""}, {**ROW, "密级": "机密"}])
    assert [row.cause for row in rows] == ["state_secret", "state_secret"]
