"""A holder of some data items: files cut, searches narrowed, SQL held to the granted columns."""

import io
import json

import openpyxl
import pytest

from ckanext.govdata.access import sql
from ckanext.govdata.access.cutting import CannotCut, cut
from ckanext.govdata.access.headings import columns_of, granted_headings
from ckanext.govdata.access.narrowing import OtherColumn, narrowed

GRANTED = frozenset({"停车场", "泊位数"})
LINES = "停车场,泊位数,经营者\r\n望舒,120,secret甲\r\n云帆,,secret乙\r\n"


def cut_bytes(data: bytes, granted: frozenset[str] = GRANTED) -> bytes:
    return b"".join(cut(io.BytesIO(data), granted).chunks)


def test_headings_are_the_granted_items_names_and_titles_and_nothing_that_another_item_shares() -> None:
    items = [{"name": "lot", "title": "停车场"}, {"name": "x", "title": "lot"}, {"name": "owner", "title": "经营者"}]
    assert granted_headings(["lot"], items) == {"停车场"}
    assert granted_headings(["owner"], items) == {"owner", "经营者"}
    assert granted_headings(["经营者"], [{"title": "经营者"}]) == {"经营者"}


def test_a_heading_that_stands_twice_is_given_to_nobody() -> None:
    assert columns_of(["停车场", "泊位数", " 泊位数 "], GRANTED) == [0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_is_cut_whatever_its_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = cut_bytes(LINES.replace(",", delimiter).encode(encoding)).decode("utf-8-sig")
    assert text == "停车场,泊位数\r\n望舒,120\r\n云帆,\r\n".replace(",", delimiter)


def test_title_rows_and_longer_rows_give_nothing_more() -> None:
    text = cut_bytes("停车场,泊位数,经营者\r\n望舒,1,secret,secret,secret\r\n".encode()).decode()
    assert "secret" not in text
    with pytest.raises(CannotCut):
        cut(io.BytesIO("secret title\r\n停车场,泊位数\r\n".encode()), GRANTED)


def test_json_is_cut_to_plain_values_of_the_granted_keys() -> None:
    records = [{"停车场": "望舒", "泊位数": {"经营者": "secret"}, "经营者": "secret"}, {"停车场": "云帆"}]
    for document in (records, {"data": records, "note": "secret"}):
        found = cut_bytes(json.dumps(document, ensure_ascii=False).encode())
        assert json.loads(found) == [{"停车场": "望舒"}, {"停车场": "云帆"}]
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    found = [json.loads(line) for line in cut_bytes(lines.encode()).splitlines()]
    assert found == [{"停车场": "望舒"}, {"停车场": "云帆"}]


def test_a_workbook_is_made_anew_out_of_the_granted_columns() -> None:
    book = openpyxl.Workbook()
    book.active.title = "secret"
    for row in (["停车场", "经营者"], ["望舒", "secret"]):
        book.active.append(row)
    book.active["A1"].comment = openpyxl.comments.Comment("secret", "secret")
    book.create_sheet("hidden").append(["经营者", "secret"])
    book["hidden"].sheet_state = "hidden"
    book.properties.title = "secret"
    out = io.BytesIO()
    book.save(out)
    found = openpyxl.load_workbook(io.BytesIO(cut_bytes(out.getvalue())))
    assert [[cell.value for cell in row] for sheet in found for row in sheet.rows] == [["停车场"], ["望舒"]]
    assert "secret" not in repr(found.sheetnames) + repr(vars(found.properties))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\x00secret",
        b"PK\x03\x04 no archive",
        "经营者,电话\r\nsecret,1".encode(),
        b"<html>secret",
        b'{"a": 1}',
    ],
)
def test_what_cannot_be_cut_for_sure_is_refused(data: bytes) -> None:
    with pytest.raises(CannotCut):
        cut(io.BytesIO(data), GRANTED)


COLUMNS = ["停车场", "泊位数"]


def test_a_search_is_narrowed_to_the_granted_columns() -> None:
    assert narrowed({"resource_id": "r"}, COLUMNS)["fields"] == ["_id", *COLUMNS]
    asked = {
        "fields": "停车场",
        "sort": '"泊位数" desc nulls last, _id',
        "filters": {"$or": [{"停车场": "a"}, {"_id": {"gt": 1}}]},
    }
    assert narrowed({**asked, "q": {"停车场": "望"}}, COLUMNS)["fields"] == ["停车场"]


@pytest.mark.parametrize(
    "more",
    [
        {"fields": "停车场,经营者"},
        {"fields": ["rank 经营者"]},
        {"fields": "_full_text"},
        {"sort": "经营者"},
        {"sort": "length(经营者)"},
        {"filters": {"经营者": "secret"}},
        {"filters": '{"经营者": {"gt": "a"}}'},
        {"filters": {"$and": [{"$or": [{"停车场": "a"}, {"经营者": "a"}]}]}},
        {"filters": {"$not": {"经营者": "a"}}},
        {"filters": "no json"},
        {"q": "secret"},
        {"q": '"secret"'},
        {"q": {"经营者": "secret"}},
        {"q": '{"停车场": "a", "经营者": "secret"}'},
        {"full_text": "secret"},
        {"something_new": "经营者"},
    ],
)
def test_a_search_that_names_another_column_or_all_of_them_is_refused(more: dict) -> None:
    with pytest.raises(OtherColumn):
        narrowed({"resource_id": "r", **more}, COLUMNS)


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT * FROM "t"',
        'SELECT x.* FROM public."t" x JOIN "t" y USING (a)',
        'SELECT row_to_json(z) FROM "t" z WHERE EXISTS (SELECT 1 FROM "t" WHERE a = z.a) ORDER BY 1',
        'TABLE "t"',
        'SELECT 1 UNION ALL SELECT a FROM "t"',
        'WITH w AS (SELECT * FROM "t") SELECT * FROM w, LATERAL (SELECT * FROM "t") v',
        'SELECT (SELECT count(*) FROM ONLY "t")',
    ],
)
def test_each_place_of_a_table_becomes_a_subselect_of_the_granted_columns(statement: str) -> None:
    held = sql.held_to(statement, {"t": ("t", ["a", "b"])})
    assert held.count("(SELECT a, b FROM public.t)") == statement.count('"t"')
    assert sql.tables_of(held) == sql.tables_of(statement)


def test_an_alias_is_replaced_by_the_table_it_stands_for() -> None:
    assert sql.held_to('SELECT alias.a FROM "alias"', {"alias": ("t", ["a"])}).endswith(
        "(SELECT a FROM public.t) AS alias"
    )
    assert sql.held_to('SELECT alias.a FROM "alias"', {"alias": ("t", [])}).endswith("FROM public.t AS alias")


@pytest.mark.parametrize("statement", ["", "SELECT 1; SELECT 2", "SELECT FROM WHERE", "nonsense"])
def test_what_is_not_one_readable_statement_is_refused(statement: str) -> None:
    with pytest.raises(sql.Unreadable):
        sql.held_to(statement, {})
