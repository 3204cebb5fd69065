"""The agreement's document: the same facts give the same bytes, page and PDF come from them, nothing is left out silently."""

from __future__ import annotations

import datetime
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from ckanext.govdata.agreements.documents.domain import compose, is_canonical, read
from ckanext.govdata.agreements.documents.glyphs import fonts
from ckanext.govdata.agreements.documents.setting import set_agreement
from ckanext.govdata.agreements.errors import AgreementError, GlyphMissing, TooLong
from ckanext.govdata.agreements.verification.verify import attached
from tests.agreements import SHANGHAI, facts

RARE = "䶮𬭎𰻝"
LONG = "连云港市海州区" + "某某" * 24 + "数据公司"


@pytest.mark.requirement("LYG-19")
def test_the_same_facts_give_the_same_canonical_bytes_and_the_same_pdf() -> None:
    first, second = compose(facts()), compose(facts())
    assert first == second and is_canonical(first) and not is_canonical(first + b" ")
    assert set_agreement(first, fonts()) == set_agreement(second, fonts())


def test_the_canonical_json_is_inside_the_pdf_as_it_is() -> None:
    canonical = compose(facts())
    reader = PdfFileReader(io.BytesIO(set_agreement(canonical, fonts())))
    assert dict(attached(reader)) == {"agreement.json": canonical}


@pytest.mark.requirement("YZ-27")
def test_the_document_holds_copies_of_all_that_is_agreed() -> None:
    document = read(compose(facts(items=3)))
    assert document["parties"]["agency"]["name"] == "连云港市交通运输局"
    assert [item["name"] for item in document["dataset"]["items"]] == ["field_1", "field_2", "field_3"]
    assert document["term"] == {"from": "2026-12-01T00:00:00+08:00", "until": "2027-12-01T00:00:00+08:00"}
    assert "2027年11月30日" in next(one for one in document["clauses"] if one["key"] == "term")["text"]["zh_Hans_CN"]
    assert document["checkpoint"].startswith("data.example.cn/ledger\n123\n")


def test_a_scenario_that_ends_with_a_stop_has_one_in_its_clause() -> None:
    document = read(compose(facts()))
    words = [clause["text"]["zh_Hans_CN"] for clause in document["clauses"]]
    assert document["use"]["scenario"] == "为市民提供停车诱导服务。"
    assert any("停车诱导服务。乙方" in text for text in words) and not any("。。" in text for text in words)


def test_what_is_filled_in_is_not_read_for_places_again() -> None:
    given = facts()
    document = read(compose(replace(given, user=replace(given.user, name="{agency}公司"))))
    assert "{agency}公司" in document["opening"]["zh_Hans_CN"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("\U0002a6a5公司", "opening"),
        ("甲\u202e乙公司", "opening"),
        ("甲\u200b乙公司", "opening"),
        ("公\x07司", "opening"),
    ],
    ids=["no-glyph", "right-to-left", "zero-width", "control"],
)
def test_a_character_that_cannot_be_printed_is_refused_by_name_and_place(name: str, place: str) -> None:
    given = facts()
    canonical = compose(replace(given, user=replace(given.user, name=name)))
    with pytest.raises(GlyphMissing) as refused:
        set_agreement(canonical, fonts())
    assert place in str(refused.value) and "U+" in str(refused.value)


def test_the_operators_own_font_adds_its_characters(tmp_path: Path) -> None:
    found = Path("/usr/share/fonts/truetype/babelstone")
    if not found.exists():
        pytest.skip("no font for rarer characters here: install the package fonts-babelstone-han")
    assert 0x2A6A5 in fonts(str(found)).characters
    given = facts()
    canonical = compose(replace(given, user=replace(given.user, name="\U0002a6a5公司")))
    assert set_agreement(canonical, fonts(str(found))).startswith(b"%PDF-1.7")


def _text(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing: install the package poppler-utils")
    file = tmp_path / "agreement.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, timeout=60)
    return told.stdout.decode()


@pytest.mark.parametrize(
    "name", [f"连云港{RARE}科技（江苏）有限公司", LONG, "连云港数据有限公司 Lianyungang Data Technology Co., Ltd."]
)
def test_rare_characters_long_and_mixed_names_and_two_hundred_items_are_printed(name: str, tmp_path: Path) -> None:
    given = facts(items=200)
    canonical = compose(replace(given, user=replace(given.user, name=name)))
    text = "".join(_text(set_agreement(canonical, fonts()), tmp_path).split())
    assert "".join(name.split()) in text
    assert all(f"field_{number}" in text for number in range(1, 201))


def test_a_document_that_is_no_agreement_is_refused() -> None:
    given = facts()
    with pytest.raises(AgreementError):
        compose(replace(given, ends_at=given.starts_at))
    with pytest.raises(AgreementError):
        compose(replace(given, user=replace(given.user, name=" ")))
    with pytest.raises(TooLong):
        compose(replace(given, use=replace(given.use, scenario="长" * 4001)))


def test_a_moment_is_written_in_chinas_time() -> None:
    at = datetime.datetime(2026, 11, 30, 17, tzinfo=datetime.timezone.utc)
    document = json.loads(compose(facts(made_at=at, starts_at=at.astimezone(SHANGHAI))))
    assert document["made_at"] == "2026-12-01T01:00:00+08:00"
