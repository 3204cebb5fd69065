"""Whatever the settings name, files of resources lie in a storage that the gate reaches."""

from pathlib import Path
from typing import Any

import pytest
from ckan.exceptions import CkanConfigurationException

from ckanext.govdata.access.storage import ADAPTER, keep_resources_behind_the_gate, resource_folder


def settled(**settings: str) -> dict[str, Any]:
    config: Any = {key.replace("__", "."): value for key, value in settings.items()}
    keep_resources_behind_the_gate(config)
    return config


def test_ckans_old_folder_becomes_a_storage_of_ours() -> None:
    config = settled(ckan__storage_path="/var/lib/ckan")
    assert config["ckan.files.storage.resources.type"] == ADAPTER
    assert config["ckan.files.storage.resources.path"] == "/var/lib/ckan/resources"
    assert config["ckan.files.storage.resources.public"] is False


def test_a_named_storage_on_disk_keeps_its_folder_and_is_never_public() -> None:
    named = {
        "ckan.files.default_storages.resource": "own",
        "ckan.files.storage.own.type": "ckan:fs",
        "ckan.files.storage.own.path": "/data/own",
        "ckan.files.storage.own.public": True,
    }
    keep_resources_behind_the_gate(named)  # pyright: ignore[reportArgumentType]
    assert (named["ckan.files.storage.own.type"], named["ckan.files.storage.own.public"]) == (ADAPTER, False)
    assert named["ckan.files.storage.own.path"] == "/data/own"


def test_the_default_storage_lends_its_folder() -> None:
    given: Any = {"ckan.files.storage.default.path": "/data", "ckan.storage_path": "/var/lib/ckan"}
    assert resource_folder(given) == Path("/data/resources")


@pytest.mark.requirement("LYG-10")
def test_a_storage_that_the_gate_does_not_reach_stops_the_start_and_says_what_to_do() -> None:
    with pytest.raises(CkanConfigurationException, match=f"Use {ADAPTER}"):
        settled(ckan__files__storage__resources__type="ckan:fs:public", ckan__storage_path="/var/lib/ckan")


def test_without_a_folder_there_are_no_uploads_and_nothing_to_keep() -> None:
    assert "ckan.files.storage.resources.type" not in settled()
