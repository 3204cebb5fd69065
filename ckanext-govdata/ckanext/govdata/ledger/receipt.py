"""A receipt: proof that an entry stands in the log, to be checked offline (C2SP tlog-proof, with the entry as extra data).

Pure. The receiver checks it with `witness.py verify-receipt` or any program that reads tlog-proof.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from .checkpoint import Checkpoint, open_checkpoint
from .errors import NoteError, ProofError
from .note import Verifier
from .tree import HASH_SIZE, leaf_hash, verify_inclusion

_HEAD = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Receipt:
    """The entry's bytes, its place, the proof, and the signed checkpoint that the proof leads to."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> str:
        lines = [_HEAD, f"extra {_text(self.entry)}", f"index {self.index}", *map(_text, self.proof), "", self.note]
        return "\n".join(lines)

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read a receipt without checking it; NoteError if it is none."""
        head, _, note = text.partition("\n\n")
        lines = head.split("\n")
        if (
            len(lines) < 3
            or lines[0] != _HEAD
            or not lines[1].startswith("extra ")
            or not lines[2].startswith("index ")
        ):
            raise NoteError("This is no receipt: a tlog-proof with an entry and an index is expected.")
        try:
            entry = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
            proof = tuple(base64.b64decode(line, validate=True) for line in lines[3:])
            index = int(lines[2].removeprefix("index "))
        except (ValueError, binascii.Error) as error:
            raise NoteError("The receipt is damaged: entry, index or proof cannot be read.") from error
        if any(len(step) != HASH_SIZE for step in proof):
            raise NoteError("The receipt is damaged: a hash in its proof has a wrong length.")
        return cls(entry, index, proof, note)

    def check(self, keys: Iterable[Verifier]) -> Checkpoint:
        """The checkpoint under which the entry stands in the log; NoteError or ProofError if the receipt does not hold."""
        checkpoint = open_checkpoint(self.note, keys)
        if self.index < 0:
            raise ProofError("The receipt names no place in the log.")
        verify_inclusion(leaf_hash(self.entry), self.index, checkpoint.size, self.proof, checkpoint.root)
        return checkpoint


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
