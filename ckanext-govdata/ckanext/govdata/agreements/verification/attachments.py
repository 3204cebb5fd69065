"""The files inside: the agreement in its canonical form, and the evidence of its signing, against the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import rfc8785
from pyhanko.pdf_utils.reader import PdfFileReader

from .reading import at
from .verdict import Known, Verdict

CONTENT, EVIDENCE = "agreement.json", "evidence.json"


def attached(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    """The files inside a PDF."""
    held = at(reader.root, "/Names")
    names = None if held is None else at(held, "/EmbeddedFiles")

    def walk(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
        node = node.get_object()
        pairs = list(at(node, "/Names") or ())
        for place in range(1, len(pairs), 2):
            spec = pairs[place].get_object()
            yield str(at(spec, "/UF") or at(spec, "/F")), spec["/EF"]["/F"].data
        if depth < 20:
            for kid in at(node, "/Kids") or ():
                yield from walk(kid, depth + 1)

    if names is not None:
        yield from walk(names, 0)


def check_files(reader: PdfFileReader, known: Known | None, verdict: Verdict) -> None:
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
