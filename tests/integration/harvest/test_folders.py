"""The bars on real lists: set GOVDATA_LISTS to a folder of them; every file below it is taken or politely refused."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit as tk

from .conftest import adds_up, run, stored, writing_statements

PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"
FOLDER = os.environ.get("GOVDATA_LISTS", "")

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.usefixtures("portal"),
    pytest.mark.long,
    pytest.mark.timeout(7_200),
    pytest.mark.skipif(not FOLDER, reason="GOVDATA_LISTS names no folder of lists"),
]


def files(pattern: str) -> list[Path]:
    return sorted(path for path in Path(FOLDER).rglob(pattern) if path.is_file() and path.suffix != ".md")


def datasets(path: Path) -> dict[str, Any]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return {dataset["identifier"]: dataset for dataset in json.loads(content)["dataset"]}


def plain(value: Any) -> Any:
    """A value in which order of keywords, white space and case of keywords make no difference."""
    if isinstance(value, str):
        return "".join(value.split())
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    if isinstance(value, list):
        held = [plain(inner) for inner in value]
        return sorted({word.lower() for word in held}) if all(isinstance(word, str) for word in held) else held
    return value


def test_every_file_is_taken_or_refused_and_the_second_run_of_each_writes_nothing() -> None:
    for path in files("*"):
        report = run("import", path, "--create-agencies")
        if "error" in report:
            assert report["error"]["text"], path
            continue
        adds_up(report)
        with writing_statements() as written:
            again = run("import", path, "--create-agencies")
        assert (again["added"], again["changed"], again["withdrawn"], written) == (0, 0, 0, []), path
        print(path.name, {name: report[name] for name in ("read", "added", "changed", "withdrawn", "refused", "held")})
    visible = tk.get_action("package_search")({"user": ""}, {"rows": 0})["count"]
    assert visible == len([package for package in stored(publication="published") if not package.private])


@pytest.mark.parametrize("family", ["cms", "fcc"])
def test_editions_of_a_catalogue_change_as_many_entries_as_an_independent_count_says(family: str) -> None:
    before: dict[str, Any] = {}
    for path in files(f"{family}.v*.json.gz"):
        now = datasets(path)
        report = run("import", path, "--create-agencies")
        same = [key for key in now if key in before]
        changed = sum(1 for key in same if plain(now[key]) != plain(before[key]))
        counted = (len(now.keys() - before.keys()), changed, len(same) - changed)
        assert (report["added"], report["changed"], report["unchanged"]) == counted, path
        print(path.name, counted)
        before = now
