"""The verifier: nothing on the untouched file, a finding on every other one."""

from __future__ import annotations

import io
import multiprocessing
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from ckanext.govdata.agreements.documents.domain import compose
from ckanext.govdata.agreements.signing.keys import Folder
from ckanext.govdata.agreements.signing.levels import Field
from ckanext.govdata.agreements.signing.pades import sign, with_fields
from ckanext.govdata.agreements.signing.providers import KeySigner
from ckanext.govdata.agreements.signing.timestamps import stamper
from ckanext.govdata.agreements.verification.packed import packed
from ckanext.govdata.agreements.verification.verify import CHECKS, Known, check, digest_holds
from ckanext.govdata.ledger import witness
from ckanext.govdata.ledger.checkpoint import Checkpoint
from ckanext.govdata.ledger.checkpoint import sign as sign_checkpoint
from ckanext.govdata.ledger.entry import compose as compose_entry
from ckanext.govdata.ledger.note import Signer
from ckanext.govdata.ledger.receipt import Receipt
from ckanext.govdata.ledger.tree import leaf_hash
from tests.agreements import facts, look_of, make_keys, signed, signing_stages

Sealed = tuple[Folder, bytes, Known]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    folder = make_keys(tmp_path_factory.mktemp("agreements") / "keys")
    yield (folder, *signed(folder))


@pytest.mark.requirement("LYG-19")
def test_nothing_is_found_on_the_untouched_file(sealed: Sealed) -> None:
    folder, pdf, known = sealed
    verdict = check(pdf, folder.roots(), known)
    assert verdict.whole and not verdict.failed and set(verdict.results) == {code for code, _, _ in CHECKS}
    assert verdict.content is not None and verdict.content["number"] == "LYG-2026-000123"
    assert verdict.signers["user"]["name"].endswith("约定签名") and verdict.signers["agency"]["name"].endswith(
        "电子印章"
    )


def test_without_the_ledger_the_verdict_is_not_whole(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    verdict = check(pdf, folder.roots())
    assert not verdict.failed and not verdict.whole and verdict.results["digest"] is None


def test_signatures_under_another_root_are_not_trusted(sealed: Sealed, tmp_path: Path) -> None:
    _, pdf, known = sealed
    verdict = check(pdf, make_keys(tmp_path / "other").roots(), known)
    assert {"user_trusted", "agency_trusted", "user_time", "agency_time"} <= set(verdict.failed)


def _offsets(size: int, count: int) -> list[int]:
    return sorted(random.Random(7).sample(range(size), min(count, size)))


def _flipped(pdf: bytes, at: int, by: int = 1) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ by]) + pdf[at + 1 :]


def test_a_flipped_byte_is_reported_by_the_files_digests(sealed: Sealed) -> None:
    _, pdf, known = sealed
    assert digest_holds(pdf, known)
    assert not [at for at in _offsets(len(pdf), 1000) if digest_holds(_flipped(pdf, at), known)]


@pytest.mark.long
def test_every_byte_flipped_is_reported_by_the_files_digests(sealed: Sealed) -> None:
    _, pdf, known = sealed
    assert not [at for at in range(len(pdf)) if digest_holds(_flipped(pdf, at), known)]


