"""Mapping: cells to fields, text cleaned, words to keys."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_harvest.mapping.contacts import contacts_in
from ckanext.govdata_harvest.mapping.dates import date_of, range_of
from ckanext.govdata_harvest.mapping.keywords import cycle_of, formats_of, tags_of, themes_of
from ckanext.govdata_harvest.mapping.text import clean, one_line, values_in

from .conftest import Decide


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023-01-17", "2023-01-17"),
        ("2023/1/7 08:00:00", "2023-01-07"),
        ("2023年1月7日", "2023-01-07"),
        ("2023年1月", "2023-01-01"),
        ("2023.01.07", "2023-01-07"),
        ("20230107", "2023-01-07"),
        ("2023-01-07T20:00:00Z", "2023-01-07"),
        (1627464632000, "2021-07-28"),
        ("1627464632", "2021-07-28"),
        (1577808000000, "2020-01-01"),
        ("9999-99-99", ""),
        ("2023-02-30", ""),
        ("0000-00-00", ""),
        ("去年", ""),
        (None, ""),
        (True, ""),
    ],
)
def test_dates_are_read_as_lists_write_them(value: Any, expected: str) -> None:
    assert date_of(value) == expected


def test_a_span_of_time_has_a_start_and_an_end() -> None:
    assert range_of("2025/04/27-2026/01/01") == ("2025-04-27", "2026-01-01")
    assert range_of("2019年至2022年") == ("2019-01-01", "2022-12-31")
    assert range_of("长期") == ("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>甲<br>乙&nbsp;丙</p><script>alert(1)</script>", "甲\n乙 丙"),
        ("a < b 且 c > d", "a < b 且 c > d"),
        ("Ａ１２３　路", "A123 路"),
        ("甲\x00\x07乙\ufeff\u200b", "甲乙"),
        ("坏\ud800字", "坏字"),
        ("一\r\n\r\n\r\n\r\n二", "一\n\n二"),
        ("R&amp;D", "R&D"),
    ],
)
def test_text_is_cleaned(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_several_words_in_a_cell_are_told_apart() -> None:
    assert values_in("['xls', 'csv']") == ["xls", "csv"]
    assert values_in(["生活服务"]) == ["生活服务"]
    assert values_in("[未完") == ["[未完"]
    assert one_line("a\r\n b") == "a b"


def test_tags_are_what_ckan_takes_and_the_rest_is_counted() -> None:
    cell = "财政\r\n\t金融业\r\n\t农、林、牧、渔业\r\n\t民政、社区\r\n\t放\r\n\t财政"
    assert tags_of([cell]) == (["财政", "金融业", "农林牧渔业", "民政", "社区"], 1)
    assert tags_of(["信息、地表水、-、《条例》(试行)"]) == (["信息", "地表水", "条例 试行"], 0)
    assert tags_of(["歌舞 娱乐 场所", "暂无", "长" * 101]) == (["歌舞", "娱乐", "场所"], 1)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("['xls', 'xml', 'json', '接口']", ["API", "JSON", "XLS", "XML"]),
        ("电子表格-xlsx", ["XLSX"]),
        ("数据库-mysql", []),
        ("电子表格:xlsx;数据库:greenplum", ["XLSX"]),
        ("接口:json", ["JSON"]),
        (["json"], ["JSON"]),
        ("RDF/XML", ["RDF"]),
        ("file", []),
    ],
)
def test_formats_are_named_as_the_catalogue_names_them(cell: Any, expected: list[str]) -> None:
    assert formats_of([cell]) == (expected, [])


def test_cycles_and_themes_are_keys_and_unknown_words_are_named() -> None:
    assert cycle_of(["暂无", "每年(更新说明:暂无新业务数据产生)"]) == ("annual", "")
    assert cycle_of(["逢五更新"]) == ("", "逢五更新")
    assert themes_of(["工业农业、财税金融"]) == ("industry", [])
    assert themes_of(["综合政务", ["教育文化"], "死亡殡葬"]) == ("education", ["死亡殡葬"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0818-6233661"], ("0818-6233661", "", False)),
        (["暂无联系方式"], ("", "", False)),
        (["（已隐去）"], ("", "", False)),
        (["152********"], ("", "", False)),
        (["zjs@163.com"], ("", "zjs@163.com", False)),
        (["13912345678"], ("", "", True)),
        (["日间:(0571)87709006 夜间:(0571)87087342"], ("日间:(0571)87709006 夜间:(0571)87087342", "", False)),
        (["12345"], ("12345", "", False)),
    ],
)
def test_only_a_unit_s_telephone_and_mail_are_kept(values: list[str], expected: Any) -> None:
    assert contacts_in(values) == expected


def test_a_whole_row_becomes_an_entry(decided: Decide) -> None:
    row = decided(
        [
            {
                "标题": "<b>停车场</b>\r\n名录",
                "摘要": "含名称、地址。",
                "数源单位": "【江海市】江海市城管局",
                "开放条件": "无条件",
                "更新周期": "每月",
                "数据领域": ["交通运输"],
                "数据量": "12,569",
                "上线日期": 1627464632000,
                "联系人": "（已隐去）",
                "联系方式": "0513-82399020",
                "数据项": "名称,地址,泊位数",
                "数据分级": "一般",
                "共享属性": "无条件共享",
                "详情页网址": "https://data.example.cn/d?id=1",
                "奇怪的列": "x",
            }
        ]
    )[0]
    assert row.entry == {
        "title": "停车场 名录",
        "notes": "含名称、地址。",
        "theme": "transport",
        "update_cycle": "monthly",
        "row_count": "12569",
        "issued": "2021-07-28",
        "contact_phone": "0513-82399020",
        "data_items": [{"title": "名称"}, {"title": "地址"}, {"title": "泊位数"}],
        "grading": "general",
        "sharing_tier": "unconditional",
        "source_url": "https://data.example.cn/d?id=1",
        "open_tier": "unconditional",
        "tier_word": "无条件",
    }
    assert row.agency == "【江海市】江海市城管局"
