"""Dates, sizes, numbers, formats and states in the reader's words."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from ckan.plugins import toolkit as tk

# China keeps one time without summer time.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def is_english() -> bool:
    return str(tk.h.lang() or "").startswith("en")


def _locale() -> str:
    return "en" if is_english() else "zh_Hans_CN"


def today() -> date:
    return datetime.now(SHANGHAI).date()


def as_date(value: Any) -> date | None:
    """The day in Shanghai of an ISO date or an ISO time in UTC as CKAN stores it; None for what is neither."""
    text = str(value or "")
    try:
        if len(text) <= 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.astimezone(SHANGHAI).date()


def govdata_date(value: Any) -> str:
    """2026年11月22日, or November 22, 2026; empty for what is no date."""
    day = value if isinstance(value, date) else as_date(value)
    return format_date(day, "long", locale=_locale()) if day else ""


def govdata_moment(value: datetime | None = None) -> str:
    """A moment in Shanghai to the minute; now when left out."""
    moment = (value or datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    pattern = "MMMM d, y, HH:mm" if is_english() else "y年M月d日 HH:mm"
    return format_datetime(moment, pattern, tzinfo=SHANGHAI, locale=_locale())


def govdata_number(value: Any) -> str:
    """A count grouped by three; what is no number comes back as it is."""
    text = str(value if value is not None else "")
    return format_decimal(int(text), locale=_locale()) if text.isdigit() else text


def govdata_size(value: Any) -> str:
    """A file's size in KB or MB (1024), from bytes; empty when unknown."""
    if not str(value or "").isdigit():
        return ""
    size = int(value)
    if size < 1024 * 1024:
        return f"{max(size / 1024, 0.1):.1f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def govdata_format(value: str) -> str:
    """A file format in words, such as "Excel table (.xlsx)"; an unknown one is named as it is."""
    key = str(value or "").upper().lstrip(".")
    words = _format_words().get(key)
    return words or key or tk._("File")


def _format_words() -> dict[str, str]:
    return {
        "CSV": tk._("CSV table"),
        "TSV": tk._("TSV table"),
        "XLSX": tk._("Excel table"),
        "XLS": tk._("Excel table (.xls)"),
        "ODS": tk._("OpenDocument table"),
        "JSON": tk._("JSON data"),
        "GEOJSON": tk._("GeoJSON map data"),
        "XML": tk._("XML data"),
        "RDF": tk._("RDF data"),
        "PDF": tk._("PDF document"),
        "DOCX": tk._("Word document"),
        "DOC": tk._("Word document (.doc)"),
        "TXT": tk._("Plain text"),
        "ZIP": tk._("ZIP archive"),
        "SHP": tk._("Shapefile map data"),
        "KML": tk._("KML map data"),
        "API": tk._("Interface (API)"),
        "PNG": tk._("PNG image"),
        "JPEG": tk._("JPEG image"),
        "HTML": tk._("Web page"),
    }
