"""What a clock is: a term of working days on a case, by a rule or a promise, and how it moves. Pure.

Guarantee: only a rule of a text in force on the day of receipt makes a term statutory; a provisional term is never breached;
a term is extended and rests only where its rule or promise says so, and is extended once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from ..rules.domain import Binding, Rule, RulePack, Topic, Unit
from ..rules.promises import Promise
from ..rules.working_days import Calendar, DayKind, Due, Step, day_in_shanghai


class Kind(str, Enum):
    """What a date may be called: statutory (法定), a draft's or an expired text's own (参照), the portal's promise (承诺)."""

    STATUTORY = "statutory"
    PACK = "pack"
    PROMISE = "promise"


class State(str, Enum):
    """Where a clock stands. `met` and `ended` are last: what was owed is done, or is owed no more."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    ENDED = "ended"


OPEN_STATES = (State.RUNNING, State.SUSPENDED)


@dataclass(frozen=True)
class Basis:
    """Where a term comes from. `article` and `text` cite a rule; `words` are a promise's."""

    topic: str
    kind: Kind
    number: int
    article: str = ""
    text: str = ""
    words: str = ""
    words_en: str = ""
    extension: int | None = None
    suspended_while: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rest:
    """A span in which a term rests, from a moment on, to another one or until now."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class Term:
    """What a last day is computed from."""

    received_at: datetime
    number: int
    extended_by: int = 0
    rests: tuple[Rest, ...] = ()


def basis(topic: str, pack: RulePack, promises: Mapping[str, Promise], received: date) -> Basis | None:
    """The rule or promise that gives the topic a term of working days; None where there is neither, so no term either."""
    rule = pack.rule(Topic(topic)) if topic in _TOPICS else None
    if rule is not None and rule.number is not None and rule.unit is Unit.WORKING_DAYS:
        return _by_rule(rule, received)
    promise = promises.get(topic)
    if promise is None:
        return None
    return Basis(
        topic,
        Kind.PROMISE,
        promise.number,
        words=promise.words,
        words_en=promise.words_en,
        extension=promise.extension,
        suspended_while=promise.suspended_while,
    )


_TOPICS = frozenset(topic.value for topic in Topic)


def _by_rule(rule: Rule, received: date) -> Basis:
    kind = Kind.STATUTORY if rule.binding_on(received) is Binding.STATUTORY else Kind.PACK
    return Basis(
        rule.topic.value,
        kind,
        rule.number or 0,
        article=rule.citation.article,
        text=rule.instrument.title,
        extension=rule.extension,
        suspended_while=rule.suspended_while,
    )


def compute(term: Term, calendar: Calendar, at: datetime) -> Due:
    """The last day of a term. Each day that a rest touches is skipped, up to the moment `at` while the term rests."""
    resting = {day for rest in term.rests for day in _days(rest, at)}
    return calendar.due(day_in_shanghai(term.received_at), term.number + term.extended_by, resting)


def _days(rest: Rest, at: datetime) -> Iterable[date]:
    first, last = day_in_shanghai(rest.since), day_in_shanghai(rest.until or at)
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def is_breached(state: State, due_at: datetime, provisional: bool, at: datetime) -> bool:
    """Whether a term is over without having been met. Never on a provisional day, and never while it rests."""
    return state is State.RUNNING and not provisional and at >= due_at


def held_days(steps: Iterable[Step], holders: Collection[tuple[datetime, str]], until: date) -> dict[str, int]:
    """How many counted days passed with whom, up to a day: a day is his who has the case at its end.

    `holders` tells since when somebody has the case; before the first of them nobody is named.
    """
    found: dict[str, int] = {}
    spans = sorted(holders)
    for step in steps:
        if not step.kind.counted or step.day > until:
            continue
        names = [name for since, name in spans if day_in_shanghai(since) <= step.day]
        if names:
            found[names[-1]] = found.get(names[-1], 0) + 1
    return found


__all__ = (
    "OPEN_STATES", "Basis", "DayKind", "Due", "Kind", "Rest", "State", "Step", "Term", "basis", "compute", "held_days",
    "is_breached",
)  # fmt: skip
