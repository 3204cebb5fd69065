"""Editions of a list one after another: what is new, changed, gone, back, or may not be trusted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata_harvest import history
from ckanext.govdata_harvest.model import HarvestRun, HarvestStep

from .conftest import adds_up, run, stored, writing_statements

PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.usefixtures("portal")]

Listed = Callable[..., Path]
Rows = list[dict[str, Any]]
COUNTS = ("read", "added", "changed", "unchanged", "withdrawn", "refused", "duplicates")


def rows_of(size: int) -> Rows:
    words = ("无条件开放", "有条件开放", "无条件开放", "不予开放")
    return [
        {
            "标题": f"第{number}号目录",
            "来源部门": f"江浦市第{number % 7}局",
            "开放属性": words[number % 4],
            "更新时间": "2023-05-01",
            "标签": "甲组、乙组",
            "详情页网址": f"https://data.jiangpu.example.cn/catalog/{number:05}",
        }
        for number in range(size)
    ]


def take(path: Path, *more: str) -> dict[str, Any]:
    report = run("import", path, "--create-agencies", *more)
    if "error" not in report:
        adds_up(report)
    return report


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in COUNTS}


def next_edition(rows: Rows) -> Rows:
    """20 removed, 40 re-dated, 10 renamed, 10 with another tier (5 stricter, 5 looser), 15 added, shuffled."""
    chance = Random(7)
    kept = [dict(row) for row in rows[20:]]
    for row in kept[:40]:
        row["更新时间"] = "2023-06-01"
    for row in kept[40:50]:
        row["标题"] += "（新）"
    opened = [row for row in kept[50:] if row["开放属性"] == "无条件开放"][:5]
    conditional = [row for row in kept[50:] if row["开放属性"] == "有条件开放"][:5]
    for row in opened:
        row["开放属性"] = "不予开放"
    for row in conditional:
        row["开放属性"] = "无条件开放"
    added = [{**row, "标题": row["标题"] + "新增", "详情页网址": row["详情页网址"] + "n"} for row in rows[:15]]
    found = [*kept, *added]
    chance.shuffle(found)
    return found


@pytest.mark.requirement("LYG-7", "YZ-29", "YZ-10")
def test_a_new_edition_has_exactly_the_counts_of_what_was_done_to_it(listed: Listed) -> None:
    rows = rows_of(100)
    take(listed(rows))
    path = listed(next_edition(rows))
    checked, report = run("check", path), take(path)
    expected = {
        "read": 95,
        "added": 15,
        "changed": 55,
        "unchanged": 25,
        "withdrawn": 20,
        "refused": 0,
        "duplicates": 0,
    }
    assert counts(report) == counts(checked) == expected
    looser = next(problem for problem in report["problems"] if problem["cause"] == "looser_needs_two_persons")
    assert (looser["level"], looser["count"]) == ("held", 5)
    assert report["safety"] is None
    assert len(stored(publication="withdrawn")) == 20
    assert all(package.private for package in stored(publication="withdrawn"))
    with writing_statements() as written:
        again = take(path)
    assert counts(again) == {**expected, "added": 0, "changed": 0, "withdrawn": 0, "unchanged": 95}
    assert written == []
    assert again["held"] == report["held"]


def test_what_a_run_did_is_on_record_with_each_field_before_and_after(listed: Listed) -> None:
    rows = rows_of(100)
    take(listed(rows))
    report = take(listed(next_edition(rows)))
    assert (report["revision"], model.Session.query(HarvestRun).count()) == (2, 2)
    steps = model.Session.query(HarvestStep).filter(HarvestStep.run_id == report["run"]).all()
    acts = [step.act for step in steps]
    assert {act: acts.count(act) for act in set(acts)} == {"added": 15, "changed": 55, "withdrawn": 20}
    fields = [tuple(found["field"] for found in step.differences if found["field"] != "list_hash") for step in steps]
    assert fields.count(("data_updated",)) == 40
    assert fields.count(("title",)) == 10
    assert sum(1 for names in fields if "open_tier" in names) == 5
    listing = history.runs(report["list"])
    assert [(found["revision"], found["state"], found["added"]) for found in listing] == [
        (2, "finished", 15),
        (1, "finished", 100),
    ]
    assert history.kept_file(listing[0]["digest"]).is_file()


@pytest.mark.requirement("YZ-10")
def test_what_returns_to_a_list_comes_back_under_its_identity(listed: Listed) -> None:
    rows = rows_of(40)
    take(listed(rows))
    first = {package.id: (package.name, package.private) for package in stored()}
    assert take(listed(rows[5:]))["withdrawn"] == 5
    back = take(listed(rows))
    assert (back["added"], back["changed"], back["returned"], back["unchanged"]) == (0, 5, 5, 35)
    assert {package.id: (package.name, package.private) for package in stored()} == first
    assert take(listed(rows))["changed"] == 0


def test_what_a_person_withdrew_no_list_brings_back(listed: Listed) -> None:
    rows = rows_of(8)
    take(listed(rows))
    entry = stored(open_tier="unconditional")[0]
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context: Any = {"ignore_auth": True, "user": user, "govdata_asked": "withdrawn"}
    tk.get_action("package_patch")(context, {"id": entry.id, "notes": "出现个人信息"})
    rows[0]["更新时间"] = "2024-01-01"
    report = take(listed(rows))
    assert [package.id for package in stored(publication="withdrawn")] == [entry.id]
    assert "withdrawn_by_a_person" in {problem["cause"] for problem in report["problems"]}


@pytest.mark.parametrize("way", ["half", "header", "nothing"])
def test_a_list_that_shrinks_withdraws_nothing_until_a_person_agrees(tmp_path: Path, listed: Listed, way: str) -> None:
    rows = rows_of(40)
    take(listed(rows))
    before = {package.id: package.metadata_modified for package in stored()}
    if way == "header":
        out = io.StringIO()
        csv.writer(out).writerow(rows[0])
        path = tmp_path / "empty.csv"
        path.write_text(out.getvalue(), "utf-8")
        report = take(path, "--list", "data.jiangpu.example.cn")
    else:
        report = take(listed(rows[:20] if way == "half" else []), "--list", "data.jiangpu.example.cn")
    assert report["withdrawn"] == 0
    assert report["safety"]["cause"] == ("list_shrank" if way == "half" else "list_without_entries")
    assert report["safety"]["missing"] == (20 if way == "half" else 40)
    assert {package.id: package.metadata_modified for package in stored()} == before
    if way == "half":
        assert take(listed(rows[:20]), "--agree-to-withdraw")["withdrawn"] == 20


@pytest.mark.parametrize("content", ["page", "cut", "empty"])
def test_an_error_page_or_a_cut_list_withdraws_nothing_and_says_why(listed: Listed, content: str) -> None:
    path = listed(rows_of(20))
    take(path)
    whole = path.read_bytes()
    path.write_bytes({"page": b"<html><body>502 Bad Gateway</body></html>", "cut": whole[:-300], "empty": b""}[content])
    report = take(path)
    assert report["safety"]["cause"] == report["error"]["cause"]
    assert report["withdrawn"] == 0
    assert stored(publication="withdrawn") == []


@pytest.mark.requirement("DCF-2", "LYG-7")
def test_an_entry_that_its_list_now_marks_as_a_secret_goes_at_once_and_the_file_is_not_kept(listed: Listed) -> None:
    rows = rows_of(4)
    take(listed(rows))
    rows[0]["密级"] = "机密"
    report = take(listed(rows))
    assert (report["refused"], report["withdrawn"]) == (1, 1)
    assert [dict(package.extras)["source_url"][-5:] for package in stored(publication="withdrawn")] == ["00000"]
    assert not history.kept_file(history.runs(report["list"])[0]["digest"]).exists()


LEVELS = ("public", "non-public", "restricted public", "secret sauce")


def in_dcat_us(number: int, level: str | None) -> dict[str, Any]:
    """A dataset of a catalogue in DCAT-US."""
    return {
        "@type": "dcat:Dataset",
        "identifier": f"https://x.example.gov/{number}",
        "title": f"Dataset {number}",
        "accessLevel": level,
        "publisher": {"@type": "org:Organization", "name": "Office"},
        "contactPoint": {"fn": "Jane", "hasEmail": "mailto:office@x.example.gov"},
        "modified": "2024-02-01",
        "keyword": ["one", "two"],
        "distribution": [{"downloadURL": f"https://x.example.gov/{number}.csv", "mediaType": "text/csv"}],
    }


@pytest.mark.requirement("LYG-6")
def test_a_catalogue_in_dcat_us_comes_in_and_nothing_non_public_reaches_a_visitor(tmp_path: Path) -> None:
    datasets = [in_dcat_us(n, level) for n, level in enumerate((*LEVELS, None))]
    path = tmp_path / "data.json"

    def write() -> None:
        path.write_text(json.dumps({"conformsTo": "https://x/v1.1/schema", "dataset": datasets}), "utf-8")

    write()
    report = take(path)
    assert report["tiers"] == {"unconditional": 1, "conditional": 1, "not_open": 1, "held": 2}
    seen = tk.get_action("package_search")({"user": ""}, {"rows": 10})["results"]
    assert {entry["title"] for entry in seen} == {"Dataset 0", "Dataset 2"}
    open_one = next(entry for entry in seen if entry["title"] == "Dataset 0")
    links = [(link["url"], link["format"]) for link in open_one["resources"]]
    assert links == [("https://x.example.gov/0.csv", "CSV")]
    assert not [entry for entry in seen if entry["title"] != "Dataset 0" and entry["resources"]]
    datasets[0]["keyword"] = ["two", "one"]
    write()
    assert take(path)["changed"] == 0
    datasets[0]["distribution"].append({"accessURL": "https://x.example.gov/0.json", "format": "JSON"})
    write()
    assert take(path)["changed"] == 1
    after = tk.get_action("package_show")({"user": ""}, {"id": open_one["id"]})["resources"]
    assert [(link["id"] == open_one["resources"][0]["id"], link["format"]) for link in after] == [
        (True, "CSV"),
        (False, "JSON"),
    ]


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_a_run_is_undone_as_a_whole_but_opens_nothing_further(listed: Listed) -> None:
    rows = rows_of(100)
    first = listed(rows, "first.json")
    take(first)
    before = shown_fields()
    report = take(listed(next_edition(rows)))
    found = run("undo", report["run"])
    assert (found["back"], found["withdrawn"], len(found["looser_needs_two_persons"])) == (75, 15, 5)
    after = shown_fields()
    differing = [key for key, fields in before.items() if after[key] != fields]
    assert len(differing) == 5
    assert {after[key]["open_tier"] for key in differing} == {"not_open"}
    assert {found["state"] for found in run("runs")} == {"finished", "undone"}
    again = take(first)
    assert (again["added"], again["changed"], again["withdrawn"], again["unchanged"]) == (0, 0, 0, 100)
    assert run("undo", report["run"])["error"]["cause"] == "run_not_last"


def shown_fields() -> dict[str, dict[str, Any]]:
    """The entries that no list has left, by the key that their list gives them."""
    found = (
        dict(package.extras) | {"title": package.title} for package in stored() if package.extras["list_hash"] != "left"
    )
    return {
        fields["list_key"]: {name: fields.get(name) for name in ("title", "open_tier", "data_updated", "list_hash")}
        for fields in found
    }
