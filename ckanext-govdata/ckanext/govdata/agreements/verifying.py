"""The verifier on top of the portal's ledger: what the ledger knows of a file, by its digest or by the number inside."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from ckan import model

from ..ledger.reading import Reader, run_in
from .model import Document
from .sealing import folder
from .signing.apart import apart
from .verification.verify import CHECKS, Known, Verdict, check, conclusion, known_from_entry


def verdict_of(pdf: bytes) -> dict[str, Any]:
    """All checks of a file, the whole file's digests against the ledger among them."""
    roots = folder().roots()
    row = _by("sha256", hashlib.sha256(pdf).hexdigest())
    first = None if row else apart(lambda: check(pdf, roots))
    row = row or _by("number", str((first.content or {}).get("number", "")) if first else "")
    known = known_of(row) if row else None
    verdict = apart(lambda: check(pdf, roots, known)) if known or first is None else first
    if known is None:
        # This portal's ledger knows no such file: nothing that it has sealed.
        verdict.say("digest", False, hashlib.sha256(pdf).hexdigest())
    return _told(verdict, row)


def known_of(row: Document) -> Known | None:
    """What the ledger itself says of a sealed document; the document's own row is not asked."""
    entry = Reader(run_in(model.Session)).entry_of(row.entry) if row.entry else None
    return known_from_entry(json.loads(entry)) if entry else None


def _by(column: str, value: str) -> Document | None:
    found = sa.select(Document).where(getattr(Document, column) == value, Document.step == "sealed")
    return model.Session.scalars(found).first() if value else None


def _told(verdict: Verdict, row: Document | None) -> dict[str, Any]:
    checks = [
        {
            "code": code,
            "ok": verdict.results.get(code),
            "words": {"zh_Hans_CN": chinese, "en": english},
            "detail": verdict.details.get(code, ""),
        }
        for code, chinese, english in CHECKS
    ]
    return {
        "holds": verdict.whole,
        "conclusion": {"zh_Hans_CN": conclusion(verdict, "zh"), "en": conclusion(verdict, "en")},
        "checks": checks,
        "signers": verdict.signers,
        "number": row.number if row else None,
        "entry": str(row.entry) if row else None,
    }
