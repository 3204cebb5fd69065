"""SM2 signatures beside a file, checked by OpenSSL too; they need the extra `sm2`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.govdata.agreements.signing import sm2
from ckanext.govdata.agreements.signing.sm2 import KEY, PUBLIC, Sm2Missing

DATA = "协议 agreement".encode()
_IDENTITY = ["-pkeyopt", "distid:1234567812345678"]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    pytest.importorskip(
        "tongsuopy", reason="tongsuopy is not installed: the extra sm2 (it has wheels for x86-64 alone)"
    )
    sm2.make(tmp_path)
    return tmp_path


def test_a_signature_holds_for_its_file_and_no_other(keys: Path) -> None:
    signature, public = sm2.sign(keys, DATA), (keys / PUBLIC).read_bytes()
    assert sm2.holds(public, signature, DATA)
    assert not sm2.holds(public, signature, DATA + b"\n")
    assert not sm2.holds(public, bytes([*signature[:-1], signature[-1] ^ 1]), DATA)


def test_openssl_accepts_it_and_it_accepts_openssls(keys: Path) -> None:
    (keys / "data").write_bytes(DATA)
    (keys / "signature").write_bytes(sm2.sign(keys, DATA))
    given = ["-rawin", "-digest", "sm3", "-in", keys / "data", *_IDENTITY]
    _openssl("-verify", "-pubin", "-inkey", keys / PUBLIC, "-sigfile", keys / "signature", *given)
    _openssl("-sign", "-inkey", keys / KEY, "-out", keys / "other", *given)
    assert sm2.holds((keys / PUBLIC).read_bytes(), (keys / "other").read_bytes(), DATA)


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", "pkeyutl", *words], check=True, capture_output=True, timeout=60)


def test_the_key_is_for_its_owner_alone_and_never_made_twice(keys: Path) -> None:
    assert (keys / KEY).stat().st_mode & 0o777 == 0o600
    before = (keys / KEY).read_bytes()
    with pytest.raises(FileExistsError):
        sm2.make(keys)
    assert (keys / KEY).read_bytes() == before


def test_the_command_signs_and_checks_a_file(
    keys: Path, ckan_config: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.govdata.cli.agreements import agreements

    monkeypatch.setitem(ckan_config, "govdata.agreements.path", str(keys))
    file = keys / "agreement.pdf"
    file.write_bytes(DATA)
    signed = CliRunner().invoke(agreements, ["sm2-sign", str(file)])
    assert signed.exit_code == 0, signed.output
    check = ["sm2-verify", str(file), str(file) + ".sm2", str(keys / PUBLIC)]
    assert CliRunner().invoke(agreements, check).exit_code == 0
    file.write_bytes(DATA + b"\n")
    assert CliRunner().invoke(agreements, check).exit_code == 1


def test_without_the_package_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tongsuopy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tongsuopy", None)
    with pytest.raises(Sm2Missing, match="extra sm2"):
        sm2.make(tmp_path)
    assert list(tmp_path.iterdir()) == []
