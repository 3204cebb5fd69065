"""Takes witnesses' signatures under the log's checkpoints."""

from __future__ import annotations

from collections.abc import Iterable

from .checkpoint import Checkpoint, cosigned_at
from .errors import NoteError
from .note import COSIGNER_KEY, Verifier, parse_note
from .reading import Reader, Run


def accept(run: Run, note_text: str, witnesses: Iterable[str]) -> str:
    """Keep the cosignature of a checkpoint that the log has published; returns the witness's name.

    Raises NoteError when the checkpoint is not ours, or when no known witness's signature holds. A witness's second
    signature under the same checkpoint is not kept: the first one already says all.
    """
    note = parse_note(note_text)
    size = Checkpoint.parse(note.text).size
    published = Reader(run).checkpoint_of(size)
    if published is None or parse_note(published).text != note.text:
        raise NoteError(
            "This is no checkpoint that this log has published. If our key has signed it, tell the authority."
        )
    for key in (Verifier.parse(text) for text in witnesses):
        if key.kind == COSIGNER_KEY and cosigned_at(note, key) is not None:
            line = next(one.line() for one in note.signatures if key.made(one))
            run(
                "INSERT INTO govdata_ledger.cosignature (size, witness, line) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (size, key.name, line),
            )
            return key.name
    raise NoteError(
        "No witness whose key this portal knows has signed. The operator adds keys in govdata.ledger.witnesses."
    )
