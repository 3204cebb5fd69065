"""A list comes in by the command: counted, judged, found, and nothing the second time."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from click.testing import CliRunner

from ckanext.govdata_harvest.cli import govdata_harvest

from .conftest import adds_up, run, stored
from .recount import recount

LISTS = Path(__file__).parents[2] / "data" / "lists"
REAL_LISTS = os.environ.get("GOVDATA_LISTS", "")
PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.usefixtures("portal")]

Change = Callable[[list[Any]], list[Any]]


@pytest.fixture
def edition(tmp_path: Path) -> Callable[..., Path]:
    """Another edition of the made-up list, after a change of its rows."""
    rows = json.loads(gzip.decompress((LISTS / "jianghai.json.gz").read_bytes()))

    def make(change: Change, name: str = "jianghai-20240101.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(change(json.loads(json.dumps(rows))), ensure_ascii=False), "utf-8")
        return path

    return make


@pytest.mark.requirement("LYG-6", "LYG-11", "DCF-2")
def test_a_list_comes_in_with_counts_that_add_up_and_equal_those_of_an_independent_script() -> None:
    report = run("import", LISTS / "jianghai.json.gz", "--create-agencies")
    adds_up(report)
    assert (report["read"], report["refused"], report["duplicates"]) == (61, 3, 2)
    assert report["tiers"] == {"unconditional": 16, "conditional": 12, "not_open": 1, "held": 27}
    assert [(named["row"], named["same_as_row"]) for named in report["duplicates_named"]] == [(55, 1), (56, 10)]
    assert {problem["cause"]: problem["count"] for problem in report["problems"] if problem["level"] == "refused"} == {
        "state_secret": 1,
        "title_missing": 1,
        "row_not_an_object": 1,
    }
    published = stored(publication="published")
    assert {dict(package.extras)["open_tier"] for package in published} == {"unconditional", "conditional"}
    assert len(stored(publication="held")) == 27 + 1
    assert all(package.private for package in stored(publication="held"))
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 27
    found = tk.get_action("package_search")({}, {"rows": 0, "facet.field": ["open_tier", "theme", "update_cycle"]})
    assert found["facets"]["open_tier"] == {"unconditional": 15, "conditional": 12}


@pytest.mark.requirement("DCF-2", "ZB-2", "LYG-7")
def test_nothing_of_a_state_secret_is_kept_anywhere(caplog: pytest.LogCaptureFixture) -> None:
    report = run("import", LISTS / "jianghai.json.gz", "--create-agencies")
    secret = next(problem for problem in report["problems"] if problem["cause"] == "state_secret")
    assert secret["examples"] == [{"row": 57}]
    words = ("甲类保密线路", "某保密单位", "secret1", "机密", "密级")
    held = [json.dumps(report, ensure_ascii=False), caplog.text]
    for table in model.meta.metadata.sorted_tables:
        if model.Session.execute(sa.text("select to_regclass(:n)"), {"n": f'"{table.name}"'}).scalar():
            held += [str(row) for row in model.Session.execute(sa.text(f'select * from "{table.name}"'))]
    assert not [word for word in words if any(word in text for text in held)]


def test_agencies_are_made_once_for_all_spellings_and_rows_without_one_stay_drafts() -> None:
    report = run("import", LISTS / "jianghai.json.gz", "--create-agencies")
    groups = {group.title for group in model.Session.query(model.Group).filter_by(is_organization=True)}
    assert groups == set(report["agencies_created"])
    assert groups == {
        "江海市城市管理局",
        "江海市统计局",
        "滨江区人民政府办公室",
        "市教育局（体育局）",
        "未注明提供单位",
    }
    draft = stored(publication="draft")
    assert [package.title for package in draft] == ["无单位的目录"]
    assert draft[0].private
    assert run("import", LISTS / "jianghai.json.gz", "--create-agencies")["agencies_created"] == []


@pytest.mark.requirement("DCF-15")
def test_the_same_list_again_writes_nothing_in_any_order_and_under_another_file_name(edition: Any) -> None:
    first = run("import", LISTS / "jianghai.json.gz", "--create-agencies")
    before = {package.id: package.metadata_modified for package in stored()}
    again = run("import", edition(lambda rows: list(reversed(rows))), "--create-agencies")
    adds_up(again)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, first["added"])
    assert again["tiers"] == first["tiers"]
    assert again["held"] == first["held"]
    assert {package.id: package.metadata_modified for package in stored()} == before


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_changes_are_taken_a_stricter_tier_at_once_and_a_looser_one_never(edition: Any) -> None:
    run("import", LISTS / "jianghai.json.gz", "--create-agencies")

    def change(rows: list[Any]) -> list[Any]:
        rows[0]["标题"] = "改名后的名录"
        rows[1]["开放条件"] = "有条件开放"
        rows[15]["开放条件"] = "无条件开放"
        rows[27]["开放条件"] = "完全开放"
        rows[3]["开放条件"] = "另行通知"
        del rows[4]["更新频率"]
        return [*rows, {**rows[5], "标题": "新增的名录", "详情页网址": "https://data.jianghai.example.cn/catalog/new"}]

    path = edition(change)
    checked = run("check", path)
    report = run("import", path, "--create-agencies")
    adds_up(report)
    # Row 55 repeats row 1 under its old title, so the address that they share is an identifier no more.
    assert [(counts["added"], counts["duplicates"]) for counts in (checked, report)] == [(3, 1), (3, 1)]
    assert checked["changed"] == report["changed"]
    looser = next(problem for problem in report["problems"] if problem["cause"] == "looser_needs_two_persons")
    assert [example["row"] for example in looser["examples"]] == [16, 28]
    tiers = {package.url_row: package.tier for package in map(Held, stored())}
    assert tiers[2] == ("conditional", "published")
    assert tiers[16] == ("conditional", "published")
    assert tiers[28] == ("", "held")
    assert tiers[4] == ("", "held")
    again = run("import", path, "--create-agencies")
    assert (again["added"], again["changed"]) == (0, 0)
    assert looser["count"] == next(p["count"] for p in again["problems"] if p["cause"] == "looser_needs_two_persons")


class Held:
    """A stored entry of the made-up list: the row it came by, its tier and its place."""

    def __init__(self, package: model.Package) -> None:
        extras = dict(package.extras or {})
        last = extras["source_url"].rsplit("/", 1)[-1]
        self.url_row = int(last, 16) if last.startswith("0000") else 0
        self.tier = (extras.get("open_tier", ""), extras["publication"])


def test_a_table_in_gb18030_comes_in_under_one_agency() -> None:
    agency = factories.Organization(name="jiaotong", title="江海市交通运输局")
    report = run("import", LISTS / "jiaotong.csv", "--agency", "jiaotong")
    adds_up(report)
    assert report["tiers"] == {"unconditional": 1, "conditional": 1, "not_open": 1, "held": 2}
    assert {problem["cause"] for problem in report["problems"] if problem["level"] == "held"} == {
        "tier_conflict",
        "tier_unknown",
        "basis_outstanding",
        "exception_outstanding",
    }
    entries = {package.title: package for package in stored()}
    assert {package.owner_org for package in entries.values()} == {agency["id"]}
    taxi = dict(entries["出租车企业"].extras)
    assert (taxi["open_conditions"], taxi["contact_unit"], taxi["tier_word"]) == (
        "须签订开放利用协议",
        "市交通局",
        "有条件开放",
    )


@pytest.mark.requirement("DCF-22")
def test_in_a_city_that_asks_for_a_basis_conditional_entries_without_one_are_held(
    with_city: Callable[[str], None],
) -> None:
    with_city("dongchangfu")
    report = run("import", LISTS / "jianghai.json.gz", "--create-agencies")
    adds_up(report)
    outstanding = next(problem for problem in report["problems"] if problem["cause"] == "basis_outstanding")
    assert (outstanding["level"], outstanding["count"]) == ("held", 13)
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 15


@pytest.mark.requirement("LYG-12")
def test_through_review_what_may_be_published_waits_for_the_reviewers() -> None:
    report = run("import", LISTS / "jianghai.json.gz", "--create-agencies", "--review")
    adds_up(report)
    assert len(stored(publication="in_review")) == 27
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == 0


def test_checking_writes_nothing_and_reports_the_same(edition: Any) -> None:
    report = run("check", LISTS / "jianghai.json.gz")
    adds_up(report)
    assert report["held"] == 29
    assert report["tiers"] == {"unconditional": 16, "conditional": 12, "not_open": 1, "held": 27}
    assert stored() == []
    assert model.Session.query(model.Group).count() == 0


@pytest.mark.parametrize("cut", ["half", "empty", "page"])
def test_a_list_that_breaks_off_writes_nothing_and_says_why(tmp_path: Path, cut: str) -> None:
    whole = gzip.decompress((LISTS / "jianghai.json.gz").read_bytes())
    path = tmp_path / "list.json"
    path.write_bytes({"half": whole[: whole.rindex(b"}")], "empty": b"", "page": b"<html>502</html>"}[cut])
    report = run("import", path, "--create-agencies")
    causes = {"half": "json_cut_short", "empty": "list_empty", "page": "container_markup"}
    assert report["error"]["cause"] == causes[cut]
    assert report["error"]["text"]
    assert (report["read"], report["added"]) == (0, 0)
    assert stored() == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_in_words_names_every_cause(language: str) -> None:
    arguments = ["import", str(LISTS / "jianghai.json.gz"), "--create-agencies", "--lang", language]
    result = CliRunner().invoke(govdata_harvest, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    expected = {"zh": ("标注为国家秘密", "其中待处理 29"), "en": ("Marked as a state secret", "of these held 29")}[
        language
    ]
    assert all(words in result.output for words in expected)
    assert "tier_" not in result.output
    missing = CliRunner().invoke(govdata_harvest, ["import", arguments[1], "--lang", language])
    assert missing.exit_code == 1
    assert "--create-agencies" in missing.output


@pytest.mark.long
@pytest.mark.skipif(not REAL_LISTS, reason="GOVDATA_LISTS names no folder of lists")
def test_all_lists_of_a_folder_come_in_as_an_independent_script_counts_them() -> None:
    """The bar on the real lists: set GOVDATA_LISTS to the folder of their `*.json.gz`."""
    for path in sorted(Path(REAL_LISTS).glob("*.json.gz")):
        expected, report = recount(path), run("import", path, "--create-agencies")
        adds_up(report)
        assert (report["read"], report["duplicates"], report["refused"]) == (
            expected["read"],
            expected["duplicates"],
            0,
        )
        assert report["tiers"]["unconditional"] == expected["unconditional"], path.name
        assert report["tiers"]["conditional"] >= expected["conditional"], path.name
    assert tk.get_action("package_search")({}, {"rows": 0, "facet.field": ["open_tier", "organization"]})["count"] > 0
