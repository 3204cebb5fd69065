"""The mark of an objection, on every address and action of the inventory that gives the dataset: there at once, gone at once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.inventory import load
from ckanext.govdata.cases import limits
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset

from .scene import feed_entry
from .test_after import filled
from .test_objections import file, step

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20"),
]
# In which words an answer carries the mark: as a field, a header, a category, and as people read it.
MARKS = ("under_objection", "X-Under-Objection-Since", "under-objection", "being verified")
# What names the dataset and carries no mark, and why it need not.
WITHOUT = {
    "dataset.delete /dataset/delete/<id>": "asks officers alone whether the entry is to go",
}


@pytest.fixture
def data(stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setattr(limits, "MOST", 10_000)
    return add_dataset(stage, "unconditional", False, f"marked-{model.types.make_uuid()[:8]}")


def questions(dataset: Dataset) -> dict[str, str]:
    """Of each address and each reading action that gives data or metadata, what is asked of it about this dataset."""
    inventory, found = load(), {}
    for name, kind in inventory.routes.items():
        address = filled(name.split(" ", 1)[1], dataset) if kind != "none" else None
        if address:
            found[name] = address
    for name, kind in inventory.actions.items():
        try:
            function: Any = tk.get_action(name)
        except KeyError:
            continue  # of a plugin that is not on here
        if kind != "none" and getattr(function, "side_effect_free", False):
            sql = f'&sql=SELECT * FROM "{dataset.file}"' if name.endswith("_sql") else ""
            which = (
                f"id={dataset.file}&resource_id={dataset.file}"
                if "resource" in name or "datastore" in name
                else f"id={dataset.id}"
            )
            found[name] = f"/api/3/action/{name}?{which}&q={dataset.name}&fq=name:{dataset.name}{sql}"
    # Lists in which it stands, which no name of it leads to.
    more = {
        "dataset.search": f"/dataset/?q=name:{dataset.name}",
        "feeds.general": "/feeds/dataset.atom",
        "feeds.organization": "/feeds/organization/jiaotongju.atom",
        "feeds.custom": f"/feeds/custom.atom?q=name:{dataset.name}",
        "dcat.catalog": f"/catalog.ttl?q=name:{dataset.name}",
    }
    return {**found, **more}


def whole(answer: Any, dataset: Dataset) -> str:
    """An answer with its headers; of a list what it says of this dataset, since others in it may be marked too."""
    said = answer.get_data(as_text=True)
    if answer.is_json:
        said = json.dumps(without_others(answer.json, dataset), ensure_ascii=False)
    elif "atom" in answer.headers["Content-Type"]:
        said = feed_entry(said, dataset)
    return str(dict(answer.headers)) + said


def without_others(said: Any, dataset: Dataset) -> Any:
    """A JSON answer; of a list in which some items name the dataset those alone."""
    if isinstance(said, dict):
        return {name: without_others(value, dataset) for name, value in said.items()}
    if not isinstance(said, list):
        return said
    own = [one for one in said if dataset.id in str(one) or dataset.name in str(one)]
    return [without_others(one, dataset) for one in own or said]


def carried(answer: Any, dataset: Dataset) -> bool:
    return any(mark in whole(answer, dataset) for mark in MARKS)


def gives(answer: Any, dataset: Dataset) -> bool:
    """Whether it gives rows, file or metadata of the dataset."""
    text = str(answer.json) if answer.is_json else answer.get_data(as_text=True)
    return answer.status_code == 200 and (dataset.open_word in text or f"停车场{dataset.key}" in text)


def ask(app: Any, address: str) -> Any:
    try:
        return app.get(address, follow_redirects=False)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None


def test_the_mark_is_wherever_the_dataset_is_within_a_second_and_is_gone_as_soon(
    app: Any, stage: Stage, data: Dataset
) -> None:
    _, case = file(app, stage, data)
    asked = questions(data)
    assert step(app, stage, "own_agency", case, "accept").status_code == 200
    since = time.monotonic()
    answers = {name: found for name, address in asked.items() if (found := ask(app, address)) is not None}
    taken = time.monotonic() - since
    giving = sorted(name for name, answer in answers.items() if gives(answer, data))
    unmarked = [name for name in giving if not carried(answers[name], data)]
    print(
        f"{len(answers)} of the inventory asked in {taken:.1f} s, {len(giving)} give the dataset, all but {unmarked} marked"
    )
    assert sorted(unmarked) == sorted(WITHOUT)
    assert step(app, stage, "own_agency", case, "uphold-data", reason="数据无误").status_code == 200
    again = {name: ask(app, asked[name]) for name in giving}
    # The register's line on the page says what became of it; no field, header or category does any more.
    still = [name for name, answer in again.items() if any(mark in whole(answer, data) for mark in MARKS[:3])]
    assert still == []
