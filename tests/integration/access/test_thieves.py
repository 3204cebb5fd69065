"""Publishers of another agency, and the administrator, try to have a closed file as one of their own datasets."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.tests.helpers import call_action

from .stage import PLUGINS, Dataset, Stage, add_dataset

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-10", "LYG-19"),
]


def kept(stage: Stage) -> Dataset:
    """The owner's dataset: there, in use."""
    return add_dataset(stage, "conditional", False, f"kept-{secrets.token_hex(4)}")


def without_the_file(stage: Stage) -> Dataset:
    dataset = kept(stage)
    call_action("resource_delete", {"user": "own-agency", "ignore_auth": False}, id=dataset.file)
    return dataset


def deleted(stage: Stage) -> Dataset:
    dataset = kept(stage)
    call_action("package_delete", {"user": "own-agency", "ignore_auth": False}, id=dataset.id)
    return dataset


def file_and_dataset_deleted(stage: Stage) -> Dataset:
    dataset = without_the_file(stage)
    call_action("package_delete", {"user": "own-agency", "ignore_auth": False}, id=dataset.id)
    return dataset


def purged(stage: Stage) -> Dataset:
    dataset = deleted(stage)
    call_action("dataset_purge", {"user": "administrator"}, id=dataset.id)
    return dataset


def with_the_file(dataset: Dataset) -> dict[str, Any]:
    return {"id": dataset.file, "name": "own", "url": "data.csv", "url_type": "upload", "format": "CSV"}


def attempts(dataset: Dataset, mine: str, agency: str) -> list[tuple[str, dict[str, Any]]]:
    """The orders that could bring the file under a dataset that is the thief's."""
    file = with_the_file(dataset)
    new = {"title": "x", "owner_org": agency, "open_tier": "unconditional"}
    return [
        ("package_patch", {"id": mine, "resources": [file]}),
        ("package_patch", {"id": mine, "resources": [{**file, "package_id": mine}]}),
        ("package_revise", {"match": {"id": mine}, "update": {"resources": [file]}}),
        ("resource_create", {**file, "package_id": mine}),
        ("resource_update", {**file, "package_id": mine}),
        ("resource_patch", {**file, "package_id": mine}),
        ("package_create", {**new, "name": f"thief-{secrets.token_hex(4)}", "resources": [file]}),
        ("datastore_create", {"resource": {**file, "package_id": mine}, "fields": [{"id": "x", "type": "text"}]}),
        ("datastore_create", {"resource_id": dataset.file, "force": True, "aliases": f"mine{secrets.token_hex(4)}"}),
    ]


_LONG = pytest.mark.long


@pytest.mark.parametrize(
    ("thief", "standing"),
    [
        ("other_agency", without_the_file),
        ("other_agency", purged),
        *(pytest.param("other_agency", one, marks=_LONG) for one in (kept, deleted, file_and_dataset_deleted)),
        *(pytest.param("administrator", one, marks=_LONG) for one in (kept, without_the_file, deleted, purged)),
    ],
)
def test_nobody_puts_a_closed_file_under_a_dataset_of_their_own(
    app: Any, stage: Stage, standing: Callable[[Stage], Dataset], thief: str
) -> None:
    dataset, agency = standing(stage), stage.agencies["weijianwei"]["id"]
    name = f"thief-{secrets.token_hex(4)}"
    own = {"name": name, "title": "x", "owner_org": agency, "open_tier": "unconditional"}
    mine = call_action("package_create", {"user": "administrator"}, **own)["id"]
    got, done = [], []
    for action, order in attempts(dataset, mine, agency):
        answer = app.post(f"/api/3/action/{action}", json=order, headers=stage.headers(thief))
        model.Session.remove()
        if answer.status_code == 200:
            done.append(action)
            got += [(action, path) for path in heard(app, stage, thief, dataset, name)]
    got += heard(app, stage, thief, dataset, name)
    assert got == [], done
    row = model.Session.get(model.Resource, dataset.file, populate_existing=True)
    assert row is None or row.package_id == dataset.id
    for made in model.Session.query(model.Package.id).filter(model.Package.name.like("thief-%")).all():
        call_action("dataset_purge", {"user": "administrator"}, id=made.id)


def heard(app: Any, stage: Stage, thief: str, dataset: Dataset, own: str) -> list[str]:
    """The addresses that give the thief a word of the file."""
    paths = (
        f"/dataset/{own}/resource/{dataset.file}/download",
        f"/datastore/dump/{dataset.file}",
        f"/api/3/action/datastore_search?resource_id={dataset.file}",
        f"/api/3/action/datastore_search?resource_id={dataset.alias}",
        f'/api/3/action/datastore_search_sql?sql=SELECT * FROM "{dataset.file}"',
        f'/api/3/action/datastore_search_sql?sql=WITH x AS (SELECT * FROM public."{dataset.alias}") SELECT * FROM x',
    )
    said = {path: app.get(path, headers=stage.headers(thief), follow_redirects=False) for path in paths}
    texts = {path: answer.get_data(as_text=True) for path, answer in said.items()}
    return [path for path, text in texts.items() if dataset.open_word in text or dataset.closed_word in text]


def test_the_owner_takes_a_deleted_file_back_and_new_files_may_have_chosen_ids(stage: Stage) -> None:
    dataset = without_the_file(stage)
    order: dict[str, Any] = {"id": dataset.id, "resources": [with_the_file(dataset)]}
    back = call_action("package_patch", {"user": "own-agency", "ignore_auth": False}, **order)
    assert [one["id"] for one in back["resources"]] == [dataset.file]
    chosen = str(uuid.uuid4())
    order = {"package_id": dataset.id, "id": chosen, "url": "https://example.org/x.csv", "name": "x"}
    assert call_action("resource_create", {"user": "own-agency", "ignore_auth": False}, **order)["id"] == chosen
