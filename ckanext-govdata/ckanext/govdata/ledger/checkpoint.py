"""Checkpoints: size and root of the log at a moment, signed by the log (C2SP tlog-checkpoint) and cosigned by witnesses
(tlog-cosignature, Ed25519). Pure.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import NoteError
from .note import LOG_KEY, Signature, SignedNote, Signer, Verifier, parse_note
from .tree import HASH_SIZE


@dataclass(frozen=True)
class Checkpoint:
    """The log `origin` had `size` entries, and this root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text, without signatures; lines behind the third are another's business."""
        lines = text.split("\n")
        try:
            root = base64.b64decode(lines[2], validate=True)
            size = int(lines[1])
        except (IndexError, ValueError, binascii.Error) as error:
            raise NoteError("This is no checkpoint: origin, size and root are expected.") from error
        if not lines[0] or str(size) != lines[1] or size < 0 or len(root) != HASH_SIZE:
            raise NoteError("This is no checkpoint: its origin, size or root is malformed.")
        return cls(lines[0], size, root)


def sign(checkpoint: Checkpoint, signer: Signer) -> SignedNote:
    """The checkpoint under the log's signature."""
    text = checkpoint.text()
    return SignedNote(text, (signer.signature(signer.private.sign(text.encode())),))


def open_checkpoint(encoded: str, keys: Iterable[Verifier]) -> Checkpoint:
    """Read a checkpoint that one of the log's keys has signed; NoteError if none has, or if its signature is wrong.

    The origin has to be that key's name: a key of one log does not speak for another.
    """
    note = parse_note(encoded)
    for key in keys:
        signature = next((found for found in note.signatures if key.kind == LOG_KEY and key.made(found)), None)
        if signature is None:
            continue
        if not key.holds(note.text.encode(), signature.data):
            raise NoteError(f"The signature of {key.name} does not hold: the checkpoint was changed after signing.")
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin != key.name:
            raise NoteError(f"{key.name} has signed a checkpoint of another log, {checkpoint.origin}.")
        return checkpoint
    names = ", ".join(signature.name for signature in note.signatures)
    raise NoteError(f"None of the log's keys has signed this checkpoint; it is signed by {names}.")


def cosign(note: SignedNote, signer: Signer, at: int) -> Signature:
    """A witness's word that it has seen no larger checkpoint at this time (POSIX seconds), and none that contradicts."""
    return signer.signature(at.to_bytes(8, "big") + signer.private.sign(_cosigned(note.text, at)))


def cosigned_at(note: SignedNote, key: Verifier) -> int | None:
    """When the witness cosigned the note, in POSIX seconds; None if it has not, or if its cosignature does not hold."""
    for signature in note.signatures:
        if key.made(signature) and len(signature.data) == 72:
            at = int.from_bytes(signature.data[:8], "big")
            if key.holds(_cosigned(note.text, at), signature.data[8:]):
                return at
    return None


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
