"""The witness as a process of its own, against the portal's own pages: continues, shrank, forked, stopped, receipts."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from ckanext.govdata.ledger import views, witness
from ckanext.govdata.ledger.checkpoint import Checkpoint, cosigned_at, sign
from ckanext.govdata.ledger.note import Signer, Verifier, parse_note
from ckanext.govdata.ledger.reading import Reader, run_on

from .conftest import ORIGIN, Ledger

pytestmark = pytest.mark.requirement("LYG-21")

SOURCE = Path(witness.__file__)


@dataclass
class Site:
    """The portal's pages of the ledger that `shown` names at the moment."""

    url: str
    shown: Any = None


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    application = Flask(__name__)
    application.register_blueprint(views.blueprint)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    found = Site(f"http://127.0.0.1:{server.server_port}/ledger")
    keys: list[str] = []

    def run(statement: str, values: Any) -> Any:
        with closing(found.shown.connect("app")) as connection, connection:
            return run_on(connection)(statement, values)

    monkeypatch.setattr(views, "_run", lambda: run)
    monkeypatch.setattr(views.portal, "folder", lambda: found.shown.folder)
    monkeypatch.setattr(views.config, "ledger_witnesses", lambda: keys)
    monkeypatch.setattr(views.model, "Session", type("NoSession", (), {"commit": int, "rollback": int}))
    found.witnesses = keys  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a copy of the witness, away from the portal's code."""
    copy = tmp_path / "witness.py"
    copy.write_bytes(SOURCE.read_bytes())

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(copy), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    return run


def _key(ledger: Ledger) -> str:
    return ledger.folder.verifiers()[0].encode()


def _grow(ledger: Ledger, count: int) -> None:
    ledger.record(count)
    ledger.sequence()


