"""One row mapped: the fields of a catalogue entry out of the cells, with what could not be used named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ckanext.govdata.catalogue.domain import OpenTier

from ..readers import Row
from .columns import ColumnPlan
from .contacts import contacts_in
from .data_files import files_named
from .dates import date_of, range_of
from .items import items_of
from .keywords import cycle_of, formats_of, key_of, tags_of, themes_of
from .links import links_of
from .text import clean, clipped, one_line
from .tiers import Cells, TierDecision, decide_tier
from .vocabulary import is_placeholder

_TEXTS = {"title_en": 500, "source_system": 200, "coverage_place": 200, "sharing_mode": 200, "contact_unit": 200}
_LONG_TEXTS = {"notes": 20_000, "open_basis": 4_000, "sharing_basis": 4_000}
_TITLE_LIMIT = 500
_CONDITIONS_LIMIT = 4_000


@dataclass(frozen=True)
class Note:
    """Something in a row that was not taken as it stood: cause, column and the value, none of them of a secret row."""

    cause: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class MappedRow:
    """What a row says: the entry's fields, the agency's name as it stands, the tier, and the notes."""

    number: int
    title: str
    agency: str
    entry: dict[str, Any]
    tier: TierDecision
    notes: tuple[Note, ...] = field(default=())


class _Mapper:
    def __init__(self, cells: Cells, plan: ColumnPlan) -> None:
        self.cells, self.plan = cells, plan
        self.notes: list[Note] = []

    def values(self, name: str) -> list[Any]:
        """The cells of a field that say something, best column first."""
        columns = self.plan.of(name)
        if not columns:
            return []
        found = (value for column in columns for value in self.cells.get(column, ()))
        corrected = self.plan.correction
        return [corrected.word(name, value) for value in found if not is_placeholder(value)]

    def first(self, name: str) -> Any:
        return next((value for value in self.values(name) if not isinstance(value, (list, dict))), None)

    def note(self, cause: str, name: str, value: object) -> None:
        columns = [column for column in self.plan.of(name) if column in self.cells]
        self.notes.append(Note(cause, columns[0] if columns else "", clipped(one_line(value), 80)))

    def noted(self, cause: str, name: str, found: tuple[Any, Any]) -> Any:
        """The first of a pair, a note for each word in the second."""
        result, unknown = found
        for word in [unknown] if isinstance(unknown, str) and unknown else unknown or ():
            self.note(cause, name, word)
        return result


def cells_of(row: Row) -> dict[str, list[Any]]:
    """The cells by column; a column that stands twice keeps both values."""
    cells: dict[str, list[Any]] = {}
    for column, value in row.cells:
        cells.setdefault(column, []).append(value)
    return cells


def map_row(row: Row, plan: ColumnPlan) -> MappedRow:
    """Map one row. Pure; the row must have been looked at for state secrets before."""
    mapper = _Mapper(cells_of(row), plan)
    items, item_readings = items_of(mapper.values("data_items"))
    decision = decide_tier(mapper.cells, plan, item_readings)
    title = clipped(one_line(mapper.first("title")), _TITLE_LIMIT)
    entry = {
        "title": title,
        **_texts(mapper),
        **_words(mapper),
        **_dates(mapper),
        **_contact(mapper),
        **_where(mapper),
        "data_items": items,
        "resources": links_of(mapper.values("links")) if decision.tier is OpenTier.UNCONDITIONAL else [],
        "open_tier": decision.tier.value if decision.tier else "",
        "tier_word": decision.word,
        "open_conditions": clipped(decision.conditions, _CONDITIONS_LIMIT),
    }
    entry["data_files"] = mapper.noted(
        "data_file_outside", "data_files", files_named(mapper.values("data_files"), mapper.values("links"))
    )
    if decision.several:
        mapper.notes.append(Note("tier_stricter_of_several", decision.column, decision.word))
    filled = {key: value for key, value in entry.items() if value not in ("", [], None)}
    agency = one_line(mapper.first("agency"))
    return MappedRow(row.number, title, clipped(agency, 200), filled, decision, tuple(mapper.notes))


def identity_of(row: Row, plan: ColumnPlan) -> MappedRow:
    """What a first look needs of a row: title, agency, identifiers and tier, each as `map_row` would give it."""
    mapper = _Mapper(cells_of(row), plan)
    _, item_readings = items_of(mapper.values("data_items"))
    decision = decide_tier(mapper.cells, plan, item_readings)
    title = clipped(one_line(mapper.first("title")), _TITLE_LIMIT)
    entry = {"title": title, **_where(mapper)}
    filled = {key: value for key, value in entry.items() if value}
    return MappedRow(row.number, title, clipped(one_line(mapper.first("agency")), 200), filled, decision)


def _texts(mapper: _Mapper) -> dict[str, str]:
    short = {name: clipped(one_line(mapper.first(name)), limit) for name, limit in _TEXTS.items()}
    long = {name: clipped(clean(mapper.first(name)), limit) for name, limit in _LONG_TEXTS.items()}
    return {**short, **long}


def _words(mapper: _Mapper) -> dict[str, Any]:
    theme, other_themes = themes_of(mapper.values("theme"))
    tags, dropped = tags_of([*mapper.values("tags"), *mapper.values("industry"), other_themes])
    if dropped:
        mapper.note("tags_dropped", "tags", str(dropped))
    for word in other_themes:
        mapper.note("theme_unknown", "theme", word)
    return {
        "theme": theme,
        "tags": [{"name": tag} for tag in tags],
        "update_cycle": mapper.noted("cycle_unknown", "update_cycle", cycle_of(mapper.values("update_cycle"))),
        "declared_formats": mapper.noted("format_unknown", "formats", formats_of(mapper.values("formats"))),
        **{
            name: mapper.noted("word_unknown", name, key_of(name, mapper.values(name)))
            for name in ("sharing_tier", "grading", "open_exception")
        },
    }


def _dates(mapper: _Mapper) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("issued", "data_updated", "valid_from", "valid_until"):
        value = mapper.first(name)
        found[name] = date_of(value)
        if value is not None and not found[name]:
            mapper.note("date_unreadable", name, value)
    found["coverage_start"], found["coverage_end"] = range_of(mapper.first("coverage_time"))
    return found


def _contact(mapper: _Mapper) -> dict[str, str]:
    phone, mail, personal = contacts_in([*mapper.values("contact_phone"), *mapper.values("contact_email")])
    if personal:
        mapper.notes.append(Note("personal_number_left_out", _column(mapper, ("contact_phone", "contact_email"))))
    return {"contact_phone": phone, "contact_email": mail}


def _column(mapper: _Mapper, names: Iterable[str]) -> str:
    return next((column for name in names for column in mapper.plan.of(name)), "")


def _where(mapper: _Mapper) -> dict[str, str]:
    url = one_line(mapper.first("source_url"))
    rows = one_line(mapper.first("row_count")).replace(",", "").removesuffix("条").removesuffix(".0")
    if rows and not (rows.isdigit() and len(rows) < 16):
        mapper.note("number_unreadable", "row_count", rows)
        rows = ""
    return {
        "source_url": clipped(url, 2_000) if url.lower().startswith(("http://", "https://")) else "",
        "resource_code": clipped(one_line(mapper.first("resource_code")), 200),
        "row_count": str(int(rows)) if rows else "",
    }
