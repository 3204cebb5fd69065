#!/usr/bin/env python3
"""Checks a signed agreement, in one file: needs Python 3.10 or newer and the packages `pyhanko` and `rfc8785`, no portal.

    python3 verify.py AGREEMENT.pdf --roots ROOTS.pem                              the signatures alone
    python3 verify.py AGREEMENT.pdf --roots ROOTS.pem --receipt R --ledger-key KEY  the whole check, with witness.py beside it

ROOTS are the certificates that signatures are trusted under, and KEY is the ledger's public key, as text or file: have both
from the authority, not from the portal alone. R is the receipt of the agreement's entry in the ledger. A signature alone does
not notice every change of a file (bytes in the last signature's container, a cut-off countersignature, bytes behind the end);
so the whole file's digests stand in the ledger, and only with the receipt is the verdict whole.
Ends with 0 when all is well, 1 when something is not, 2 when something could not be checked. It makes no connection.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785
from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

FIELDS = ("User", "Agency")
CONTENT, EVIDENCE = "agreement.json", "evidence.json"
MOST_BYTES = 30_000_000

# Each check's words, in the order of telling: code, Chinese, English.
CHECKS: tuple[tuple[str, str, str], ...] = (
    ("readable", "文件是可以读取的 PDF", "The file is a PDF that can be read"),
    ("digest", "整个文件的摘要与存证账本一致", "The whole file's digests are those in the ledger"),
    (
        "fields",
        "恰有乙方、甲方两个签名，没有多余的签名或者表单",
        "Exactly two signatures, and nothing else to fill in",
    ),
    ("user", "乙方签名完好", "The user's signature is intact"),
    ("user_trusted", "乙方签名的证书可信", "The user's signature is by a trusted certificate"),
    ("user_time", "乙方签名的时间戳有效", "The user's signature has a valid timestamp"),
    ("agency", "甲方签章完好", "The agency's signature is intact"),
    ("agency_trusted", "甲方签章的证书可信", "The agency's signature is by a trusted certificate"),
    ("agency_time", "甲方签章的时间戳有效", "The agency's signature has a valid timestamp"),
    ("order", "乙方先签，甲方后签", "The user signed first, the agency after"),
    ("whole", "最后的签名覆盖整个文件", "The last signature covers the whole file"),
    ("container", "签名容器里没有多余或者改动的字节", "No byte of a signature's container is odd"),
    ("unchanged", "签名之后文件没有被改动", "Nothing was changed after the signatures"),
    ("content", "附带的协议原文是规范格式，与账本一致", "The agreement inside is canonical, and the ledger's"),
    ("evidence", "附带的签署证据与账本一致", "The evidence inside is the ledger's"),
)


@dataclass(frozen=True)
class Known:
    """What the ledger says of the agreement: digests in hex."""

    sha256: str
    sm3: str
    content: str
    evidence: str = ""


@dataclass
class Verdict:
    """Each check's result: true, false, or None where it could not be made; and what the file says of itself."""

    results: dict[str, bool | None] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    signers: dict[str, dict[str, str]] = field(default_factory=dict)
    content: dict[str, Any] | None = None

    @property
    def failed(self) -> list[str]:
        return [code for code, ok in self.results.items() if ok is False]

    @property
    def whole(self) -> bool:
        """Whether every check was made and holds."""
        return all(self.results.get(code) is True for code, _, _ in CHECKS)

    def say(self, code: str, ok: bool | None, detail: str = "") -> None:
        """Keep a result; one that failed stays so."""
        if self.results.get(code) is not False:
            self.results[code] = ok
            if detail and ok is not True:
                self.details[code] = detail


def digests(data: bytes) -> tuple[str, str]:
    """SHA-256 and SM3, in hex."""
    return hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest()


def check(pdf: bytes, roots: list[x509.Certificate], known: Known | None = None) -> Verdict:
    """All checks of a file. Never raises for a bad file: whatever a file does to the reader is a finding."""
    verdict = Verdict({code: None for code, _, _ in CHECKS})
    if known is not None:
        verdict.say("digest", digest_holds(pdf, known), hashlib.sha256(pdf).hexdigest())
    if len(pdf) > MOST_BYTES:
        verdict.say("readable", False, f"{len(pdf)} > {MOST_BYTES}")
        return verdict
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        _check_document(pdf, roots, known, verdict)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - a file from anywhere may break a reader in any way
        verdict.say("readable", False, f"{type(error).__name__}: {error}"[:300])
    return verdict


