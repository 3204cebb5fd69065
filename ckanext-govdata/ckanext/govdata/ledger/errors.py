"""What can go wrong in the ledger. Every error says what, where, and what to do. Pure."""

from __future__ import annotations


class LedgerError(Exception):
    """The root of the ledger's errors."""


class EntryError(LedgerError):
    """An entry cannot be written as it stands: a field is misnamed, personal in the clear, or not JSON."""


class ProofError(LedgerError):
    """A Merkle proof does not lead to the root that was signed."""


class NoteError(LedgerError):
    """A signed note, a key or a checkpoint cannot be read, or its signature does not hold."""


class IntakeUnavailable(LedgerError):
    """The entry could not be written. Whoever asked must not hand out conditional data."""


class HistoryMismatch(LedgerError):
    """The log in the database is not the one whose checkpoints were signed; the sequencer refuses to go on."""


class KeyMissing(LedgerError):
    """There is no signing key where the settings say."""
