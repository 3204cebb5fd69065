"""The bytes of the demo's files: CSV, XLSX, JSON, GeoJSON and PDF, the same for the same table (pure)."""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook

from .city import District, city
from .entries import Entry
from .pdf import text_pdf
from .tables import Table

_PDF_ROWS = 24
_LONG_AGO = (2026, 1, 1, 0, 0, 0)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Jianghai</dc:creator></cp:coreProperties>'
)


def csv_bytes(entry: Entry, table: Table) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheet programs in China read it; lines end in CRLF (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.titles)
    writer.writerows([_text(value) for value in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def json_bytes(entry: Entry, table: Table) -> bytes:
    """Field descriptions and records, the records by field name."""
    fields = [{"name": item.name, "title": item.title, "unit": item.unit} for item in table.items]
    records = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    document = {"title": entry.words("zh"), "publisher": entry.agency.zh, "fields": fields, "records": records}
    return json.dumps(document, ensure_ascii=False, indent=1, default=_text).encode()


def geojson_bytes(entry: Entry, table: Table) -> bytes:
    """A feature collection: points where the table has coordinates, else the outline of the row's district."""
    features = [_feature(dict(zip(table.names, row, strict=True)), table) for row in table.rows]
    document = {"type": "FeatureCollection", "name": entry.words("zh"), "features": features}
    return json.dumps(document, ensure_ascii=False, default=_text).encode()


def _feature(record: dict[str, Any], table: Table) -> dict[str, Any]:
    titles = {item.name: item.title for item in table.items}
    properties = {titles[name]: value for name, value in record.items() if name not in ("lon", "lat")}
    return {"type": "Feature", "geometry": _geometry(record), "properties": properties}


def _geometry(record: dict[str, Any]) -> dict[str, Any]:
    if "lon" in record:
        return {"type": "Point", "coordinates": [record["lon"], record["lat"]]}
    district = next(district for district in city().districts if district.zh == record["district"])
    return {"type": "Polygon", "coordinates": [_outline(district)]}


def _outline(district: District) -> list[list[float]]:
    west, south, east, north = district.box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def xlsx_bytes(entry: Entry, table: Table) -> bytes:
    """A workbook with one sheet, headings in the first row; written twice it is the same."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(table.titles)
    for row in table.rows:
        sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return _timeless(raw)


def _timeless(archive: io.BytesIO) -> bytes:
    """The same archive without the moment at which it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = _CORE.encode() if part.filename == "docProps/core.xml" else source.read(part)
            target.writestr(zipfile.ZipInfo(part.filename, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pdf_bytes(entry: Entry, table: Table) -> bytes:
    """A short report: title, what the data is, and the first rows of its table."""
    lines = [entry.words("about"), "", "主要指标", " | ".join(table.titles)]
    lines += [" | ".join(str(_text(value)) for value in row) for row in table.rows[:_PDF_ROWS]]
    return text_pdf(entry.words("zh"), [*lines, "", f"{entry.agency.zh}", "本文件为演示数据,全部内容均为虚构。"])


def _text(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, datetime.date) else value


WRITERS: dict[str, Callable[[Entry, Table], bytes]] = {
    "csv": csv_bytes,
    "xlsx": xlsx_bytes,
    "json": json_bytes,
    "geojson": geojson_bytes,
    "pdf": pdf_bytes,
}
