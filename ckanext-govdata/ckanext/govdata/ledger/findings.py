"""Names what was done to a log, from the evidence of a pass over it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .chain import chain_hash
from .evidence import Evidence, Link, Mark


class Kind(str, Enum):
    """What was done. The last two are warnings: nothing was changed, but less is proven."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CHAIN_BROKEN = "chain_broken"
    EMPTIED = "emptied"
    TAIL_CUT = "tail_cut"
    OLDER_STATE = "older_state"
    REWRITTEN = "rewritten"
    CHECKPOINT_FORGED = "checkpoint_forged"
    SPLIT_VIEW = "split_view"
    TILES_DAMAGED = "tiles_damaged"
    GUARDS_DOWN = "guards_down"
    UNANCHORED = "unanchored"
    WAITING = "waiting"


WARNINGS = frozenset({Kind.UNANCHORED, Kind.WAITING})


@dataclass(frozen=True)
class Finding:
    """One thing that was done to the log, where, in a sentence."""

    kind: Kind
    message: str

    @property
    def is_warning(self) -> bool:
        return self.kind in WARNINGS


def conclude(found: Evidence) -> list[Finding]:
    """Everything that the evidence shows; empty for a sound log."""
    inside = [*_gaps(found), *_changes(found)]
    checkpoints = [*_untrusted(found), *_contradictions(found), *_short(found)]
    if not inside and not any(one.kind is Kind.SPLIT_VIEW for one in checkpoints):
        checkpoints += _other_history(found)
    if found.damaged_tiles and not inside:
        places = ", ".join(f"{level}/{index}" for level, index in found.damaged_tiles[:5])
        checkpoints.append(
            Finding(Kind.TILES_DAMAGED, f"Tiles were changed or removed, the entries were not: {places}.")
        )
    if not found.right and not found.wrong and not found.beyond:
        words = "No checkpoint of our key covers any of the log: a tail that was cut off cannot be seen."
        checkpoints.append(Finding(Kind.UNANCHORED, words))
    return [*inside, *checkpoints]


def _gaps(found: Evidence) -> list[Finding]:
    return [
        Finding(Kind.DELETED, f"{_span(first, end)} {'was' if end - first == 1 else 'were'} deleted.")
        for first, end in found.gaps[:20]
    ]


def _changes(found: Evidence) -> list[Finding]:
    if found.moved:
        return _against_tiles(found)
    if found.altered:
        return _against_own_hashes(found.altered)
    return _against_links(found) if found.unlinked else []


def _against_tiles(found: Evidence) -> list[Finding]:
    """The tiles remember each entry's leaf hash at its place."""
    seqs = sorted(found.moved)
    is_now = [found.moved[seq][0] for seq in seqs]
    was = [found.moved[seq][1] for seq in seqs]
    if sorted(is_now) == sorted(was):
        return [Finding(Kind.REORDERED, f"{_list(seqs)} changed places with each other.")]
    if len(seqs) > 1 and is_now[:-1] == was[1:]:
        return [Finding(Kind.DELETED, f"Entry {seqs[0]} was deleted, and those behind it were renumbered.")]
    if len(seqs) > 1 and is_now[1:] == was[:-1]:
        return [Finding(Kind.INSERTED, f"An entry was put in at {seqs[0]}, and those behind it were renumbered.")]
    return [Finding(Kind.EDITED, f"{_list(seqs)} no longer {'is' if len(seqs) == 1 else 'are'} what was recorded.")]


def _against_own_hashes(altered: list[Link]) -> list[Finding]:
    swapped = [
        one.seq
        for one in altered[:256]
        if any(chain_hash(one.previous, other.leaf) == one.hash for other in altered[:256] if other is not one)
    ]
    if len(swapped) == len(altered):
        return [Finding(Kind.REORDERED, f"{_list(swapped)} changed places with each other.")]
    seqs = [one.seq for one in altered]
    return [Finding(Kind.EDITED, f"{_list(seqs)} no longer {'is' if len(seqs) == 1 else 'are'} what was recorded.")]


