"""Each kind of source that ships with the portal keeps the contract of all kinds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.kinds import Kind, KindError, Visit, kind_of, kinds
from ckanext.govdata_harvest.kinds.protocol import settings_of

from .places import CSV, server
from .standard import Door, Standard


@pytest.fixture
def place() -> Iterator[str]:
    with server() as (address, _):
        yield address


class _Remote(Standard):
    path = "/list.csv"
    name = ""

    @pytest.fixture
    def kind(self) -> Kind:
        return kind_of(self.name)

    @pytest.fixture
    def settings(self, place: str) -> dict[str, str]:
        return {"address": place + self.path}

    @pytest.fixture
    def elsewhere(self, place: str) -> dict[str, str] | None:
        return {"address": place + "/nowhere"}


class TestAddress(_Remote):
    name = "address"


class TestDataJson(_Remote):
    name, path = "data_json", "/data.json"


class TestRdf(_Remote):
    name, path = "dcat_rdf", "/catalog.rdf"

    @pytest.fixture
    def elsewhere(self, place: str) -> dict[str, str] | None:
        return {"address": place + "/error"}


class TestCkan(_Remote):
    name, path = "ckan", ""

    @pytest.fixture
    def elsewhere(self, place: str) -> dict[str, str] | None:
        return {"address": place + "/elsewhere"}


class TestCkanHarvesterOfCkanextHarvest(_Remote):
    name, path, plugin = "iharvester", "", "ckan_harvester"

    @pytest.fixture
    def settings(self, place: str) -> dict[str, str]:
        return {"address": place + self.path, "plugin": self.plugin}

    @pytest.fixture
    def elsewhere(self, settings: dict[str, str], place: str) -> dict[str, str] | None:
        return {**settings, "address": place + "/elsewhere"}


@pytest.mark.parametrize(
    ("path", "plugin"), [("/catalog.rdf", "dcat_rdf_harvester"), ("/data.json", "dcat_json_harvester")]
)
def test_harvesters_of_ckanext_dcat_run_as_a_kind(tmp_path: Path, place: str, path: str, plugin: str) -> None:
    kind = kind_of("iharvester")
    visit = Visit(tmp_path, Door(tmp_path / "door"))
    found = kind.collect(settings_of(kind, {"address": place + path, "plugin": plugin}), visit)
    assert found.path is not None
    rows = [json.loads(line) for line in found.path.read_text("utf-8").splitlines()]
    assert sorted(row["title"] for row in rows) == ["停车场名录", "学校名录"]


def test_only_a_harvester_runs_as_a_harvester(tmp_path: Path, place: str) -> None:
    kind = kind_of("iharvester")
    wanted = settings_of(kind, {"address": place, "plugin": "activity"})
    with pytest.raises(KindError, match="harvester_failed"):
        kind.collect(wanted, Visit(tmp_path, Door(tmp_path / "door")))


@pytest.mark.requirement("YZ-7", "ZB-7")
class TestPortalOfThisKind(_Remote):
    name, path = "portal", ""


class TestBucket(_Remote):
    name = "s3"

    @pytest.fixture
    def settings(self, place: str) -> dict[str, str]:
        return {"endpoint": place, "bucket": "bucket", "key": "list.csv"}

    @pytest.fixture
    def elsewhere(self, settings: dict[str, str]) -> dict[str, str] | None:
        return {**settings, "key": "nothing.csv"}

    def secrets(self) -> dict[str, str]:
        return {"access-key": "AKIDEXAMPLE00", "secret-key": "never-to-be-seen-91c2"}

    def is_sent(self, headers: Mapping[str, str]) -> bool:
        return headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE00")

    def test_secrets_go_through_the_door_alone(self, tmp_path: Path, kind: Kind, settings: dict[str, str]) -> None:
        found, door = self.collected(tmp_path, kind, settings)
        assert found.path is not None and "never-to-be-seen-91c2" not in f"{door.asked}{found}"
        assert door.asked and all(self.is_sent(headers) for _, headers in door.asked)


class TestFolder(Standard):
    @pytest.fixture
    def kind(self) -> Kind:
        return kind_of("folder")

    @pytest.fixture
    def root(self, tmp_path_factory: pytest.TempPathFactory, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
        root = tmp_path_factory.mktemp("lists")
        (root / "jtj").mkdir()
        (root / "jtj" / "清单.csv").write_bytes(CSV)
        monkeypatch.setitem(ckan_config, "govdata.harvest.folder", str(root))
        return root

    @pytest.fixture
    def settings(self, root: Path) -> dict[str, str]:
        return {"path": "jtj"}

    @pytest.fixture
    def elsewhere(self, settings: dict[str, str]) -> dict[str, str] | None:
        return {"path": "../.."}

    def test_a_link_leads_nowhere_out_of_the_folder(self, root: Path, kind: Kind, tmp_path: Path) -> None:
        (root / "other").mkdir()
        (root / "other" / "list.csv").symlink_to("/etc/passwd")
        with pytest.raises(Exception, match="folder_empty"):
            self.collected(tmp_path, kind, {"path": "other"})


class TestUpload(Standard):
    @pytest.fixture
    def kind(self) -> Kind:
        return kind_of("upload")

    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {}

    def visit(self, folder: Path, kind: Kind, seen: Mapping[str, Any] | None = None) -> tuple[Visit, Door]:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "list"
        path.write_bytes(CSV)
        door = Door(folder)
        return Visit(folder, door, uploaded=path, uploaded_name="清单.csv"), door


def test_every_kind_that_ships_is_known_by_its_name() -> None:
    assert {
        "address",
        "ckan",
        "data_json",
        "dcat_rdf",
        "folder",
        "iharvester",
        "portal",
        "s3",
        "upload",
    } <= kinds().keys()
    assert all(kind.name == name for name, kind in kinds().items())
