"""Identity, duplicates and the content hash."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ckanext.govdata_harvest.agencies import key_of, slug_of, title_of
from ckanext.govdata_harvest.identity import identity_candidates
from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.mapping.rows import identity_of, map_row
from ckanext.govdata_harvest.readers import Row, open_list
from ckanext.govdata_harvest.survey import survey

from .conftest import Decide


def row(number: int, **cells: str) -> dict[str, str]:
    return {
        "标题": f"第{number}表",
        "来源部门": "江海市统计局",
        "开放条件": "无条件",
        "详情页网址": f"http://d.cn/x?id={number}",
    } | cells


def test_the_source_s_own_address_identifies_and_a_rename_keeps_the_identity(decided: Decide) -> None:
    before, after = decided([row(1)])[0], decided([row(1, 标题="改名", 详情页网址=" HTTPS://D.cn/x?id=1 ")])[0]
    assert before.key == after.key
    assert before.content != after.content


def test_an_address_that_different_rows_share_is_no_identifier(decided: Decide) -> None:
    rows = decided([row(number, 详情页网址="http://d.cn/home") for number in (1, 2, 3)])
    assert len({found.key for found in rows}) == 3
    assert all(found.key.startswith("derived:") for found in rows)


@pytest.mark.requirement("DCF-15")
def test_a_row_that_stands_twice_is_named_with_both_numbers_and_taken_once(decided: Decide) -> None:
    rows = decided([row(1), row(2), row(1)])
    assert [(found.verdict.value, found.first_row) for found in rows] == [("taken", 0), ("taken", 0), ("duplicate", 1)]


def test_a_place_in_the_list_is_no_identifier_but_a_code_is(decided: Decide) -> None:
    plain = {"标题": "甲表", "来源部门": "局", "开放条件": "无条件"}
    assert decided([{**plain, "id": "17"}])[0].key.startswith("derived:")
    assert decided([{**plain, "资源代码": "3203000017/000012"}])[0].key == "code:3203000017/000012"


def test_identity_and_content_are_stable_over_order_export_and_cosmetic_change(decided: Decide) -> None:
    rows = [row(number, 标签="甲组、乙组") for number in range(30)]
    first = {found.key: found.content for found in decided(rows)}
    shaken = [
        dict(reversed(entry.items())) | {"标签": "乙组\r\n\t甲组", "标题": f" {entry['标题']} "} for entry in rows
    ]
    random.Random(7).shuffle(shaken)
    assert {found.key: found.content for found in decided(shaken)} == first


@pytest.mark.parametrize(
    "names",
    [
        ("江海市统计局", " 江海市 统计局\n", "【江海市】江海市统计局", "【江海市】统计局", "江海市统计局\u3000"),
        ("省发改委(能源局)", "省发改委（能源局）"),
        ("ＡＢ中心", "ab中心"),
    ],
)
def test_one_agency_in_several_spellings_is_one(names: tuple[str, ...]) -> None:
    assert len({key_of(name) for name in names}) == len({slug_of(name) for name in names}) == 1


def test_different_places_have_different_agencies() -> None:
    assert key_of("【三门县】县统计局") != key_of("【仙居县】县统计局")
    assert title_of("【江海市】统计局") == "江海市统计局"
    assert slug_of("江海市统计局").startswith("agency-")


def test_a_first_look_tells_of_a_row_what_its_mapping_tells(tmp_path: Path) -> None:
    rows = [row(1), row(2, 标题="Ａ 表"), row(3, 开放条件="暂无", 信息资源代码=" X-7 "), row(4, 详情页网址="无")]
    path = tmp_path / "list"
    path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    file = open_list(path, KnownNames(), 1 << 24)
    plan = survey(file).plan
    for one in file.rows():
        assert isinstance(one, Row)
        seen, mapped = identity_of(one, plan), map_row(one, plan)
        assert (seen.title, seen.agency, seen.tier) == (mapped.title, mapped.agency, mapped.tier)
        assert identity_candidates(seen.entry, seen.agency) == identity_candidates(mapped.entry, mapped.agency)
