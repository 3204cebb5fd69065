"""Reading: charset, container and layout are told by content; what cannot be read is said with its line."""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.readers import BadRow, ListError, Row, open_list
from ckanext.govdata_harvest.readers.json_values import json_values

from .conftest import Decide

TABLE = (
    "序号,数据集名称,公共数据开放主体名称,开放属性\n"
    "1,停车场名录,江海市城管局,无条件开放\n"
    "2,学校名录,江海市教育局,有条件开放\n"
)
ROWS = [{"标题": f"第{n}表", "来源部门": "江海市统计局", "开放条件": "无条件开放"} for n in range(50)]


def rows_of(tmp_path: Path, content: bytes, limit: int = 1 << 24) -> list[Row | BadRow]:
    path = tmp_path / "misleading.xlsx"
    path.write_bytes(content)
    return list(open_list(path, KnownNames(), limit).rows())


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_table_is_read_in_any_usual_charset_and_delimiter(decided: Decide, charset: str, delimiter: str) -> None:
    found = decided(TABLE.replace(",", delimiter).encode(charset))
    assert [(row.entry["title"], row.agency, row.tier) for row in found] == [
        ("停车场名录", "江海市城管局", "unconditional"),
        ("学校名录", "江海市教育局", "conditional"),
    ]
    assert [row.number for row in found] == [2, 3]


def test_big5_is_told_from_gb18030_by_the_column_names(decided: Decide) -> None:
    found = decided("標題,來源部門,開放屬性\n公園,工務局,無條件開放\n".encode("big5"))
    assert [(row.entry["title"], row.tier) for row in found] == [("公園", "unconditional")]


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda content: gzip.compress(content[:99]) + gzip.compress(content[99:])]
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_is_read_as_array_as_lines_and_wrapped(tmp_path: Path, pack: Any, charset: str) -> None:
    texts = (
        json.dumps(ROWS, ensure_ascii=False, indent=1),
        "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS),
        json.dumps({"code": 0, "result": {"total": 50, "rows": ROWS}}, ensure_ascii=False),
        json.dumps(ROWS[:20], ensure_ascii=False) + json.dumps(ROWS[20:], ensure_ascii=False),
    )
    for text in texts:
        found = rows_of(tmp_path, pack(text.encode(charset)))
        assert [dict(row.cells) for row in found if isinstance(row, Row)] == ROWS
        assert [row.number for row in found] == list(range(1, 51))


def test_json_is_read_alike_in_pieces_of_any_size() -> None:
    text = json.dumps([{"a": [1, 2.5, '文\n字"]'], "b": {"c": None}}, 12345, "x", []] * 3, ensure_ascii=False, indent=2)
    whole = list(json_values([text]))
    for size in (1, 2, 3, 7, 50):
        assert list(json_values(text[at : at + size] for at in range(0, len(text), size))) == whole


def test_rows_that_are_no_records_are_refused_one_by_one(decided: Decide) -> None:
    found = decided([ROWS[0], "text", 3, None, ["标题"], {"来源部门": "局"}, {"标题": "暂无"}, ROWS[1]])
    assert [(row.number, row.cause) for row in found if row.verdict.value == "refused"] == [
        *((n, "row_not_an_object") for n in (2, 3, 4, 5)),
        (6, "title_missing"),
        (7, "title_missing"),
    ]
    assert [row.number for row in found if row.verdict.value == "taken"] == [1, 8]


def test_a_broken_line_among_lines_of_json_is_one_bad_row(decided: Decide) -> None:
    good = [json.dumps(row, ensure_ascii=False) for row in ROWS[:3]]
    found = decided("\n".join([good[0], '{"标题": "半', good[1], "", good[2]]).encode())
    assert [(row.number, row.verdict.value) for row in found] == [
        (1, "taken"),
        (2, "refused"),
        (3, "taken"),
        (4, "taken"),
    ]


def test_a_record_with_too_many_cells_is_refused_because_its_cells_may_be_shifted(decided: Decide) -> None:
    found = decided("标题,开放属性,来源部门\n甲,乙,无条件开放,局\n丙,无条件开放,局,,\n丁,无条件开放\n".encode())
    assert [(row.number, row.cause, row.tier) for row in found] == [
        (2, "row_too_many_cells", ""),
        (3, "", "unconditional"),
        (4, "", "unconditional"),
    ]


def test_title_rows_above_the_header_are_skipped(decided: Decide) -> None:
    found = decided("江海市开放清单（2023年）,,\n,,\n标题,开放属性,来源部门\n甲表,无条件开放,局\n".encode())
    assert [(row.number, row.tier) for row in found] == [(4, "unconditional")]


@pytest.mark.parametrize(
    ("content", "cause", "line"),
    [
        (b"", "list_empty", 0),
        (b" \n ", "list_empty", 0),
        (b'[{"a": 1},\n{"a": 2', "json_cut_short", 2),
        (b'[{"a": 1},\n{"a": 2}', "json_cut_short", 2),
        (b'[{"a": 1},\n{"a" 2}]', "json_broken", 2),
        (b'[{"a": 1}]\nrest', "json_broken", 2),
        ('[{"标题": "半'.encode()[:-1], "text_cut_short", 0),
        (b"[" * 200_000, "json_too_deep", 1),
        (b"<html><body>502 Bad Gateway</body></html>", "container_markup", 1),
        (b"PK\x03\x04....", "zip_broken", 0),
        (b"\xd0\xcf\x11\xe0....", "workbook_broken", 0),
        (b"%PDF-1.7", "container_pdf", 0),
        (gzip.compress(b"x" * 5000, mtime=0)[:30], "gzip_broken", 0),
        (b"alpha,beta\n1,2\n", "header_unknown", 1),
        ("标题,来源部门\n".encode() + b"\xff\xfe\xff\xff\x80", "charset_unknown", 0),
    ],
)
def test_what_is_no_list_is_refused_whole_with_its_cause_and_line(
    tmp_path: Path, content: bytes, cause: str, line: int
) -> None:
    with pytest.raises(ListError) as refused:
        rows_of(tmp_path, content)
    assert (refused.value.cause, refused.value.line) == (cause, line)


def test_a_list_that_unpacks_to_more_than_the_limit_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="list_too_large"):
        rows_of(tmp_path, gzip.compress(b"[" + b" " * 3_000_000), limit=1_000_000)


def test_a_bom_within_utf_32_is_no_utf_16(decided: Decide) -> None:
    assert len(decided(codecs.BOM_UTF32_LE + TABLE.encode("utf-32-le"))) == 2
