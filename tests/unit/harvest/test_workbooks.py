"""Workbooks, pages, XML and archives: the table is found, joined and counted; what is dangerous or broken is refused by name."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.deciding import Decided, Verdict
from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.readers import ListError, Row, open_list

from .conftest import Decide
from .files import html, ods, ods_cell, spreadsheet_xml, workbook, xls, zipped

HEADER = ["序号", "数据集名称", "数据提供单位", "开放属性"]
BODY = [[1, "停车场名录", "江海市城管局", "无条件开放"], [2, "学校名录", "江海市教育局", "有条件开放"]]


def shown(found: list[Decided]) -> list[tuple[int, str, str, str]]:
    return [(row.number, row.entry["title"], row.agency, row.tier) for row in found if row.verdict is Verdict.TAKEN]


def passed(found: list[Decided]) -> list[tuple[str, int]]:
    return [(row.cause, row.number) for row in found if row.verdict is Verdict.PASSED]


def refused(tmp_path: Path, content: bytes, limit: int = 1 << 24) -> ListError:
    path = tmp_path / "list"
    path.write_bytes(content)
    with pytest.raises(ListError) as error:
        list(open_list(path, KnownNames(), limit).rows())
    return error.value


TAKEN = [(2, "停车场名录", "江海市城管局", "unconditional"), (3, "学校名录", "江海市教育局", "conditional")]


@pytest.mark.parametrize(
    "content",
    [
        workbook([HEADER, *BODY]),
        xls([HEADER, *BODY]),
        ods([HEADER, *BODY]),
        html([HEADER, *BODY]),
        spreadsheet_xml([HEADER, *BODY]),
        gzip.compress(workbook([HEADER, *BODY])),
    ],
    ids=["xlsx", "xls", "ods", "html", "spreadsheet_xml", "xlsx.gz"],
)
def test_a_table_is_read_from_any_workbook_whatever_its_name(decided: Decide, content: bytes) -> None:
    assert shown(decided(content)) == TAKEN


def test_title_rows_blank_rows_and_columns_footnotes_and_sums_are_no_entries(decided: Decide) -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"] = "江海市公共数据开放清单（2024年）"
        sheet.merge_cells("B2:E2")
        sheet["B3"] = "填报单位：大数据局"
        for place, row in ((5, HEADER), (6, BODY[0]), (8, BODY[1]), (9, HEADER)):
            for column, cell in enumerate(row):
                sheet.cell(place, column + 2, cell)
        sheet["B11"] = "注：本表每年更新"
        sheet["C12"] = "合计"
        sheet["D12"] = 2
        sheet["B13"] = "填表人：张三"
        sheet["D13"] = "审核人：李四"

    found = decided(workbook(fill))
    assert [(number, title) for number, title, _, _ in shown(found)] == [(6, "停车场名录"), (8, "学校名录")]
    assert [cause for cause, _ in passed(found)] == ["header_repeated", "line_aside", "line_aside", "line_aside"]
    assert not [row for row in found if row.verdict is Verdict.REFUSED]


@pytest.mark.requirement("LYG-6")
def test_a_header_of_two_rows_keeps_opening_and_sharing_apart(decided: Decide) -> None:
    def fill(sheet: Any) -> None:
        for row in (
            ["名称", "提供单位", "共享信息", None, "开放信息", None],
            [None, None, "类型", "条件", "类型", "条件"],
            ["甲表", "统计局", "无条件共享", None, "有条件开放", "签订协议"],
            ["乙表", "统计局", "无条件", None, "不予开放", None],
            ["丙表", "统计局", "无条件", None, None, None],
        ):
            sheet.append(row)
        for merged in ("A1:A2", "B1:B2", "C1:D1", "E1:F1"):
            sheet.merge_cells(merged)

    expected = [("甲表", "conditional"), ("乙表", "not_open"), ("丙表", "")]
    found = decided(workbook(fill))
    assert [(title, tier) for _, title, _, tier in shown(found)] == expected
    assert found[0].entry["open_conditions"] == "签订协议"
    text = "名称,提供单位,共享信息,,开放信息,\n,,类型,条件,类型,条件\n"
    text += "甲表,局,无条件共享,,有条件开放,签订\n乙表,局,无条件,,不予开放,\n丙表,局,无条件,,,\n"
    assert [(title, tier) for _, title, _, tier in shown(decided(text.encode()))] == expected


def test_merged_cells_hold_for_all_rows_that_they_cover(decided: Decide) -> None:
    def fill(sheet: Any) -> None:
        for row in (HEADER, *BODY, [3, "公厕名录", None, None]):
            sheet.append(row)
        sheet["C2"] = "江海市城管局"
        sheet.merge_cells("C2:C4")
        sheet.merge_cells("D3:D4")

    assert shown(decided(workbook(fill))) == [
        (2, "停车场名录", "江海市城管局", "unconditional"),
        (3, "学校名录", "江海市城管局", "conditional"),
        (4, "公厕名录", "江海市城管局", "conditional"),
    ]


ITEM_HEADER = ["信息资源名称", "提供单位", "信息项名称", "数据类型", "是否向社会开放", "开放条件"]
ITEM_BODY = [
    ["车辆登记", "公安局", "车牌号", "字符型C", "是", "无条件开放"],
    [None, None, "车主姓名", "字符型C", "否", None],
    [None, None, "车型", "字符型C", "是", None],
    ["停车场", "城管局", "名称", "字符型C", "是", "无条件开放"],
    [None, None, "地址", "字符型C", "是", None],
]


@pytest.mark.requirement("YZ-12", "LYG-6")
@pytest.mark.parametrize("way", ["blank", "merged", "repeated", "text"])
def test_an_entry_over_several_rows_has_its_items_and_their_strictest_word(decided: Decide, way: str) -> None:
    rows = [list(row) for row in ITEM_BODY]
    if way == "repeated":
        for row, first in ((1, 0), (2, 0), (4, 3)):
            rows[row][:2] = rows[first][:2]

    def fill(sheet: Any) -> None:
        for row in (ITEM_HEADER, *rows):
            sheet.append(row)
        for merged in ("A2:A4", "B2:B4", "A5:A6", "B5:B6") if way == "merged" else ():
            sheet.merge_cells(merged)

    text = "\n".join(",".join(cell or "" for cell in row) for row in [ITEM_HEADER, *rows])
    found = decided(text.encode() if way == "text" else workbook(fill))
    assert [(row.entry["title"], row.agency, row.tier) for row in found] == [
        ("车辆登记", "公安局", "not_open"),
        ("停车场", "城管局", "unconditional"),
    ]
    assert [item["title"] for item in found[0].entry["data_items"]] == ["车牌号", "车主姓名", "车型"]
    assert found[0].entry["data_items"][0]["type"] == "字符型C"


@pytest.mark.requirement("DCF-2")
def test_an_entry_whose_item_row_is_a_state_secret_is_refused(decided: Decide) -> None:
    header = ["信息资源名称", "提供单位", "开放属性", "信息项名称", "涉密属性"]
    body = [
        ["车辆登记", "公安局", "无条件开放", "车牌号", "非涉密"],
        [None, None, None, "番号", "涉密"],
        ["停车场", "局", "无条件", "名", "否"],
    ]
    found = decided(workbook([header, *body]))
    assert [(row.verdict, row.cause) for row in found] == [(Verdict.REFUSED, "state_secret"), (Verdict.TAKEN, "")]


def test_several_sheets_are_read_and_hidden_and_foreign_ones_are_named(decided: Decide) -> None:
    def hidden(sheet: Any) -> None:
        for row in (HEADER, [9, "隐藏的表", "局", "无条件开放"]):
            sheet.append(row)
        sheet.sheet_state = "hidden"

    found = decided(workbook([HEADER, BODY[0]], hidden, [["说明"], ["请按要求填写"]], [HEADER[1:], BODY[1][1:]]))
    assert [(row.entry["title"], row.row.sheet) for row in found if row.verdict is Verdict.TAKEN and row.row] == [
        ("停车场名录", "表1"),
        ("学校名录", "表4"),
    ]
    assert passed(found) == [("sheet_hidden", 0), ("sheet_passed", 1)]


def test_items_on_a_sheet_of_their_own_come_to_their_entries_by_title(decided: Decide) -> None:
    items = [
        ["数据资源目录名称", "业务名称", "技术名称", "数据类型", "开放属性"],
        ["停车场名录", "名称", "mc", "字符型", "无条件开放"],
        ["停车场名录", "业主电话", "dh", "字符型", "不予开放"],
        ["不在清单", "名称", "mc", "字符型", "不予开放"],
    ]
    found = decided(workbook([HEADER, *BODY], items))
    assert [(title, tier) for _, title, _, tier in shown(found)] == [
        ("停车场名录", "not_open"),
        ("学校名录", "conditional"),
    ]
    assert [item["title"] for item in found[0].entry["data_items"]] == ["名称", "业主电话"]
    assert passed(found) == [("items_without_entry", 4)]


def test_items_that_speak_of_tiers_and_belong_to_no_entry_refuse_the_workbook(tmp_path: Path) -> None:
    items = [["业务名称", "技术名称", "数据类型", "开放属性"], ["名称", "mc", "字符型", "不予开放"]]
    error = refused(tmp_path, workbook([HEADER, *BODY], items))
    assert (error.cause, error.sheet, error.line) == ("items_without_entry", "表2", 1)


def test_a_form_of_labels_and_values_is_one_entry_a_title(decided: Decide) -> None:
    def fill(sheet: Any) -> None:
        for row in (
            ["公共数据资源登记表"],
            ["数据集名称：", "停车场名录", "提供单位", "城管局"],
            ["数据摘要", "全市停车场"],
            ["开放属性", "有条件开放", "更新周期", "每年"],
            ["信息项名称", "数据类型", "开放属性"],
            ["名称", "字符型", "无条件开放"],
            ["业主电话", "字符型", "不予开放"],
            [],
            ["数据集名称：", "学校名录", "提供单位", "教育局"],
            ["数据摘要", "全市学校"],
            ["开放属性", "无条件开放", "更新周期", "每年"],
        ):
            sheet.append(row)
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("B3:D3")

    found = decided(workbook(fill))
    assert shown(found) == [(2, "停车场名录", "城管局", "not_open"), (9, "学校名录", "教育局", "unconditional")]
    assert [item["title"] for item in found[0].entry["data_items"]] == ["名称", "业主电话"]
    assert found[0].entry["update_cycle"] == "annual"


def test_a_problem_names_sheet_and_cell(decided: Decide) -> None:
    row = decided(workbook([HEADER, BODY[0]]))[0].row
    assert isinstance(row, Row)
    assert (row.sheet, row.address("开放属性"), row.cells) == ("表1", "D2", ())


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_rows_of_xml_are_found_wherever_they_stand(decided: Decide, charset: str) -> None:
    entry = "<ds><标题>{}</标题><来源部门>局</来源部门><开放属性>{}</开放属性>"
    entry += "<数据项><项><名称>甲</名称><开放属性>{}</开放属性></项></数据项></ds>"
    body = entry.format("停车场", "无条件开放", "无条件开放") + entry.format("学校", "无条件开放", "不予开放")
    text = f"<?xml version='1.0' encoding='{charset}'?><reply><code>0</code><data><list>{body}</list></data></reply>"
    assert shown(decided(text.encode(charset))) == [(1, "停车场", "局", "unconditional"), (2, "学校", "局", "not_open")]


def test_rows_of_xml_may_be_attributes_or_named_fields(decided: Decide) -> None:
    attributes = (
        '<rows><row 标题="甲" 来源部门="局" 开放属性="无条件"/><row 标题="乙" 来源部门="局" 开放属性="否"/></rows>'
    )
    fields = '<rows><row><f name="标题">甲</f><f name="来源部门">局</f><f name="开放属性">无条件</f></row></rows>'
    assert [tier for *_, tier in shown(decided(attributes.encode()))] == ["unconditional", ""]
    assert [tier for *_, tier in shown(decided(fields.encode()))] == ["unconditional"]


def test_an_archive_of_lists_is_read_member_by_member(decided: Decide) -> None:
    text = "数据集名称,提供单位,开放属性\n公厕名录,城管局,无条件开放\n".encode("gb18030")
    found = decided(zipped({"a.csv": text, "说明.txt": b"hello", "b/c.dat": workbook([HEADER, *BODY])}))
    assert [(row.row.sheet if row.row else "", row.entry.get("title", "")) for row in found] == [
        ("说明.txt", ""),
        ("a.csv", "公厕名录"),
        ("b/c.dat / 表1", "停车场名录"),
        ("b/c.dat / 表1", "学校名录"),
    ]
    assert passed(found) == [("member_no_list", 0)]


def corner() -> bytes:
    def fill(sheet: Any) -> None:
        for row in (HEADER, *BODY):
            sheet.append(row)
        sheet["XFD1048576"] = "x"

    return workbook(fill)


_LAUGHS = "<!DOCTYPE r [" + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)) + "]><r>&a8;</r>"
_WIDE = ods_cell("标题", ' table:number-columns-repeated="1000000000"')
_WIDE_ODS = f"<table:table-row>{_WIDE}</table:table-row>"
_LONG_ODS = f'<table:table-row table:number-rows-repeated="1000000000">{ods_cell("标题")}</table:table-row>'


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (corner(), "workbook_too_large"),
        (zipped({"a.csv": b"0" * 30_000_000}), "list_too_large"),
        (zipped({"a.csv": b"0" * 15_000_000}), "zip_bomb"),
        (zipped({f"{n}.csv": b"0" for n in range(2001)}), "zip_too_many_members"),
        (zipped({"a.zip": zipped({"a.csv": b"x"})}), "zip_in_zip"),
        (zipped({"word/document.xml": b"x"}), "container_document"),
        (ods([], _WIDE_ODS), "too_many_cells"),
        (ods([], _LONG_ODS), "too_many_cells"),
        (_LAUGHS.encode(), "xml_entities"),
        (b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><r><a>&x;</a></r>", "xml_entities"),
        (b"<r>" * 100, "xml_too_deep"),
        ("<r><e><标题>甲</标题><开放属性>无条件</开放属性></e><e>".encode(), "xml_cut_short"),
        (b"," * 20_000 + b"\n", "too_many_cells"),
        (b"x" * 40_000_000, "list_too_large"),
        (b"Rar!\x1a\x07", "container_archive"),
        (workbook([["alpha", "beta"], [1, 2]]), "header_unknown"),
        (workbook([]), "list_empty"),
        (workbook([HEADER, *BODY])[:-200], "zip_broken"),
        (xls([HEADER, *BODY])[:3000], "workbook_broken"),
        (html([["Not Found"]]), "container_markup"),
    ],
)
def test_bombs_and_broken_files_are_refused_by_name(tmp_path: Path, content: bytes, cause: str) -> None:
    assert refused(tmp_path, content).cause == cause
