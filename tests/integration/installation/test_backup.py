"""Backup and restore: what was in the portal is in the restored one, keys apart, nothing overwritten unasked."""

from __future__ import annotations

import base64
import io
import json
import stat
import tarfile
import urllib.request
from pathlib import Path

import pytest

from ckanext.govdata.installation.backup import files_of

from .instance import Instance

TABLE = "路段,车位\n中山路,120\n解放路,86\n"


@pytest.fixture(scope="module")
def kept(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a portal with a dataset, a file, a table in the DataStore and a setting of its owner's."""
    instance.api(
        "package_create", name="parking", title="停车场名录", owner_org="jiaotongju", open_tier="unconditional"
    )
    _upload(instance, "parking")
    instance.api(
        "datastore_create",
        resource={"package_id": "parking", "name": "表"},
        fields=[{"id": "路段", "type": "text"}],
        records=[{"路段": "中山路"}],
    )
    instance.api("govdata_party_register", kind="enterprise", name="企业", document="uscc", number="91110000600037341L")
    with (instance.data / "ckan.ini").open("a", encoding="utf-8") as ini:
        ini.write("ckan.site_title = 江海市公共数据开放平台\n")
    file = tmp_path_factory.mktemp("备份") / "portal.tar.gz"
    instance.run("tests.integration.installation.one_agreement", "jiaotongju", str(file.with_name("agreement.pdf")))
    instance.govdata("backup", str(file), "--data", str(instance.data))
    return file


def _upload(instance: Instance, package: str) -> None:
    mark = "----govdata"
    parts = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"package_id": package, "name": "名录", "format": "CSV"}.items()
    )
    parts += f'--{mark}\r\nContent-Disposition: form-data; name="upload"; filename="list.csv"\r\n'
    parts += f"Content-Type: text/csv\r\n\r\n{TABLE}\r\n--{mark}--\r\n"
    request = urllib.request.Request(
        f"http://127.0.0.1:{instance.port}/api/3/action/resource_create",
        data=parts.encode(),
        headers={"Authorization": instance.token, "Content-Type": f"multipart/form-data; boundary={mark}"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        assert json.load(response)["success"]


@pytest.mark.requirement("LYG-19")
def test_a_restored_portal_has_datasets_files_tables_index_tokens_settings_and_agreements(
    instance: Instance, kept: Path, tmp_path: Path
) -> None:
    restored = Instance(tmp_path / "var")
    restored.govdata("restore", str(kept), "--data", str(restored.data))
    try:
        restored.up()
        restored.token = instance.token  # the keys came along, so a token of the old portal still opens
        entry = restored.api("package_show", id="parking")
        assert entry["title"] == "停车场名录"
        [file] = [resource for resource in entry["resources"] if resource["name"] == "名录"]
        [table] = [resource for resource in entry["resources"] if resource["name"] == "表"]
        with urllib.request.urlopen(
            f"http://127.0.0.1:{restored.port}/dataset/parking/resource/{file['id']}/download/list.csv", timeout=30
        ) as response:
            assert response.read().decode() == TABLE
        rows = restored.api("datastore_search", resource_id=table["id"])["records"]
        assert [row["路段"] for row in rows] == ["中山路"]
        assert restored.api("package_search", q="停车场")["count"] == 1
        [party] = restored.api("govdata_party_mine")
        assert restored.api("govdata_party_show", id=party["id"])["numbers"][0]["masked"].endswith("341L")
        assert "江海市公共数据开放平台" in restored.page("/")[1]
        assert "admin" in (restored.data / "sign-ins.txt").read_text()
        _agreements_are_whole(instance, restored, kept.with_name("agreement.pdf").read_bytes())
    finally:
        restored.clear()


def _agreements_are_whole(before: Instance, restored: Instance, pdf: bytes) -> None:
    """The file that both sides have still verifies, to the last byte, and the keys that seal are the same ones."""
    verdict = restored.api("govdata_agreement_verify", file=base64.b64encode(pdf).decode())
    assert verdict["holds"], verdict
    assert restored.api("govdata_agreement_document_list")["count"] == 1
    assert not restored.api("govdata_agreement_verify", file=base64.b64encode(pdf + b"\n").decode())["holds"]
    keys = [files_of(one.portal.layout.agreements) for one in (before, restored)]
    assert keys[0] == keys[1] and "portal.key" in keys[0]


def test_keys_are_apart_and_private(kept: Path) -> None:
    keys = kept.with_name(kept.name + ".keys")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    secret = json.loads(keys.read_text())["secrets"]["session"]
    with tarfile.open(kept) as archive:
        names = archive.getnames()
        texts = [archive.extractfile(name) for name in names if name.endswith((".json", ".ini"))]
        assert all(secret not in text.read().decode() for text in texts if text)
    assert not any("state.json" in name or "sign-ins" in name for name in names)


def test_a_folder_that_holds_a_portal_is_not_overwritten(instance: Instance, kept: Path) -> None:
    instance.down()
    output = instance.govdata("restore", str(kept), "--data", str(instance.data), expected=1)
    assert "already holds a portal" in output and "--force" in output
    instance.up()
    assert instance.api("package_show", id="parking")["title"] == "停车场名录"


def test_a_running_portal_is_not_replaced_even_by_force(instance: Instance, kept: Path) -> None:
    output = instance.govdata("restore", str(kept), "--data", str(instance.data), "--force", expected=1)
    assert "Stop it first" in output


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"format": 1, "version": "99.0.0", "postgres": 15}, "newer than this one"),
        ({"format": 99, "version": "0.1.0", "postgres": 15}, "newer than this one"),
        (None, "is no backup of a portal"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(tmp_path: Path, described: dict | None, words: str) -> None:
    file = tmp_path / "odd.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        text = json.dumps(described or {}).encode()
        member = tarfile.TarInfo("manifest.json" if described else "else.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    output = Instance(tmp_path / "var").govdata("restore", str(file), "--data", str(tmp_path / "var"), expected=1)
    assert words in output and "Traceback" not in output


def test_a_backup_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for name, text in (
            ("manifest.json", b'{"format": 1, "version": "0.1.0", "postgres": 12, "city": ""}'),
            ("../outside", b"x"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    output = Instance(tmp_path / "var").govdata("restore", str(file), "--data", str(tmp_path / "var"), expected=1)
    assert "outside" in output and not (tmp_path / "outside").exists()
