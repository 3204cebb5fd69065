"""The demo's files open in the programs they are for, and are the same each time."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re

import pytest
from openpyxl import load_workbook

from ckanext.govdata.demo.entries import Entry, entries
from ckanext.govdata.demo.files import WRITERS, csv_bytes, geojson_bytes, json_bytes, pdf_bytes, xlsx_bytes
from ckanext.govdata.demo.pdf import text_pdf
from ckanext.govdata.demo.tables import make_table

DAY = datetime.date(2026, 11, 22)
ENTRIES = {entry.key: entry for entry in entries(DAY)}


def entry_with(kind: str) -> Entry:
    return next(entry for entry in ENTRIES.values() if kind in entry.formats)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_file_written_twice_is_the_same(kind: str) -> None:
    entry = entry_with(kind)
    table = make_table(entry, DAY)
    assert WRITERS[kind](entry, table) == WRITERS[kind](entry, table)


def test_csv_opens_in_spreadsheets_and_has_every_row() -> None:
    entry = entry_with("csv")
    table = make_table(entry, DAY)
    content = csv_bytes(entry, table)
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines[0] == table.titles
    assert len(lines) == len(table.rows) + 1


def test_xlsx_has_the_rows_of_the_table() -> None:
    entry = entry_with("xlsx")
    table = make_table(entry, DAY)
    sheet = load_workbook(io.BytesIO(xlsx_bytes(entry, table)), read_only=True).active
    assert sheet is not None
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert lines[0] == table.titles
    assert len(lines) == len(table.rows) + 1


def test_json_describes_its_fields_and_holds_the_records() -> None:
    entry = entry_with("json")
    table = make_table(entry, DAY)
    document = json.loads(json_bytes(entry, table))
    assert [field["name"] for field in document["fields"]] == table.names
    assert len(document["records"]) == len(table.rows)


def test_geojson_holds_points_and_for_districts_closed_outlines() -> None:
    stops = json.loads(geojson_bytes(ENTRIES["bus-stops"], make_table(ENTRIES["bus-stops"], DAY)))
    assert {feature["geometry"]["type"] for feature in stops["features"]} == {"Point"}
    bounds = json.loads(geojson_bytes(ENTRIES["district-bounds"], make_table(ENTRIES["district-bounds"], DAY)))
    rings = [feature["geometry"]["coordinates"][0] for feature in bounds["features"]]
    assert len(rings) == 6
    assert all(ring[0] == ring[-1] for ring in rings)


def test_a_pdf_finds_each_of_its_objects_and_breaks_long_text_into_pages() -> None:
    content = text_pdf("公报", ["很长的文字" * 600])
    offsets = [int(found) for found in re.findall(rb"^(\d{10}) 00000 n ", content, re.M)]
    start = int(re.search(rb"startxref\n(\d+)\n", content).group(1))  # type: ignore[union-attr]
    assert content[start:].startswith(b"xref")
    assert [content[offset:].startswith(b"%d 0 obj" % number) for number, offset in enumerate(offsets, 1)] == [
        True
    ] * len(offsets)
    assert content.count(b"/Type /Page ") >= 2
    assert "公报".encode("utf-16-be").hex().encode() in content


def test_a_report_in_pdf_says_that_it_is_made_up() -> None:
    entry = entry_with("pdf")
    assert "虚构".encode("utf-16-be").hex().encode() in pdf_bytes(entry, make_table(entry, DAY))
