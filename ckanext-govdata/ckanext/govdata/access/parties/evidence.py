"""Files of evidence: how many, how large, of which kind by their content; sealed as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from ... import config
from . import numbers
from .model import Evidence, Verification
from .schema import EVIDENCE

# By how a file begins; what it is called and said to be counts for nothing.
_KINDS: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


@dataclass
class Refused(Exception):
    """A file is not taken: the field, and why."""

    field: str
    message: str


def files_of(data_dict: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The uploaded files of a request by field; a form's empty fields are none."""
    given = [(name, data_dict.get(name)) for name in EVIDENCE]
    return [(name, one) for name, one in given if getattr(one, "filename", None)]


def keep(case: Verification, files: list[tuple[str, Any]], by: str) -> None:
    """Seal the files into the case. Raises Refused, and KeysMissing."""
    if not files:
        raise Refused("evidence", tk._("Attach the proof: a PDF, JPEG or PNG file."))
    for name, file in files:
        plain = _read(name, file)
        row = Evidence(party_id=case.party_id, verification_id=case.id, size=len(plain), created_by=by)
        row.media_type = _kind(name, plain)
        model.Session.add(row)
        numbers.seal_evidence(row, plain)


def _read(name: str, file: Any) -> bytes:
    most = config.parties_evidence_bytes()
    plain = bytes(file.stream.read(most + 1))
    if not plain or len(plain) > most:
        message = tk._("The file is empty or larger than {most} MB. Scan it at a lower resolution.")
        raise Refused(name, message.format(most=most // 1_000_000))
    return plain


def _kind(name: str, plain: bytes) -> str:
    for beginning, media_type in _KINDS.items():
        if plain.startswith(beginning):
            return media_type
    raise Refused(name, tk._("This is no PDF, JPEG or PNG file. Export or photograph the document anew."))