def test_a_flipped_byte_is_reported_by_the_signatures_alone(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    roots = folder.roots()
    assert not [at for at in _offsets(len(pdf), 15) if not check(_flipped(pdf, at), roots).failed]


def _survivors(sealed: Sealed, offsets: Sequence[int]) -> list[int]:
    """The places whose byte the signatures alone let somebody flip; asked by two processes, for there are many."""
    folder, pdf, _ = sealed
    roots, fork = folder.roots(), multiprocessing.get_context("fork")

    def ask(part: Sequence[int], left: Any) -> None:
        left.put([at for at in part if not check(_flipped(pdf, at), roots, briefly=True).failed])

    answers = fork.SimpleQueue()
    workers = [fork.Process(target=ask, args=(offsets[number::2], answers)) for number in range(2)]
    for worker in workers:
        worker.start()
    return sorted(at for _ in workers for at in answers.get())


def _heads(pdf: bytes) -> Iterator[int]:
    """Where the last signature and its timestamp have what nothing signs: a signer's version, and its digest's parameter."""
    _, start, after, _ = _ranges(pdf)[1]
    raw = bytes.fromhex(pdf[start + 1 : after - 1].decode())
    signature: Any = cms.ContentInfo.load(raw)["content"]["signer_infos"][0]
    stamp = signature["unsigned_attrs"][0]["values"][0]["content"]["signer_infos"][0]
    for signer in (signature, stamp):
        place, kind = raw.index(signer.contents), signer["digest_algorithm"].dump()
        for byte in (place, place + 2, raw.index(kind, place) + len(kind) - 2):
            yield start + 1 + 2 * byte


def test_a_signers_head_that_nothing_signs_is_as_the_standard_has_it(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    places = list(_heads(pdf))
    assert len(places) == 6
    for at in (digit for place in places for digit in (place, place + 1)):
        assert check(_flipped(pdf, at), folder.roots(), briefly=True).failed, at


def test_what_is_checked_briefly_fails_as_it_does_in_whole(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    roots, (_, start, after, _) = folder.roots(), _ranges(pdf)[1]
    assert not check(pdf, roots, briefly=True).failed
    for at in (20, len(pdf) // 2, start, start + 40, start + 700, after - 2, len(pdf) - 8):
        altered = _flipped(pdf, at)
        assert check(altered, roots, briefly=True).failed and check(altered, roots).failed


@pytest.mark.parametrize("revision", [0, 2], ids=["text", "seal"])
def test_bytes_that_no_reader_looks_at_are_reported_without_a_reader(sealed: Sealed, revision: int) -> None:
    folder, pdf, _ = sealed
    at = pdf.index(b"endobj", _revisions(pdf)[revision] - 3000) + len(b"endobj")
    assert pdf[at : at + 1] in b"\r\n"
    altered = pdf[:at] + b" " + pdf[at + 1 :]
    assert "bytes" in check(altered, folder.roots(), briefly=True).failed


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_flipped_byte_is_let_pass_by_the_signatures_alone(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 1,000 random places by all checks, and at every place until one fails."""
    folder, pdf, _ = sealed
    roots, tried = folder.roots(), _offsets(len(pdf), 1000)
    left = [at for at in tried if not check(_flipped(pdf, at), roots).failed]
    everywhere = _survivors(sealed, range(len(pdf)))
    with capsys.disabled():
        print(f"\nsignatures alone: {len(left)} of {len(tried)} flipped bytes survive: {left}")
        print(f"signatures alone: {len(everywhere)} of all {len(pdf)} flipped bytes survive: {everywhere[:50]}")
    assert not left and not everywhere


def _revisions(pdf: bytes) -> list[int]:
    """Where each of the file's revisions ends."""
    return [found.end() for found in re.finditer(rb"%%EOF\r?\n?", pdf)]


@pytest.mark.parametrize("revision", [0, 1, 2])
def test_a_file_cut_off_at_the_end_of_an_earlier_revision_is_reported(sealed: Sealed, revision: int) -> None:
    folder, pdf, known = sealed
    ends = _revisions(pdf)
    assert len(ends) == 4 and ends[-1] == len(pdf)
    cut = pdf[: ends[revision]]
    alone = {"fields", "agency", "agency_time", "whole", "unchanged"} | ({"user"} if revision < 2 else set())
    assert alone <= set(check(cut, folder.roots()).failed)
    assert alone | {"digest"} <= set(check(cut, folder.roots(), known).failed)


def test_a_file_cut_off_anywhere_is_reported(sealed: Sealed) -> None:
    folder, pdf, known = sealed
    for size in (0, 1, 100, len(pdf) // 2, len(pdf) - 1):
        assert check(pdf[:size], folder.roots(), known).failed
        assert check(pdf[:size], folder.roots()).failed


@pytest.mark.parametrize("tail", [b"\n", b"%", b"\n%%EOF\n", b"\0" * 1000], ids=["line", "comment", "end", "zeros"])
def test_what_is_appended_is_reported_by_the_signatures_alone_too(sealed: Sealed, tail: bytes) -> None:
    folder, pdf, known = sealed
    assert "digest" in check(pdf + tail, folder.roots(), known).failed
    assert check(pdf + tail, folder.roots()).failed


def _updated(pdf: bytes, change: str) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if change == "outlines":
        writer.root["/PageMode"] = generic.NameObject("/UseOutlines")
        writer.update_root()
    elif change == "signature":
        field = writer.root["/AcroForm"]["/Fields"][1]
        del field["/V"]
        writer.update_container(field)
    else:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Rotate"] = generic.NumberObject(180)
        writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("outlines", {"whole", "unchanged"}),
        ("page", {"whole", "unchanged"}),
        ("signature", {"fields", "agency", "agency_trusted", "agency_time", "order", "whole", "unchanged"}),
    ],
    ids=["outlines", "page", "signature"],
)
def test_an_update_after_the_signatures_is_reported(sealed: Sealed, change: str, found: set[str]) -> None:
    folder, pdf, known = sealed
    altered = _updated(pdf, change)
    assert altered[: len(pdf)] == pdf and altered != pdf
    assert found <= set(check(altered, folder.roots()).failed)
    assert found | {"digest"} <= set(check(altered, folder.roots(), known).failed)


@pytest.mark.parametrize("field", [0, 1], ids=["user", "agency"])
def test_a_signature_taken_out_of_the_file_is_reported(sealed: Sealed, field: int) -> None:
    folder, pdf, known = sealed
    start, length, after, _ = _ranges(pdf)[field]
    blank = b"<" + b"0" * (after - length - 2) + b">"
    removed = pdf[: start + length] + blank + pdf[after:]
    assert len(removed) == len(pdf)
    assert check(removed, folder.roots()).failed
    assert "digest" in check(removed, folder.roots(), known).failed


def _ranges(pdf: bytes) -> list[list[int]]:
    """The byte range of each signature, in the order of signing."""
    return [[int(one) for one in each.byte_range] for each in PdfFileReader(io.BytesIO(pdf)).embedded_signatures]


def test_a_container_that_is_longer_inside_than_its_content_is_reported(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    _, start, _, _ = _ranges(pdf)[1]
    assert pdf[start : start + 5] == b"<3082"
    for at in range(start + 5, start + 9):
        assert check(_flipped(pdf, at), folder.roots()).failed


def test_another_agreement_signed_as_well_is_not_this_one(sealed: Sealed) -> None:
    folder, _, known = sealed
    other, _ = signed(folder, replace(facts(), number="LYG-2026-000124"))
    verdict = check(other, folder.roots(), known)
    assert {"digest", "content"} <= set(verdict.failed)
    assert not check(other, folder.roots()).failed


def test_a_file_that_the_agency_alone_signed_is_reported(sealed: Sealed) -> None:
    folder, _, _ = sealed
    prepared = with_fields(signing_stages(folder, compose(facts()))[0])
    alone = sign(prepared, Field.AGENCY, KeySigner(folder.identity("portal")), stamper("", folder), look_of())
    assert "user" in check(alone, folder.roots()).failed


def test_what_is_no_pdf_is_a_finding_and_no_fault(sealed: Sealed) -> None:
    folder, pdf, known = sealed
    for data in (b"", b"%PDF-1.7\n", b"hello", pdf[::-1], b"%PDF-1.7\n" + b"[" * 100_000):
        assert "readable" in check(data, folder.roots(), known).failed


def test_pyhanko_itself_accepts_the_untouched_file(sealed: Sealed) -> None:
    folder, pdf, _ = sealed
    for one in PdfFileReader(io.BytesIO(pdf)).embedded_signatures:
        context = ValidationContext(trust_roots=folder.roots(), allow_fetching=False)
        status = validate_pdf_signature(one, context, ValidationContext(trust_roots=folder.roots()))
        assert status.bottom_line, status.pretty_print_details()


def test_poppler_accepts_the_untouched_file(sealed: Sealed, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is missing: install the package poppler-utils")
    file = tmp_path / "agreement.pdf"
    file.write_bytes(sealed[1])
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, timeout=60).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 2
    assert told.count("Signature Type: ETSI.CAdES.detached") == 2 and "Total document signed" in told


def test_the_one_file_runs_without_the_portal(sealed: Sealed, tmp_path: Path) -> None:
    folder, pdf, _ = sealed
    alone = tmp_path / "verify.pyz"
    alone.write_bytes(packed())
    (tmp_path / "agreement.pdf").write_bytes(pdf)
    (tmp_path / "cut.pdf").write_bytes(pdf[:-1])
    roots = ["--roots", str(folder.path / "root.crt")]
    good = _run(alone, "agreement.pdf", *roots)
    assert good.returncode == 2 and "✓ 乙方签名完好 / The user's signature is intact" in good.stdout, good.stderr
    assert _run(alone, "cut.pdf", *roots).returncode == 1


def _receipt(known: Known) -> tuple[str, str]:
    """A receipt of a ledger with this one agreement, and the ledger's key."""
    fields = {
        "file.hash.sha256": known.sha256,
        "govdata.agreement.sm3": known.sm3,
        "govdata.agreement.content": known.content,
        "govdata.agreement.evidence": known.evidence,
    }
    entry, origin = compose_entry("agreement-sealed", "success", fields).canonical, "data.example.cn/ledger"
    signer = Signer.generate(origin)
    note = sign_checkpoint(Checkpoint(origin, 1, leaf_hash(entry)), signer).encode()
    return Receipt(entry, 0, (), note).encode(), signer.verifier.encode()


@pytest.mark.requirement("LYG-19", "LYG-21")
def test_with_the_ledgers_receipt_the_one_file_proves_every_byte_offline(sealed: Sealed, tmp_path: Path) -> None:
    folder, pdf, known = sealed
    alone = tmp_path / "verify.pyz"
    alone.write_bytes(packed())
    (tmp_path / "witness.py").write_text(Path(witness.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    text, key = _receipt(known)
    (tmp_path / "receipt.txt").write_text(text, encoding="utf-8")
    (tmp_path / "agreement.pdf").write_bytes(pdf)
    (tmp_path / "changed.pdf").write_bytes(pdf + b"\n")
    more = ["--roots", str(folder.path / "root.crt"), "--receipt", "receipt.txt", "--ledger-key"]
    good = _run(alone, "agreement.pdf", *more, key)
    assert good.returncode == 0 and "Verdict: holds." in good.stdout, good.stderr
    assert _run(alone, "changed.pdf", *more, key).returncode == 1
    assert (
        _run(alone, "agreement.pdf", *more, Signer.generate("data.example.cn/ledger").verifier.encode()).returncode == 2
    )


def _run(alone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, alone, *arguments]
    return subprocess.run(command, cwd=alone.parent, capture_output=True, text=True, timeout=120)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_verapdf_finds_pdf_a_in_every_stage(tmp_path: Path) -> None:
    from tests.servers.elasticsearch_home import Unavailable
    from tests.servers.verapdf import judge

    folder = make_keys(tmp_path / "keys")
    given = facts(items=200)
    named = replace(
        given, user=replace(given.user, name="连云港䶮𬭎𰻝科技（江苏）有限公司 Lianyungang Data Technology Co., Ltd.")
    )
    files = []
    for number, stage in enumerate(signing_stages(folder, compose(named))):
        files.append(tmp_path / f"stage-{number}.pdf")
        files[-1].write_bytes(stage)
    try:
        told = judge(*files)
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert told.splitlines() == [f"PASS 3a {file}" for file in files]
