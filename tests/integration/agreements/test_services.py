"""Services outside: a timestamp authority over HTTP, one that is down, one that answers nonsense, a certificate of one's own."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from ckan.plugins import toolkit as tk

from ckanext.govdata.agreements import keeping
from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.agreements.signing.keys import Folder
from ckanext.govdata.agreements.signing.timestamps import OwnClock
from ckanext.govdata.agreements.verifying import verdict_of

from .conftest import NAME, Desk


class Authority:
    """A timestamp authority with a key of its own, on this machine; `mode` says how it answers."""

    def __init__(self, keys: Folder) -> None:
        clock, authority = OwnClock(keys.identity("clock")), self
        self.mode, self.asked = "well", 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                authority.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(500 if authority.mode == "down" else 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                answer = clock.request_tsa_response(tsp.TimeStampReq.load(body)).dump()
                self.wfile.write({"well": answer, "nonsense": b"nonsense"}.get(authority.mode, b""))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def authority(
    desk: Desk, tmp_path: Path, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Authority]:
    keys = Folder(tmp_path / "authority")
    keys.make("时间戳服务机构")
    (folder().path / "trusted" / "authority.crt").write_bytes((keys.path / "root.crt").read_bytes())
    found = Authority(keys)
    monkeypatch.setitem(ckan_config, "govdata.agreements.timestamps", found.address)
    yield found
    found.server.shutdown()
    (folder().path / "trusted" / "authority.crt").unlink()


def test_timestamps_come_from_the_authority_that_is_set(desk: Desk, authority: Authority) -> None:
    verdict = verdict_of(desk.sealed().pdf)
    assert verdict["holds"] and authority.asked >= 2
    assert verdict["signers"]["user"]["clock"] == "时间戳服务机构 时钟"


@pytest.mark.parametrize("mode", ["down", "nonsense"])
@pytest.mark.requirement("LYG-19")
def test_without_a_timestamp_nothing_is_signed_it_is_said_and_tried_again(
    desk: Desk, authority: Authority, mode: str
) -> None:
    authority.mode = mode
    row = desk.present()
    told = desk.sign(row)
    assert told["step"] == "presented"
    assert told["signatures"][0]["state"] == "waiting" and told["signatures"][0]["waits_for"] == "timestamp"
    with pytest.raises(tk.ValidationError, match="on its way"):
        desk.act("document_sign", "signer", id=row.id, name="李明")
    with pytest.raises(tk.ValidationError):
        desk.act("document_seal", "decider", id=row.id)
    assert keeping.try_again() == 0
    authority.mode = "well"
    assert keeping.try_again() == 1
    assert desk.act("document_show", "signer", id=row.id)["step"] == "signed"
    desk.act("document_seal", "decider", id=row.id)
    assert verdict_of(keeping.get(row.id).pdf)["holds"]  # pyright: ignore[reportOptionalMemberAccess]


def test_a_timestamp_by_nobody_known_is_reported(desk: Desk, authority: Authority) -> None:
    row = desk.sealed()
    trusted = folder().path / "trusted" / "authority.crt"
    kept = trusted.read_bytes()
    trusted.unlink()
    found = {one["code"] for one in verdict_of(row.pdf)["checks"] if one["ok"] is False}
    trusted.write_bytes(kept)
    assert found == {"user_time", "agency_time"}


def _certificate(path: Path, name: str) -> Folder:
    """A signer's own certificate, under a root that the operator trusts."""
    own = Folder(path)
    own.make(name)
    own.issue("signer", name)
    (folder().path / "trusted" / "users.crt").write_bytes((own.path / "root.crt").read_bytes())
    return own


def _signed(path: Path, own: Folder, data: bytes) -> str:
    """What OpenSSL makes of it, outside of the portal."""
    (path / "to_sign.bin").write_bytes(data)
    keys = ["-signer", own.path / "signer.crt", "-inkey", own.path / "signer.key"]
    command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", path / "to_sign.bin", *keys]
    subprocess.run([*command, "-outform", "DER", "-out", path / "s.p7s"], check=True, capture_output=True, timeout=60)
    return base64.b64encode((path / "s.p7s").read_bytes()).decode()


@pytest.fixture
def prepared(desk: Desk) -> Iterator[tuple[str, bytes]]:
    row = desk.present()
    desk.act("document_read", "signer", id=row.id)
    told = desk.act("document_prepare", "signer", id=row.id, name="李明")
    yield row.id, base64.b64decode(told["to_sign"])
    (folder().path / "trusted" / "users.crt").unlink(missing_ok=True)


def test_a_signature_by_ones_own_certificate_is_made_outside_and_holds(
    desk: Desk, prepared: tuple[str, bytes], tmp_path: Path
) -> None:
    id, data = prepared
    signature = _signed(tmp_path, _certificate(tmp_path / "own", NAME), data)
    told = desk.act("document_embed", "signer", id=id, signature=signature)
    assert told["step"] == "signed" and told["signatures"][0]["level"] == "own_certificate"
    desk.act("document_seal", "decider", id=id)
    verdict = verdict_of(keeping.get(id).pdf)  # pyright: ignore[reportOptionalMemberAccess]
    assert verdict["holds"], verdict
    assert verdict["signers"]["user"]["name"] == NAME


def test_a_signature_from_outside_that_does_not_hold_is_refused(
    desk: Desk, prepared: tuple[str, bytes], tmp_path: Path
) -> None:
    id, data = prepared
    other, own = _certificate(tmp_path / "other", "某某公司"), _certificate(tmp_path / "own", NAME)
    wrong = {
        "of another document": _signed(tmp_path, own, b"another"),
        "untrusted or of another name": _signed(tmp_path, other, data),
        "nonsense": base64.b64encode(b"nonsense").decode(),
    }
    for given in wrong.values():
        with pytest.raises(tk.ValidationError):
            desk.act("document_embed", "signer", id=id, signature=given)
        assert keeping.get(id).step == "presented"  # pyright: ignore[reportOptionalMemberAccess]


def test_keys_that_others_may_read_are_not_used(desk: Desk) -> None:
    row = desk.present()
    key = folder().path / "portal.key"
    key.chmod(0o644)
    with pytest.raises(tk.ValidationError, match="operator"):
        desk.sign(row)
    key.chmod(0o600)
    assert desk.act("document_sign", "signer", id=row.id, name="李明")["step"] == "signed"