def digest_holds(pdf: bytes, known: Known) -> bool:
    """Whether the file is, to the last byte, the one that the ledger knows."""
    return hashlib.sha256(pdf).hexdigest() == known.sha256 and hashlib.new("sm3", pdf).hexdigest() == known.sm3


def _check_document(pdf: bytes, roots: list[x509.Certificate], known: Known | None, verdict: Verdict) -> None:
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    if reader.encrypted or not pdf.startswith(b"%PDF-"):
        verdict.say("readable", False, "encrypted, or no PDF at its first byte")
        return
    signatures = {one.field_name: one for one in reader.embedded_signatures}
    count = len(reader.embedded_signatures)
    verdict.say("readable", True)
    names = _field_names(reader)
    verdict.say(
        "fields", names == sorted(FIELDS) and sorted(signatures) == sorted(FIELDS) and count == 2, ", ".join(names)
    )
    _check_files(reader, known, verdict)
    for name in FIELDS:
        if name in signatures:
            _check_signature(signatures[name], name.lower(), roots, pdf, verdict)
        else:
            for part in ("", "_trusted", "_time"):
                verdict.say(name.lower() + part, False, name)
    if all(name in signatures for name in FIELDS):
        _check_order(reader, signatures, pdf, verdict)
    else:
        for code in ("order", "whole", "container", "unchanged"):
            verdict.say(code, False)


def _at(held: Any, name: str) -> Any:
    """What stands under a name, followed where it is a reference; None where nothing does."""
    return held[name] if name in held else None  # noqa: SIM401 - this mapping's get does not follow references


def _field_names(reader: PdfFileReader) -> list[str]:
    """The full names of every form field in the file."""
    form = _at(reader.root, "/AcroForm")
    found: list[str] = []

    def walk(fields: Any, above: str, depth: int) -> None:
        for one in fields:
            one = one.get_object()
            name = str(one.get("/T", ""))
            full = f"{above}.{name}" if above else name
            kids = [kid for kid in _at(one, "/Kids") or () if "/T" in kid.get_object()]
            if kids and depth < 20:
                walk(kids, full, depth + 1)
            else:
                found.append(full)

    if form is not None:
        walk(_at(form, "/Fields") or (), "", 0)
    return sorted(found)


def _check_signature(one: Any, who: str, roots: list[x509.Certificate], pdf: bytes, verdict: Verdict) -> None:
    # Signatures outlive their certificates: a chain is judged by the moment that the timestamp proves.
    status = _validated(one, roots, None)
    stamp = status.timestamp_validity
    good_time = bool(stamp and stamp.valid and stamp.intact and stamp.trusted)
    if good_time and not status.trusted:
        status = _validated(one, roots, stamp.timestamp)
    verdict.say(who, status.intact and status.valid, "digest or signature value differ")
    verdict.say(f"{who}_trusted", status.trusted, "no chain to a trusted root")
    verdict.say(f"{who}_time", good_time, "no valid timestamp under a trusted root")
    told = {"reason": "/Reason", "declared": "/Name"}
    signer = {name: str(_at(one.sig_object, entry) or "") for name, entry in told.items()}
    signer["name"] = _name_of(one.signer_cert)
    if stamp:
        signer |= {"time": stamp.timestamp.isoformat(), "clock": _name_of(stamp.signing_cert)}
    verdict.signers[who] = signer
    verdict.say("container", _container_is_plain(one, pdf), one.field_name)


def _validated(one: Any, roots: list[x509.Certificate], moment: Any) -> Any:
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    clock = ValidationContext(trust_roots=roots, allow_fetching=False)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    return validate_pdf_signature(one, context, clock, key_usage_settings=usage, skip_diff=True)