def _against_links(found: Evidence) -> list[Finding]:
    """Every row is sound in itself, but does not follow the one before it."""
    seqs = [one.seq for one in found.unlinked]
    hashes = {one.hash for one in found.tail}
    if len(seqs) > 1 and all(one.previous in hashes for one in found.unlinked if one.seq != found.tail[0].seq):
        return [Finding(Kind.REORDERED, f"Entries around {_list(seqs)} changed places with each other.")]
    words = f"{_list(seqs)} does not follow what stands before: an entry there was changed, put in or removed."
    return [Finding(Kind.CHAIN_BROKEN, words)]


def _untrusted(found: Evidence) -> list[Finding]:
    return [
        Finding(
            Kind.CHECKPOINT_FORGED, f"The checkpoint of {mark.checkpoint.size} entries ({mark.source}): {mark.fault}"
        )
        for mark in found.untrusted[:20]
    ]


def _contradictions(found: Evidence) -> list[Finding]:
    """Two checkpoints that our key has signed and that cannot both be true of one log."""
    seen: dict[int, Mark] = {}
    for mark in (*found.right, *found.wrong, *found.beyond):
        other = seen.setdefault(mark.checkpoint.size, mark)
        if other.checkpoint.root != mark.checkpoint.root:
            return [_split_view(mark, other)]
    outside = [mark for mark in found.wrong if mark.source not in ("database", "anchors")]
    if outside and len(outside) == len(found.wrong):
        for mark in outside:
            held = next((one for one in found.right if one.checkpoint.size >= mark.checkpoint.size), None)
            if held:
                return [_split_view(mark, held)]
    return []


def _split_view(one: Mark, other: Mark) -> Finding:
    return Finding(
        Kind.SPLIT_VIEW,
        f"Our key has signed two histories: {one.source} holds a checkpoint of {one.checkpoint.size} entries that does not go"
        f" together with that of {other.checkpoint.size} entries held by {other.source}.",
    )


def _short(found: Evidence) -> list[Finding]:
    """Checkpoints were signed of more entries than there are."""
    if not found.beyond:
        return []
    last = found.beyond[-1].checkpoint
    if found.size == 0:
        return [Finding(Kind.EMPTIED, f"The log was emptied: a checkpoint of {last.size} entries was signed.")]
    missing = f"{_span(found.size, last.size)} {'is' if last.size - found.size == 1 else 'are'} missing"
    if found.tiles_beyond or any(mark.source == "database" for mark in found.beyond):
        return [Finding(Kind.TAIL_CUT, f"{missing}: the log's tail was cut off.")]
    words = f"{missing}: an older backup of the database was restored, or the tail was cut off with all traces of it."
    return [Finding(Kind.OLDER_STATE, words)]


def _other_history(found: Evidence) -> list[Finding]:
    """Chain and tiles are consistent, but the roots are not those that were signed."""
    if not found.wrong:
        return []
    first = found.wrong[0].checkpoint.size
    sound = max((mark.checkpoint.size for mark in found.right if mark.checkpoint.size < first), default=0)
    foreign = " Checkpoints of a key that is not ours came with it." if found.untrusted else ""
    words = (
        f"{_span(sound, first)} or later ones are not what was signed, though they fit each other: the log was rewritten from"
        f" there, or an older backup was restored and written on.{foreign}"
    )
    return [Finding(Kind.REWRITTEN, words)]


def _span(first: int, end: int) -> str:
    return f"Entry {first}" if end - first == 1 else f"Entries {first} to {end - 1}"


def _list(seqs: list[int]) -> str:
    shown = ", ".join(str(seq) for seq in seqs[:10])
    more = f" and {len(seqs) - 10} more" if len(seqs) > 10 else ""
    return f"Entry {shown}" if len(seqs) == 1 else f"Entries {shown}{more}"
