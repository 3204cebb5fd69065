"""Checks a signed agreement: needs Python 3.10 or newer and the packages `pyhanko` and `rfc8785`, no portal.

    python3 verify.pyz AGREEMENT.pdf --roots ROOTS.pem                              the signatures alone
    python3 verify.pyz AGREEMENT.pdf --roots ROOTS.pem --receipt R --ledger-key KEY  the whole check, with witness.py beside it

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
import subprocess
import sys
from pathlib import Path
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader

from .attachments import attached, check_files
from .plain_bytes import check_bytes, ranges
from .reading import field_names
from .revisions import check_order
from .signatures import check_signature
from .verdict import CHECKS, FIELDS, Known, Verdict, conclusion, digest_holds, digests, known_from_entry, report

__all__ = (
    "CHECKS",
    "Known",
    "Verdict",
    "attached",
    "check",
    "conclusion",
    "digest_holds",
    "digests",
    "known_from_entry",
    "main",
    "report",
)

MOST_BYTES = 30_000_000


def check(pdf: bytes, roots: list[x509.Certificate], known: Known | None = None, *, briefly: bool = False) -> Verdict:
    """All checks of a file. Never raises for a bad file: whatever a file does to the reader is a finding.

    `briefly`: a file that fails in its plain bytes is not read any further; whether it fails is the same, what else is not told.
    """
    verdict = Verdict({code: None for code, _, _ in CHECKS})
    if known is not None:
        verdict.say("digest", digest_holds(pdf, known), hashlib.sha256(pdf).hexdigest())
    if len(pdf) > MOST_BYTES:
        verdict.say("readable", False, f"{len(pdf)} > {MOST_BYTES}")
        return verdict
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        check_bytes(pdf, verdict)
        if not (briefly and verdict.failed):
            _check_document(pdf, roots, known, verdict)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - a file from anywhere may break a reader in any way
        verdict.say("readable", False, f"{type(error).__name__}: {error}"[:300])
    return verdict


def _check_document(pdf: bytes, roots: list[x509.Certificate], known: Known | None, verdict: Verdict) -> None:
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    if reader.encrypted or not pdf.startswith(b"%PDF-"):
        verdict.say("readable", False, "encrypted, or no PDF at its first byte")
        return
    signatures = {one.field_name: one for one in reader.embedded_signatures}
    count = len(reader.embedded_signatures)
    verdict.say("readable", True)
    names = field_names(reader)
    verdict.say(
        "fields", names == sorted(FIELDS) and sorted(signatures) == sorted(FIELDS) and count == 2, ", ".join(names)
    )
    found: list[Any] = list(reader.embedded_signatures)
    read = [tuple(int(number) for number in one.byte_range) for one in found]
    verdict.say("bytes", sorted(read) == sorted(ranges(pdf)), f"{read}")
    check_files(reader, known, verdict)
    for name in FIELDS:
        if name in signatures:
            check_signature(signatures[name], name.lower(), roots, pdf, verdict)
        else:
            for part in ("", "_trusted", "_time"):
                verdict.say(name.lower() + part, False, name)
    if all(name in signatures for name in FIELDS):
        check_order(reader, signatures, pdf, verdict)
    else:
        for code in ("order", "whole", "container", "unchanged"):
            verdict.say(code, False)


def known_from_receipt(receipt: Path, key: str) -> Known:
    """The same from a receipt, which `witness.py` in the same folder checks against the ledger's key. Raises ValueError."""
    witness = Path(sys.argv[0]).resolve().with_name("witness.py")
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


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    found = argparse.ArgumentParser(prog="verify.pyz", description=(__doc__ or "").split("\n")[0])
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
