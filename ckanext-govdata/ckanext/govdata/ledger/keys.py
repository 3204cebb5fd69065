"""The log's keys and the checkpoints it has signed, in files outside of the database.

In the ledger's folder: `log.key` (private, 0600), `log.vkey` (public, given to everybody), `old.vkeys` (public keys of
earlier years), `anchors` (every checkpoint that was signed, one signed note after the other, only ever appended to),
`keeper.url` (the database address of the sequencer's role, 0600).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import Checkpoint, open_checkpoint
from .errors import KeyMissing, NoteError
from .note import SignedNote, Signer, Verifier

_SEPARATOR = "=====\n"
# More than two checkpoints have room in it.
_TAIL = 16_384


@dataclass(frozen=True)
class Folder:
    """The ledger's folder."""

    path: Path

    @property
    def keeper_url(self) -> str | None:
        """The database address of the keeper's role; None in weak mode, where the portal's own is used."""
        file = self.path / "keeper.url"
        return file.read_text(encoding="utf-8").strip() if file.exists() else None

    def write_keeper_url(self, url: str) -> None:
        self._make()
        _write_private(self.path / "keeper.url", url + "\n")

    def make_key(self, origin: str) -> Verifier:
        """Make the log's key. An earlier one becomes an old key: it goes on proving what it has signed.

        The private half of an earlier key is destroyed; take it into a backup before, if it is still wanted.
        """
        self._make()
        signer = Signer.generate(origin)
        public = self.path / "log.vkey"
        if public.exists():
            _append(self.path / "old.vkeys", public.read_text(encoding="utf-8"))
        _write_private(self.path / "log.key", signer.encode() + "\n")
        public.write_text(signer.verifier.encode() + "\n", encoding="utf-8")
        return signer.verifier

    def signer(self) -> Signer:
        """The log's private key; KeyMissing when there is none."""
        file = self.path / "log.key"
        if not file.exists():
            raise KeyMissing(f"There is no signing key at {file}. Make one with: ckan govdata ledger keygen.")
        if file.stat().st_mode & 0o077:
            raise KeyMissing(f"Others than its owner may read {file}. Run: chmod 600 {file}; then think of a new key.")
        return Signer.parse(file.read_text(encoding="utf-8"))

    def verifiers(self) -> list[Verifier]:
        """The log's public key and its earlier ones; empty before keygen."""
        files = (self.path / "log.vkey", self.path / "old.vkeys")
        lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]
        return [Verifier.parse(line) for line in lines if line.strip()]

    def anchor(self, note: SignedNote) -> None:
        """Remember a signed checkpoint; on disk when this returns. A last one that a crash cut short is dropped."""
        self._make()
        with (self.path / "anchors").open("ab") as stream:
            whole = self._end_of_anchors()
            if stream.tell() > whole:
                stream.truncate(whole)
            stream.write((note.encode() + _SEPARATOR).encode())
            stream.flush()
            os.fsync(stream.fileno())

    def anchors(self) -> list[str]:
        """Every checkpoint that was signed here, oldest first; a last one that a crash cut short is left out."""
        file = self.path / "anchors"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return text.split(_SEPARATOR)[:-1]

    def last_anchor(self) -> tuple[Checkpoint, str] | None:
        """The newest checkpoint that was signed here, checked against the keys; only the file's end is read."""
        notes = self._tail().decode(errors="replace").split(_SEPARATOR)[:-1]
        if not notes:
            return None
        try:
            return open_checkpoint(notes[-1], self.verifiers()), notes[-1]
        except NoteError as error:
            raise NoteError(f"The last checkpoint in {self.path / 'anchors'} is not sound: {error}") from error

    def _tail(self) -> bytes:
        file = self.path / "anchors"
        if not file.exists():
            return b""
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _TAIL))
            return stream.read()

    def _end_of_anchors(self) -> int:
        tail = self._tail()
        size = (self.path / "anchors").stat().st_size
        found = tail.rfind(_SEPARATOR.encode())
        return size - len(tail) + (found + len(_SEPARATOR.encode()) if found >= 0 else 0)

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)


def _write_private(file: Path, text: str) -> None:
    """Replace the file in one step; at no moment can others read it, or half of it be there."""
    fresh = file.with_suffix(file.suffix + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(file)


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
