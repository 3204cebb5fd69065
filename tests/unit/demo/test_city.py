"""The made-up city: whole, consistent, the same each time, and nobody's."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from typing import Any

import pytest
from stdnum.cn import uscc

from ckanext.govdata.catalogue.domain import HoldCause, OpenTier, Requirements, hold_causes
from ckanext.govdata.catalogue.vocabulary import themes
from ckanext.govdata.demo.catalogue import agency_record, dataset_record
from ckanext.govdata.demo.city import city
from ckanext.govdata.demo.entries import Entry, entries
from ckanext.govdata.demo.recipes import RECIPES
from ckanext.govdata.demo.settings import demo_settings
from ckanext.govdata.demo.tables import make_table, row_count

DAY = datetime.date(2026, 11, 22)
ENTRIES = {entry.key: entry for entry in entries(DAY)}
LIANYUNGANG = Requirements(basis_required_for=frozenset({OpenTier.NOT_OPEN}), exception_required=True)


def rows_of(key: str) -> list[dict[str, Any]]:
    table = make_table(ENTRIES[key], DAY)
    return [dict(zip(table.names, row, strict=True)) for row in table.rows]


def record_of(entry: Entry) -> dict[str, Any]:
    return dataset_record(entry, 1, DAY)


def test_the_city_has_a_few_hundred_entries_of_every_tier_most_of_them_unconditional() -> None:
    tiers = Counter(entry.tier for entry in ENTRIES.values())
    assert 300 <= len(ENTRIES) <= 350
    assert tiers["unconditional"] > len(ENTRIES) / 2
    assert tiers["conditional"] >= 30
    assert tiers["not_open"] >= 10


@pytest.mark.requirement("LYG-42")
def test_utilities_are_agencies_and_every_agency_provides_data() -> None:
    providers = {entry.agency.key for entry in ENTRIES.values()}
    assert {agency.key for agency in city().agencies} == providers
    assert {agency.kind for agency in city().agencies} == {"bureau", "district", "utility"}


def test_no_two_entries_share_key_title_or_code() -> None:
    assert len(entries(DAY)) == len(ENTRIES)
    records = [dataset_record(entry, number, DAY) for number, entry in enumerate(ENTRIES.values())]
    for field in ("id", "name", "title", "title_en", "resource_code"):
        assert [value for value, count in Counter(record[field] for record in records).items() if count > 1] == []


@pytest.mark.requirement("LYG-6", "LYG-7")
def test_each_cause_of_holding_an_entry_occurs_and_nothing_else_is_held() -> None:
    causes = {key: hold_causes(record_of(entry), LIANYUNGANG) for key, entry in ENTRIES.items()}
    held = {key for key, found in causes.items() if found}
    assert held == {key for key in ENTRIES if key.startswith("held-")}
    assert {cause for found in causes.values() for cause in found} == set(HoldCause)


@pytest.mark.requirement("LYG-7")
def test_released_entries_are_not_open_and_name_exception_and_basis() -> None:
    released = [entry for entry in ENTRIES.values() if entry.template.get("released")]
    assert len(released) >= 5
    for entry in released:
        record = record_of(entry)
        assert record["open_tier"] == "not_open"
        assert record["open_exception"] and record["open_basis"]


@pytest.mark.requirement("LYG-10")
def test_conditional_entries_say_their_conditions_and_some_have_a_sample_for_whoever_is_granted_them() -> None:
    conditional = [entry for entry in ENTRIES.values() if entry.tier == "conditional"]
    assert all(record_of(entry)["open_conditions"] for entry in conditional)
    assert {entry.key for entry in conditional if entry.formats} >= {"parking-live", "bus-arrivals", "radar"}
    for entry in ENTRIES.values():
        assert not entry.formats or entry.tier in ("unconditional", "conditional")
        assert bool(entry.sample) is (entry.tier == "conditional" and bool(entry.formats))


@pytest.mark.requirement("YZ-12", "LYG-11", "ZB-10")
def test_every_entry_fills_what_a_catalogue_asks_for() -> None:
    known = {theme["key"] for theme in themes()}
    always = (
        "title",
        "title_en",
        "notes",
        "notes_en",
        "theme",
        "update_cycle",
        "grading",
        "source_system",
        "contact_unit",
    )
    for entry in ENTRIES.values():
        record = record_of(entry)
        assert [field for field in always if not record.get(field)] == []
        assert record["theme"] in known
        assert all(item["title"] and item["name"] and item["type"] and item["example"] for item in record["data_items"])
        assert record["issued"] < record["data_updated"] <= DAY.isoformat()


def test_chinese_texts_use_full_width_punctuation_and_fill_every_place() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;:?]|[,;:?][\u4e00-\u9fff]|\{|\}")
    for entry in ENTRIES.values():
        record = record_of(entry)
        for field in ("title", "notes", "open_conditions", "open_basis"):
            assert not half.search(record.get(field, "")), (entry.key, field)


def test_people_and_places_cannot_be_real() -> None:
    for agency in city().agencies:
        record = agency_record(agency)
        contact = {extra["key"]: extra["value"] for extra in record["extras"]}
        assert contact["contact_phone"].startswith("0000-")
        assert contact["contact_email"].endswith(".example")
    assert all(district.code.startswith("99") for district in city().districts)
    assert demo_settings()["govdata.footer.email"].endswith(".example")


@pytest.mark.requirement("ZB-12")
def test_social_credit_codes_are_well_formed_and_of_no_real_place() -> None:
    codes = [row["uscc"] for row in rows_of("credit-redblack")]
    assert all(uscc.is_valid(code) and code[2:8] == "990000" for code in codes)


def test_the_recipes_of_all_columns_are_known() -> None:
    for entry in ENTRIES.values():
        assert all(item.verb in {*RECIPES, "each"} for item in entry.items)


@pytest.mark.parametrize("most", [50_000, pytest.param(10_000_000, marks=pytest.mark.long)])
def test_tables_have_as_many_rows_as_said(most: int) -> None:
    said = {entry.key: row_count(entry, DAY) for entry in ENTRIES.values() if entry.formats}
    some = {key: rows for key, rows in said.items() if rows <= most}
    assert len(some) > 100
    for key, rows in some.items():
        assert len(make_table(ENTRIES[key], DAY).rows) == rows, key


def test_the_same_day_gives_the_same_table_and_the_first_rows_are_those_of_the_whole() -> None:
    entry = ENTRIES["hospital-beds"]
    assert make_table(entry, DAY) == make_table(entry, DAY)
    assert make_table(entry, DAY, limit=3).rows == make_table(entry, DAY).rows[:3]


def test_figures_agree_with_each_other() -> None:
    for row in rows_of("population-2025"):
        assert row["urban"] + row["rural"] == row["residents"]
        assert row["urban_share"] == pytest.approx(100 * row["urban"] / row["residents"], abs=0.01)
    for row in rows_of("weather-daily-2024"):
        assert row["t_min"] < row["t_mean"] < row["t_max"]
    for row in rows_of("hospital-beds"):
        assert row["used"] <= row["open"]
    for row in rows_of("parking-lots-linwan"):
        assert row["charging"] <= row["spaces"]
        west, south, east, north = next(district.box for district in city().districts if district.key == "linwan")
        assert west <= row["lon"] <= east and south <= row["lat"] <= north
    for row in rows_of("farm-prices"):
        assert row["low"] <= row["bulk"] <= row["high"]


def test_prices_stay_near_their_level_from_day_to_day() -> None:
    rice = [row["low"] for row in rows_of("farm-prices") if row["food"] == "大米"]
    assert max(rice) < 1.5 * min(rice)


def test_a_leap_year_has_its_day() -> None:
    assert len(rows_of("weather-daily-2024")) == 366
    assert len(rows_of("weather-daily-2025")) == 365


def test_names_within_a_table_are_unique() -> None:
    for key in ("bus-stops", "parking-lots-wangchao", "elevators"):
        names = [row.get("name") or row["place"] for row in rows_of(key)]
        assert len(names) == len(set(names))
