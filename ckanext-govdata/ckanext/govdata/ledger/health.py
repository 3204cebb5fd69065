"""What is wrong with a ledger that runs: the alarms that status page, command and `./govdata status` raise. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# An entry waits half a second as a rule.
LONGEST_WAIT = 120.0
# How much later than its interval a checkpoint may come.
GRACE = 300.0


class Alarm(str, Enum):
    """A stable code for programs; pages and commands word it."""

    SEQUENCER_DOWN = "sequencer_down"
    CHECKPOINT_LATE = "checkpoint_late"
    NO_CHECKPOINT = "no_checkpoint"
    GAP = "gap"
    WEAK = "weak"


@dataclass(frozen=True)
class Standing:
    """How the ledger stands. Seconds are ages: of the oldest waiting entry, of the newest checkpoint (None: none)."""

    size: int
    waiting: int
    waiting_seconds: float
    checkpoint_size: int
    checkpoint_seconds: float | None
    gap: int
    shortcomings: tuple[str, ...]

    @property
    def strict(self) -> bool:
        return not self.shortcomings


def alarms(standing: Standing, every: float) -> tuple[Alarm, ...]:
    """What somebody has to look after; `every` is the interval of checkpoints in seconds.

    While the sequencer is down the intake goes on taking entries, so nothing is lost; but nothing is signed either.
    """
    age = standing.checkpoint_seconds
    found = {
        Alarm.SEQUENCER_DOWN: standing.waiting > 0 and standing.waiting_seconds > LONGEST_WAIT,
        Alarm.NO_CHECKPOINT: age is None and standing.size > 0,
        Alarm.CHECKPOINT_LATE: age is not None and age > every + GRACE,
        Alarm.GAP: standing.gap > 0,
        Alarm.WEAK: not standing.strict,
    }
    return tuple(alarm for alarm, raised in found.items() if raised)


WORDS = {
    Alarm.SEQUENCER_DOWN: "Entries wait for the sequencer: it does not run. They are safe, but not yet in the log.",
    Alarm.NO_CHECKPOINT: "No checkpoint has been signed yet: start the sequencer.",
    Alarm.CHECKPOINT_LATE: "The newest checkpoint is older than it may be: the sequencer does not run, or refuses to go on.",
    Alarm.GAP: "Uses of unconditional data could not be recorded; they are counted, and become an entry.",
    Alarm.WEAK: "The database itself does not guard the ledger: the mode is weak.",
}