def _name_of(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def _container_is_plain(one: Any, pdf: bytes) -> bool:
    """Whether the gap in the byte range is `<`, the signature in capital hexadecimal digits, zeros, `>`, and nothing else."""
    start, length, after, _ = (int(number) for number in one.byte_range)
    gap = pdf[start + length : after]
    if start != 0 or gap[:1] != b"<" or gap[-1:] != b">" or not re.fullmatch(rb"[0-9A-F]*", gap[1:-1]):
        return False
    raw = bytes.fromhex(gap[1:-1].decode())
    if len(raw) < 4:
        return False
    head, end = _der(raw, 0)
    # The whole value is its kind and its content, to its last byte; readers do not mind zeros inside of it.
    kind = _der(raw, head)[1]
    return raw[0] == 0x30 and _der(raw, kind)[1] == end and not raw[end:].strip(b"\0")


def _der(raw: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at a place begins, and where it ends, by its own head."""
    length = raw[at + 1]
    if length < 0x80:
        return at + 2, at + 2 + length
    begin = at + 2 + (length & 0x7F)
    return begin, begin + int.from_bytes(raw[at + 2 : begin], "big")


def _check_order(reader: PdfFileReader, signatures: dict[str, Any], pdf: bytes, verdict: Verdict) -> None:
    user, agency = (signatures[name] for name in FIELDS)
    ends = [int(one.byte_range[2]) + int(one.byte_range[3]) for one in (user, agency)]
    verdict.say("order", ends[0] < ends[1] and user.coverage == SignatureCoverageLevel.ENTIRE_REVISION)
    whole = agency.coverage == SignatureCoverageLevel.ENTIRE_FILE and ends[1] == len(pdf)
    verdict.say("whole", whole, f"{ends[1]} of {len(pdf)} bytes")
    verdict.say("unchanged", *_only_the_seal_was_added(reader, user, agency))


# An agreement is made in so many steps: the text, the fields, the user's signature, the agency's.
_REVISIONS = 4


def _only_the_seal_was_added(reader: PdfFileReader, user: Any, agency: Any) -> tuple[bool, str]:
    """Whether what the agency's step wrote over of what the user signed is its own field, and nothing that is shown.

    Stricter than a comparison of documents, and faster: every object written over is known by its place.
    """
    xrefs, last = reader.xrefs, _REVISIONS - 1
    if xrefs.total_revisions != _REVISIONS or (user.signed_revision, agency.signed_revision) != (last - 1, last):
        return False, f"{xrefs.total_revisions} revisions, signed {user.signed_revision} and {agency.signed_revision}"
    before, after = (reader.get_historical_resolver(revision) for revision in (last - 1, last))
    if xrefs.hybrid_xrefs_present or xrefs.refs_freed_in_revision(last):
        return False, "objects freed or hidden"
    old = set().union(*(xrefs.explicit_refs_in_revision(revision) for revision in range(last)))
    written_over = {(ref.idnum, ref.generation) for ref in xrefs.explicit_refs_in_revision(last) & old}
    trailers = (before.trailer_view, after.trailer_view)
    same_root = repr(trailers[0].raw_get("/Root")) == repr(trailers[1].raw_get("/Root"))
    fields = {str(one.get_object()["/T"]): _place(one) for one in after.root["/AcroForm"].raw_get("/Fields")}
    allowed = {fields.get("Agency"), _place(trailers[1].raw_get("/Root"))}
    allowed |= {
        _place(held.raw_get(name)) for held, name in ((trailers[1], "/Info"), (after.root, "/Metadata")) if name in held
    }
    if not same_root or not _same_root(before.root, after.root) or not written_over <= allowed:
        return False, f"written over: {sorted(written_over)}"
    then, now = (_field(resolver, fields.get("Agency")) for resolver in (before, after))
    kept = [{name for name in one if name not in ("/V", "/AP")} for one in (then, now)]
    same = kept[0] == kept[1] and all(repr(then.raw_get(name)) == repr(now.raw_get(name)) for name in kept[1])
    return same and "/V" not in then, "the agency's field"


def _place(reference: Any) -> tuple[int, int] | None:
    return (reference.idnum, reference.generation) if hasattr(reference, "idnum") else None


def _field(resolver: Any, place: tuple[int, int] | None) -> Any:
    return resolver.get_object(generic.Reference(place[0], place[1], resolver)) if place else generic.DictionaryObject()


def _same_root(then: Any, now: Any) -> bool:
    """Whether the document's root says the same; what it says of the kind of signatures in use shows nothing."""
    names = [{name for name in one if name != "/Extensions"} for one in (then, now)]
    return names[0] == names[1] and all(repr(then.raw_get(name)) == repr(now.raw_get(name)) for name in names[0])


def attached(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    """The files inside a PDF."""
    held = _at(reader.root, "/Names")
    names = None if held is None else _at(held, "/EmbeddedFiles")

    def walk(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
        node = node.get_object()
        pairs = list(_at(node, "/Names") or ())
        for place in range(1, len(pairs), 2):
            spec = pairs[place].get_object()
            yield str(_at(spec, "/UF") or _at(spec, "/F")), spec["/EF"]["/F"].data
        if depth < 20:
            for kid in _at(node, "/Kids") or ():
                yield from walk(kid, depth + 1)

    if names is not None:
        yield from walk(names, 0)


def _check_files(reader: PdfFileReader, known: Known | None, verdict: Verdict) -> None:
    found = list(attached(reader))
    names = sorted(name for name, _ in found)
    files = dict(found)
    expected = names in ([CONTENT], [CONTENT, EVIDENCE])
    content = files.get(CONTENT)
    if content is None or not expected:
        verdict.say("content", False, ", ".join(names))
        verdict.say("evidence", False)
        return
    document = json.loads(content)
    canonical = rfc8785.dumps(document) == content
    verdict.content = document if canonical else None
    same = None if known is None else hashlib.sha256(content).hexdigest() == known.content
    verdict.say(
        "content", canonical and same if canonical else False, "not canonical" if not canonical else "another agreement"
    )
    evidence = files.get(EVIDENCE)
    if known is not None:
        digest = hashlib.sha256(evidence).hexdigest() if evidence is not None else ""
        verdict.say("evidence", digest == known.evidence)


def known_from_entry(entry: dict[str, Any]) -> Known:
    """What an entry `agreement-sealed` of the ledger says. Raises KeyError or ValueError if it is none."""
    if entry["event"]["action"] != "agreement-sealed":
        raise ValueError("the entry is not of a sealed agreement")
    own = entry["govdata"]["agreement"]
    return Known(entry["file"]["hash"]["sha256"], own["sm3"], own["content"], own.get("evidence", ""))


def known_from_receipt(receipt: Path, key: str) -> Known:
    """The same from a receipt, which `witness.py` in the same folder checks against the ledger's key. Raises ValueError."""
    witness = Path(__file__).with_name("witness.py")
    if not witness.exists():
        raise ValueError(f"witness.py is needed beside this file, to check the receipt: {witness}")
    command = [sys.executable, str(witness), "verify-receipt", str(receipt), "--key", key]
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if told.returncode != 0:
        raise ValueError(told.stderr.strip() or "the receipt does not hold")
    return known_from_entry(json.loads(told.stdout.partition("\n")[2]))


def read_roots(data: bytes) -> list[x509.Certificate]:
    """Certificates in PEM."""
    found: Any = pem.unarmor(data, multiple=True)
    return [x509.Certificate.load(der) for _, _, der in found]


def report(verdict: Verdict, language: str = "zh") -> str:
    """The verdict in words, a line a check."""
    marks = {True: "✓", False: "✗", None: "–"}
    lines = []
    for code, chinese, english in CHECKS:
        result, detail = verdict.results.get(code), verdict.details.get(code, "")
        words = {"zh": chinese, "en": english, "both": f"{chinese} / {english}"}[language]
        lines.append(f"{marks[result]} {words}" + (f" ({detail})" if detail else ""))
    for who, told in verdict.signers.items():
        lines.append(f"  {who}: {told['name']} · {told['reason']} · {told.get('time', '?')} · {told.get('clock', '?')}")
    lines.append(conclusion(verdict, language))
    return "\n".join(lines)


def conclusion(verdict: Verdict, language: str) -> str:
    """The verdict in one sentence."""
    if verdict.failed:
        told = ("结论：不通过。不要依据这份文件行事。", "Verdict: does not hold. Do not rely on this file.")
    elif verdict.whole:
        told = ("结论：通过。文件完好，与账本一致。", "Verdict: holds. The file is whole and the ledger's.")
    else:
        told = (
            "结论：签名有效，但没有核对账本（标 – 的各项），不能证明文件一字节未改。",
            "Verdict: the signatures hold, but the ledger was not asked (lines with –), so not every byte is proven.",
        )
    return {"zh": told[0], "en": told[1], "both": " / ".join(told)}[language]


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    found = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n")[0])
    found.add_argument("file", type=Path)
    found.add_argument("--roots", type=Path, required=True, help="trusted certificates, PEM")
    found.add_argument("--receipt", type=Path, help="the receipt of the agreement's entry in the ledger")
    found.add_argument("--ledger-key", help="the ledger's public key, as text or file")
    found.add_argument("--language", choices=("zh", "en", "both"), default="both")
    options = found.parse_args(arguments)
    try:
        known = None
        if options.receipt:
            known = known_from_receipt(options.receipt, options.ledger_key or "")
        verdict = check(options.file.read_bytes(), read_roots(options.roots.read_bytes()), known)
    except (OSError, ValueError, KeyError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(report(verdict, options.language))
    return 1 if verdict.failed else 0 if verdict.whole else 2


if __name__ == "__main__":
    sys.exit(main())
