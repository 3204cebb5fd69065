"""A file as bytes, without any reader of PDF: what its signatures say that they cover, and whether those bytes were signed.

Readers differ in what they find in a file that was made to confuse them; the bytes do not. It is the fastest check as well.
"""

from __future__ import annotations

import hashlib
import re

from asn1crypto import cms

from .verdict import FIELDS, Verdict

Range = tuple[int, int, int, int]
_RANGE = re.compile(rb"/ByteRange ?\[((?:\d{1,9} ?){4}) *\]")
_DIGESTS = ("sha256", "sha384", "sha512")


def ranges(pdf: bytes) -> list[Range]:
    """What each signature says that it covers, in the order of signing: those that stand right behind their own container."""
    found: list[Range] = []
    for match in _RANGE.finditer(pdf):
        start, length, after, rest = (int(number) for number in match[1].split())
        if match.start() - 1 <= after <= match.start() and after > length:
            found.append((start, length, after, rest))
    return found


def check_bytes(pdf: bytes, verdict: Verdict) -> None:
    """The containers are plain, and each signature's digest is that of the bytes around its container."""
    found = ranges(pdf)
    if len(found) != len(FIELDS):
        verdict.say("bytes", False, f"{len(found)} signatures")
        return
    for name, covered in zip(FIELDS, found, strict=True):
        verdict.say("container", container_is_plain(pdf, covered), name)
        if verdict.results["container"]:
            verdict.say("bytes", _digest_holds(pdf, covered), name)


def container_is_plain(pdf: bytes, covered: Range) -> bool:
    """Whether the gap in the byte range is `<`, the signature in capital hexadecimal digits, zeros, `>`, and nothing else."""
    start, length, after, _ = covered
    gap = pdf[start + length : after]
    if start != 0 or gap[:1] != b"<" or gap[-1:] != b">" or not re.fullmatch(rb"[0-9A-F]*", gap[1:-1]):
        return False
    if len(gap) % 2 or len(gap) < 10:
        return False
    raw = bytes.fromhex(gap[1:-1].decode())
    head, end = _der(raw, 0)
    # The whole value is its kind and its content, to its last byte; readers do not mind zeros inside of it.
    kind = _der(raw, head)[1] if head < len(raw) - 1 else 0
    return raw[0] == 0x30 and kind < len(raw) - 1 and _der(raw, kind)[1] == end and not raw[end:].strip(b"\0")


def _digest_holds(pdf: bytes, covered: Range) -> bool:
    _, length, after, rest = covered
    try:
        container = cms.ContentInfo.load(bytes.fromhex(pdf[length + 1 : after - 1].decode()))
        (signer,) = container["content"]["signer_infos"]
        kind = signer["digest_algorithm"]["algorithm"].native
        (said,) = [one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "message_digest"]
    except (ValueError, TypeError, KeyError):
        return False
    if kind not in _DIGESTS:
        return False
    found = hashlib.new(kind, pdf[:length])
    found.update(pdf[after : after + rest])
    return found.digest() == said


def _der(raw: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at a place begins, and where it ends, by its own head."""
    length = raw[at + 1]
    if length < 0x80:
        return at + 2, at + 2 + length
    begin = at + 2 + (length & 0x7F)
    return begin, begin + int.from_bytes(raw[at + 2 : begin], "big")