def test_the_witness_needs_nothing_but_python_and_cryptography() -> None:
    roots = set()
    for node in ast.walk(ast.parse(SOURCE.read_text())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            roots.add(str(node.module).split(".")[0])
    assert roots - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_log_that_grows_is_followed(site: Site, call: Any, ledger: Ledger, tmp_path: Path) -> None:
    site.shown, state = ledger, tmp_path / "state"
    seen = []
    for count in (1, 1, 5, 250, 3, 300, 0):
        _grow(ledger, count)
        answer = call("watch", site.url, "--state", state, "--key", _key(ledger), "--once")
        assert answer.returncode == 0, answer.stderr
        seen.append(json.loads(state.read_text())["size"])
    assert seen == [1, 2, 7, 257, 260, 560, 560]


def test_a_log_over_three_levels_of_tiles_is_followed(site: Site, call: Any, big: Ledger, tmp_path: Path) -> None:
    site.shown, state = big, tmp_path / "state"
    first = {"key": _key(big), **_remembered(big, 0)}
    state.write_text(json.dumps(first))
    answer = call("watch", site.url, "--state", state, "--once")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(state.read_text())["size"] == 70_300


def _remembered(ledger: Ledger, number: int) -> dict[str, Any]:
    note = ledger.folder.anchors()[number]
    lines = note.split("\n")
    return {"size": int(lines[1]), "root": lines[2], "note": note, "seen_at": 0, "grown_at": 0}


@pytest.fixture(scope="module")
def big(new_ledger: Callable[[], Ledger]) -> Ledger:
    """More than 65,536 entries, so that tiles of three levels are there."""
    ledger = new_ledger()
    for first, count in ((0, 300), (300, 70_000)):
        ledger.run(
            "INSERT INTO govdata_ledger.intake (id, entry) SELECT lpad(to_hex(n), 32, '0')::uuid,"
            f" convert_to('{{\"n\":' || n || '}}', 'UTF8') FROM generate_series({first}, {first + count - 1}) n",
        )
        ledger.sequence()
    return ledger


def test_verify_holds_over_three_levels_of_tiles(big: Ledger) -> None:
    assert big.kinds() == set()


def _two_histories(new_ledger: Any, copy_of: Any, common: int, one: int, two: int) -> tuple[Ledger, Ledger]:
    """Two logs of one key with a common beginning."""
    first = new_ledger()
    _grow(first, common)
    second = copy_of(first)
    if one:
        _grow(first, one)
    _grow(second, two)
    return first, second


@pytest.mark.parametrize(
    ("one", "two", "word"),
    [(10, 10, "FORKED"), (10, 400, "FORKED"), (300, 700, "FORKED"), (10, 5, "SHRUNK")],
)
def test_a_log_that_forks_or_shrinks_raises_the_alarm(
    site: Site, call: Any, new_ledger: Any, copy_of: Any, tmp_path: Path, one: int, two: int, word: str
) -> None:
    first, second = _two_histories(new_ledger, copy_of, 30, one, two)
    state = tmp_path / "state"
    site.shown = first
    assert call("watch", site.url, "--state", state, "--key", _key(first), "--once").returncode == 0
    site.shown = second
    answer = call("watch", site.url, "--state", state, "--once")
    assert answer.returncode == 1
    assert f"ALARM {word}" in answer.stderr
    kept = json.loads(state.read_text())
    assert kept["size"] == 30 + one
    assert word in kept["alarms"][0]["what"]


def test_a_log_under_another_key_raises_the_alarm(
    site: Site, call: Any, new_ledger: Any, ledger: Ledger, tmp_path: Path
) -> None:
    other = new_ledger()
    for one in (ledger, other):
        _grow(one, 3)
    site.shown = other
    answer = call("watch", site.url, "--state", tmp_path / "state", "--key", _key(ledger), "--once")
    assert answer.returncode == 1
    assert "not signed by" in answer.stderr


def test_a_log_that_stands_still_or_is_silent_raises_the_alarm(
    site: Site, call: Any, ledger: Ledger, tmp_path: Path
) -> None:
    site.shown, state = ledger, tmp_path / "state"
    _grow(ledger, 3)
    assert call("watch", site.url, "--state", state, "--key", _key(ledger), "--once").returncode == 0
    remembered = json.loads(state.read_text())
    state.write_text(json.dumps({**remembered, "grown_at": 1000, "seen_at": 1000}))
    answer = call("watch", site.url, "--state", state, "--once")
    assert (answer.returncode, "STOPPED" in answer.stderr) == (1, True)
    answer = call("watch", "http://127.0.0.1:1/ledger", "--state", state, "--once")
    assert (answer.returncode, "does not answer" in answer.stderr) == (1, True)
    state.write_text(json.dumps({**remembered}))
    assert call("watch", "http://127.0.0.1:1/ledger", "--state", state, "--once").returncode == 2


def test_without_a_key_or_with_another_one_nothing_is_believed(
    site: Site, call: Any, ledger: Ledger, tmp_path: Path
) -> None:
    site.shown, state = ledger, tmp_path / "state"
    _grow(ledger, 3)
    assert call("watch", site.url, "--state", state, "--once").returncode == 2
    assert call("watch", site.url, "--state", state, "--key", _key(ledger), "--once").returncode == 0
    other = Signer.generate(ORIGIN).verifier.encode()
    assert call("watch", site.url, "--state", state, "--key", other, "--once").returncode == 2


def test_a_witness_cosigns_and_the_portal_publishes_it(site: Any, call: Any, ledger: Ledger, tmp_path: Path) -> None:
    site.shown = ledger
    _grow(ledger, 5)
    made = call("keygen", "bureau.example.cn/witness", "--out", tmp_path / "witness.key")
    assert made.returncode == 0
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    arguments = ("cosign", site.url, "--state", tmp_path / "state", "--key", _key(ledger))
    refused = call(*arguments, "--cosigner", tmp_path / "witness.key")
    assert refused.returncode == 2
    site.witnesses.append(made.stdout.strip())
    answer = call(*arguments, "--cosigner", tmp_path / "witness.key")
    assert "taken: bureau.example.cn/witness" in answer.stdout
    with closing(ledger.connect("app")) as connection:
        note = Reader(run_on(connection)).checkpoint()
    assert note is not None
    assert cosigned_at(parse_note(note), Verifier.parse(made.stdout.strip())) is not None
    assert call("watch", site.url, "--state", tmp_path / "state", "--once").returncode == 0


def test_a_cosignature_of_a_checkpoint_that_is_not_ours_is_refused(site: Any, ledger: Ledger) -> None:
    site.shown = ledger
    _grow(ledger, 5)
    note = sign(Checkpoint(ORIGIN, 4, bytes(32)), ledger.folder.signer()).encode()
    client = Flask(__name__)
    client.register_blueprint(views.blueprint)
    for data in (note, "nonsense", "x" * 20_000):
        assert client.test_client().post("/ledger/cosignature", data=data.encode()).status_code in (400, 413)


@pytest.mark.parametrize("place", [0, 4, 255, 256, 299])
def test_a_receipt_is_checked_offline(call: Any, ledger: Ledger, tmp_path: Path, place: int) -> None:
    _grow(ledger, 300)
    with closing(ledger.connect("app")) as connection:
        reader = Reader(run_on(connection))
        entry = json.loads(reader.entry(place) or b"")
        receipt = reader.receipt(entry["event"]["id"])
    assert receipt is not None
    file = tmp_path / "delivery.tlog-proof"
    file.write_text(receipt.encode())
    answer = call("verify-receipt", file, "--key", _key(ledger))
    assert answer.returncode == 0, answer.stderr
    assert f"entry {place} of a log of 300 entries" in answer.stdout
    other = Signer.generate(ORIGIN).verifier.encode()
    assert call("verify-receipt", file, "--key", other).returncode == 1
    file.write_text(receipt.encode().replace(f"index {place}", f"index {place + 1}"))
    assert call("verify-receipt", file, "--key", _key(ledger)).returncode == 1
    assert call("verify-receipt", file).returncode == 2


def test_an_entry_has_no_receipt_before_a_checkpoint_covers_it(ledger: Ledger) -> None:
    _grow(ledger, 2)
    ledger.record(1)
    with closing(ledger.connect("app")) as connection:
        reader = Reader(run_on(connection))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM govdata_ledger.intake")
            ((identity,),) = cursor.fetchall()
        assert reader.receipt(identity) is None


def test_the_pages_speak_the_tiles_of_the_specification(site: Any, big: Ledger) -> None:
    site.shown = big
    application = Flask(__name__)
    application.register_blueprint(views.blueprint)
    client = application.test_client()
    checkpoint = client.get("/ledger/checkpoint")
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert checkpoint.text.startswith(f"{ORIGIN}\n70300\n")
    assert len(client.get("/ledger/tile/0/000").data) == 8192
    assert len(client.get("/ledger/tile/0/274.p/156").data) == 156 * 32
    assert len(client.get("/ledger/tile/1/000").data) == 8192
    assert len(client.get("/ledger/tile/2/000.p/1").data) == 32
    assert client.get("/ledger/tile/0/000.p/3").data == client.get("/ledger/tile/0/000").data[:96]
    for path in ("tile/0/274", "tile/0/274.p/157", "tile/3/000.p/1", "tile/entries/000", "tile/0/0", "tile/0/999"):
        assert client.get(f"/ledger/{path}").status_code == 404, path
    assert client.get("/ledger/key").text.strip() == _key(big)
    assert client.get("/ledger/witness.py").data == SOURCE.read_bytes()


def test_an_empty_log_has_no_checkpoint(site: Any, ledger: Ledger) -> None:
    site.shown = ledger
    application = Flask(__name__)
    application.register_blueprint(views.blueprint)
    assert application.test_client().get("/ledger/checkpoint").status_code == 404
    assert application.test_client().get("/ledger/tile/0/000").status_code == 404
