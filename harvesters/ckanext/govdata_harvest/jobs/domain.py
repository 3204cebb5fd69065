"""When a source runs, what state a run may go to, who is asked next. Pure: no CKAN, no clock of its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class SourceState(str, Enum):
    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


class JobState(str, Enum):
    """Where a run stands. `planned` waits for its agency to send it, `in_review` for the reviewers of the city's rule."""

    QUEUED = "queued"
    PLANNING = "planning"
    PLANNED = "planned"
    IN_REVIEW = "in_review"
    APPLYING = "applying"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SENT_BACK = "sent_back"


# What the workers go on with by themselves; `queued` is still to be fetched.
WORKING = (JobState.QUEUED, JobState.PLANNING, JobState.APPLYING)
WAITING = (JobState.PLANNED, JobState.IN_REVIEW)
OPEN = (*WORKING, *WAITING)


class PlannedState(str, Enum):
    """What became of a step of a plan; `moved`: the entry was changed by somebody after the plan was made."""

    PLANNED = "planned"
    LEFT_OUT = "left_out"
    DONE = "done"
    FAILED = "failed"
    MOVED = "moved"


class WordState(str, Enum):
    """Where a decision stands that may take two persons."""

    PENDING = "pending"
    HOLDS = "holds"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


# Seconds until a run that failed for a passing reason is tried again, by how often it was tried.
_PAUSES = (60, 300, 1_800, 7_200)
MOST_TRIES = len(_PAUSES) + 1
_ANNOUNCED_FROM = 8
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def pause_after(tries: int) -> datetime.timedelta | None:
    """How long to wait after so many tries; None where it is not tried again."""
    return datetime.timedelta(seconds=_PAUSES[tries - 1]) if 0 < tries <= len(_PAUSES) else None


def is_quiet(moment: datetime.datetime, start: int | None, end: int | None) -> bool:
    """Whether a moment (UTC, without a zone) falls into the source's quiet hours, which are told in Shanghai's time."""
    if start is None or end is None or start == end:
        return False
    hour = moment.replace(tzinfo=datetime.timezone.utc).astimezone(SHANGHAI).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def next_due(
    after: datetime.datetime, every_hours: int, chance: float, quiet: tuple[int | None, int | None]
) -> datetime.datetime | None:
    """When a source is due again: its interval give or take a tenth (`chance` is 0 to 1), never in its quiet hours."""
    if every_hours <= 0:
        return None
    due = after + datetime.timedelta(hours=every_hours * (0.9 + 0.2 * chance))
    while is_quiet(due, *quiet):
        due = (due + datetime.timedelta(hours=1)).replace(minute=int(chance * 59), second=0, microsecond=0)
    return due


def announcement_due(moment: datetime.datetime) -> str | None:
    """The Monday (in Shanghai) whose week is over and announced from 8 o'clock on; None on other days."""
    here = moment.replace(tzinfo=datetime.timezone.utc).astimezone(SHANGHAI)
    return here.date().isoformat() if here.weekday() == 0 and here.hour >= _ANNOUNCED_FROM else None


def is_overdue(due: datetime.datetime | None, every_hours: int, moment: datetime.datetime) -> bool:
    """Whether a source has missed its time by more than half of its interval (LYG-15)."""
    return bool(due) and every_hours > 0 and moment > due + datetime.timedelta(hours=max(1, every_hours / 2))


def reviewers_of_plan(city: Sequence[str], trusted: bool) -> tuple[str, ...]:
    """Who has to agree to a plan, in their order: whom the city's rule names, else the agency for a source not trusted."""
    return tuple(city) or (() if trusted else ("agency",))


def next_reviewer(asked: Sequence[str], words: Iterable[tuple[str, bool | None]]) -> str | None:
    """Whose turn it is: the first of those asked who has not agreed yet; comments count for nothing."""
    agreed = {reviewer for reviewer, accepted in words if accepted}
    return next((reviewer for reviewer in asked if reviewer not in agreed), None)


@dataclass(frozen=True)
class Refusal:
    """Why a step is not taken: a stable code and the field that has to be mended."""

    code: str
    field: str


OPENING_TIERS = ("unconditional", "conditional")


def refuse_word(word: str, tier: str, is_silent: bool, reason: str, rows_seen: int, rows: int) -> Refusal | None:
    """Whether a word may be decided for a whole source; an empty cell or a placeholder never is."""
    if is_silent or not word.strip():
        return Refusal("silent_word", "word")
    if not reason.strip():
        return Refusal("reason_missing", "reason")
    if not rows:
        return Refusal("word_unknown", "word")
    # What opens rows is decided by somebody who was shown how many they are.
    return Refusal("rows_not_seen", "rows") if tier in OPENING_TIERS and rows_seen != rows else None


def refuse_second(state: str, first: str, second: str, reason: str) -> Refusal | None:
    """Whether this person may confirm what another one proposed."""
    if state != WordState.PENDING.value:
        return Refusal("already_decided", "id")
    if first == second:
        return Refusal("same_person", "id")
    return None if reason.strip() else Refusal("reason_missing", "reason")


def tier_fields_touched(mapping: Mapping[str, Any], guarded: Iterable[str]) -> bool:
    """Whether a mapping gives a column a say in the tier; the next plan is then looked at by somebody else."""
    return any(field in set(guarded) for field in (mapping.get("columns") or {}).values())
