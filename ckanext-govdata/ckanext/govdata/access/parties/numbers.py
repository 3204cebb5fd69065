"""Identity numbers in the tables: claimed, found by their digest, verified once, shown masked, sealed anew.

Guarantee: of two parties that claim a number at most one is ever verified, and none while a party with it is blocked. Nothing
here logs or returns a number, except `revealed`, whose caller records it.
"""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ...columns import now
from .documents import document_of, documents
from .domain import Kind
from .errors import KeysMissing
from .keys import keyring
from .model import Evidence, Number, Party
from .sealing import Digest, Sealed
from .standing import blocked_among


def claim(party: Party, document: str, given: str, issuer: str, by: str) -> Number:
    """Keep a number that somebody says is the party's; an earlier claim of the party's is retired.

    Raises NumberRefused, KeysMissing.
    """
    number = document_of(document, Kind(party.kind)).number(given, issuer)
    digest = _digest(document, number)
    _retire(party.id, ("claimed",))
    row = Number(party_id=party.id, document=document, created_by=by, sealed=b"", algorithm="", key_id="")
    row.digest, row.digest_algorithm, row.digest_key_id = digest.value, digest.algorithm, digest.key_id
    row.state = "claimed"
    model.Session.add(row)
    _put_sealed(row, number.encode())
    return row


def digest_of(kind: Kind, document: str, given: str, issuer: str) -> str:
    """The blind index of a number that somebody names. Raises NumberRefused, KeysMissing."""
    return _digest(document, document_of(document, kind).number(given, issuer)).value


def revealed(row: Number) -> str:
    """The number in the clear, for an operator who compares it with the proof; whoever calls records that."""
    return keyring().open(Sealed(row.algorithm, row.key_id, bytes(row.sealed)), _record(row)).decode()


def masked(row: Number) -> str:
    """The number as it may be shown."""
    return documents()[row.document].masked(revealed(row))


def of_party(party_id: str, *states: str) -> list[Number]:
    """A party's numbers in these states, newest first."""
    rows = sa.select(Number).where(Number.party_id == party_id, Number.state.in_(states))
    return list(model.Session.scalars(rows.order_by(Number.created_at.desc())))


def others_with(row: Number) -> list[Party]:
    """Other living parties that claim the same number or have it verified, as operators see them."""
    same = (
        sa.select(Party)
        .join(Number, Number.party_id == Party.id)
        .where(Number.digest == row.digest, Number.state != "retired", Party.id != row.party_id)
        .where(Party.state.in_(("unverified", "verified")))
        .order_by(Party.created_at)
    )
    return list(model.Session.scalars(same).unique())


def obstacle(row: Number) -> str:
    """Why a number cannot be verified for its party: `taken`, `blocked`, or nothing.

    Takes a lock on the number until the transaction ends, so that two who decide at once are answered one after the other.
    """
    lock_number(row.digest)
    same = sa.select(Number.party_id, Number.state).where(Number.digest == row.digest, Number.party_id != row.party_id)
    found = list(model.Session.execute(same))
    if blocked_among({party_id for party_id, _ in found}):
        return "blocked"
    return "taken" if any(state == "verified" for _, state in found) else ""


def lock_number(digest: str) -> None:
    """Hold the number for this transaction."""
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"party {digest}", 0))))


def verify(row: Number) -> None:
    """Make it the party's verified number; an earlier one is retired."""
    _retire(row.party_id, ("verified",))
    row.state = "verified"
    model.Session.flush()


def retire_all(party_id: str) -> None:
    """Let go of a party's numbers, which closes or is merged."""
    _retire(party_id, ("claimed", "verified"))


def reseal(limit: int = 500) -> int:
    """Seal anew what older keys sealed, up to `limit` records; returns how many. Call until it is none."""
    ring = keyring()
    done = 0
    for table in (Number, Evidence):
        rows = sa.select(table).where(table.key_id != ring.seal_with).limit(limit - done).with_for_update()
        for row in model.Session.scalars(rows):
            _put_sealed(row, ring.open(Sealed(row.algorithm, row.key_id, bytes(row.sealed)), _record(row)))
            done += 1
    model.Session.flush()
    return done


def redigest() -> int:
    """Digest every number anew with the present key, in one transaction that keeps others from claiming meanwhile."""
    model.Session.execute(sa.text("LOCK TABLE govdata_party_number IN SHARE ROW EXCLUSIVE MODE"))
    rows = list(model.Session.scalars(sa.select(Number)))
    for row in rows:
        digest = keyring().digest(row.document, revealed(row))
        row.digest, row.digest_algorithm, row.digest_key_id = digest.value, digest.algorithm, digest.key_id
    model.Session.flush()
    return len(rows)


def keys_in_use() -> set[str]:
    """The keys without which something could not be opened or found."""
    used = (sa.select(Number.key_id), sa.select(Number.digest_key_id), sa.select(Evidence.key_id))
    return set(model.Session.scalars(sa.union(*used)))


def seal_evidence(row: Evidence, plain: bytes) -> None:
    """Seal a file into its record."""
    _put_sealed(row, plain)


def open_evidence(row: Evidence) -> bytes:
    """A file in the clear; whoever calls records who saw it."""
    return keyring().open(Sealed(row.algorithm, row.key_id, bytes(row.sealed)), _record(row))


def _digest(document: str, number: str) -> Digest:
    """Raises KeysMissing where this process digests with another key than the numbers that are there already."""
    digest = keyring().digest(document, number)
    strange = sa.select(Number.digest_key_id).where(Number.digest_key_id != digest.key_id).limit(1)
    if model.Session.scalars(strange).first() is not None:
        raise KeysMissing(
            "Numbers in the database were digested with another key. Give each web node the same key file, and finish "
            "a change of keys with: ckan govdata parties rekey."
        )
    return digest


def _put_sealed(row: Number | Evidence, plain: bytes) -> None:
    if not row.id:
        row.sealed, row.algorithm, row.key_id = b"", "", ""
        model.Session.flush()
    sealed = keyring().seal(plain, _record(row))
    row.algorithm, row.key_id, row.sealed = sealed.algorithm, sealed.key_id, sealed.data
    model.Session.flush()


def _record(row: Number | Evidence) -> str:
    return f"{'number' if isinstance(row, Number) else 'evidence'} {row.id}"


def _retire(party_id: str, states: tuple[str, ...]) -> None:
    ended = sa.update(Number).where(Number.party_id == party_id, Number.state.in_(states))
    model.Session.execute(ended.values(state="retired", retired_at=now()))
