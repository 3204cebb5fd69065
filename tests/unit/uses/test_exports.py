"""Uses as files."""

from __future__ import annotations

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from ckanext.govdata.uses import exports

pytestmark = pytest.mark.requirement("LYG-26")

ROWS = [
    {
        "entry_id": "01",
        "at": "2026-11-01T08:00:00Z",
        "mode": "download",
        "outcome": "success",
        "dataset_id": "d-1",
        "resource_id": "r-1",
        "version": "v1",
        "columns": ["name", "bays"],
        "party_id": "p-1",
        "user_id": "u-1",
        "user.name": "=cmd()",
    },
    {
        "entry_id": "02",
        "at": "2026-11-01T09:00:00Z",
        "mode": "rows",
        "outcome": "failure",
        "reason": "ended",
        "user_id": "u-1",
    },
]


def written(form: str) -> bytes:
    return b"".join(exports.FORMS[form][1](ROWS))


def test_json_lines_hold_a_use_a_line_and_leave_out_what_is_unknown() -> None:
    first, second = (json.loads(line) for line in written("jsonl").splitlines())
    assert first["columns"] == ["name", "bays"]
    assert set(second) == {"entry_id", "at", "mode", "outcome", "reason", "user_id"}


def test_no_cell_is_run_as_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv").decode("utf-8-sig"))))
    assert rows[0]["user.name"] == "'=cmd()" and rows[0]["columns"] == "name, bays"
    sheet = load_workbook(io.BytesIO(written("xlsx"))).active
    assert [cell.value for cell in sheet[1]] == list(exports.COLUMNS)
    assert "'=cmd()" in [cell.value for cell in sheet[2]]


def test_prov_says_which_version_was_used_by_whom_on_whose_behalf() -> None:
    document = json.loads(written("prov.json"))
    assert document["used"] == {"_:01": {"prov:activity": "govdata:use/01", "prov:entity": "govdata:version/r-1/v1"}}, (
        "a denial uses nothing"
    )
    assert document["wasAssociatedWith"]["_:a-02"]["prov:agent"] == "govdata:user/u-1"
    [acted] = document["actedOnBehalfOf"].values()
    assert acted == {"prov:delegate": "govdata:user/u-1", "prov:responsible": "govdata:party/p-1"}
    named = {name for kind in ("activity", "entity", "agent") for name in document[kind]}
    for relation in ("used", "wasAssociatedWith", "actedOnBehalfOf"):
        assert all(set(one.values()) <= named for one in document[relation].values())
