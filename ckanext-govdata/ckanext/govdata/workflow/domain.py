"""State machines as values: states, commands, who may give them, and what a step needs. Pure.

Guarantee: `decide` answers an event only for a step that the machine has; the tables refuse the same steps that it refuses.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from .errors import MachineInvalid, NotPossible, RoleRefused, SamePerson, WordsMissing

# The state before the first event: what opens a case leads out of it.
BEFORE = ""
# In a table, the state to come where a step leaves a case in the state that it is in.
SAME = "="
# Who acts where no person does, such as when a term ends.
PORTAL = "portal"

_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STATE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Needs(str, Enum):
    """What a step has to state. `PACK` is what the case demands, as the caller's rule pack said when the case began."""

    NONE = "none"
    REASON = "reason"
    BASIS = "basis"
    EITHER = "either"
    BOTH = "both"
    PACK = "pack"

    def satisfied(self, reason: str, basis: str) -> bool:
        """Whether reason and basis, of which blanks count as nothing, are enough."""
        reasoned, based = bool(reason.strip()), bool(basis.strip())
        return {
            Needs.NONE: True,
            Needs.REASON: reasoned,
            Needs.BASIS: based,
            Needs.EITHER: reasoned or based,
            Needs.BOTH: reasoned and based,
            Needs.PACK: reasoned or based,
        }[self]


class Apart(str, Enum):
    """From whom the person who takes a step has to differ: nobody, the opener, the last one, or all who acted before."""

    NONE = "none"
    OPENER = "opener"
    LAST = "last"
    ALL = "all"


@dataclass(frozen=True)
class State:
    """A state, with its title (a msgid). From a final one nothing leads on."""

    name: str
    title: str
    final: bool = False


@dataclass(frozen=True)
class Transition:
    """A step: in `from_state` one of `roles` gives `command`, and the case is in `to_state`."""

    from_state: str
    command: str
    to_state: str
    roles: frozenset[str]
    needs: Needs = Needs.NONE
    apart: Apart = Apart.NONE


def step(
    from_state: str, command: str, to_state: str, *roles: str, needs: Needs = Needs.NONE, apart: Apart = Apart.NONE
) -> Transition:
    """A transition as machines write it in their tables: from where, by which command, to where (or `SAME`), by whom."""
    return Transition(from_state, command, from_state if to_state == SAME else to_state, frozenset(roles), needs, apart)


def steps(
    from_states: Iterable[str],
    command: str,
    to_state: str,
    *roles: str,
    needs: Needs = Needs.NONE,
    apart: Apart = Apart.NONE,
) -> tuple[Transition, ...]:
    """The same step out of each of several states; see `step`."""
    return tuple(step(state, command, to_state, *roles, needs=needs, apart=apart) for state in from_states)


@dataclass(frozen=True)
class Machine:
    """A machine. `roles` and `commands` map each word to its title (a msgid); `source` names the rules behind it.

    `version` grows with every change, so that an older process beside a newer one does not change the tables back.
    Raises MachineInvalid where it is not whole.
    """

    name: str
    version: int
    title: str
    source: str
    states: tuple[State, ...]
    roles: Mapping[str, str]
    commands: Mapping[str, str]
    transitions: tuple[Transition, ...]
    _by_step: Mapping[tuple[str, str], Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_step", {(one.from_state, one.command): one for one in self.transitions})
        found = list(_mistakes(self))
        if found:
            raise MachineInvalid(f"The machine {self.name} is not whole: " + "; ".join(found) + ".")

    @property
    def final(self) -> frozenset[str]:
        return frozenset(state.name for state in self.states if state.final)

    @property
    def open(self) -> frozenset[str]:
        """States of cases that still wait for something."""
        return frozenset(state.name for state in self.states) - self.final

    def state(self, name: str) -> State:
        return next(state for state in self.states if state.name == name)

    def step(self, state: str, command: str) -> Transition | None:
        return self._by_step.get((state, command))

    def steps_from(self, state: str) -> tuple[Transition, ...]:
        return tuple(one for one in self.transitions if one.from_state == state)

    @property
    def rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """The transition table: from, command, to, role, needs, apart; one row a role."""
        return sorted(
            (one.from_state, one.command, one.to_state, role, one.needs.value, one.apart.value)
            for one in self.transitions
            for role in one.roles
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the transition table, in hex."""
        return hashlib.sha256(json.dumps([self.name, self.rows]).encode()).hexdigest()


@dataclass(frozen=True)
class Standing:
    """Where a case stands. `acted` are the persons of its events, the first first; `demands` is what its refusals need."""

    state: str = BEFORE
    n: int = 0
    opened_by: str = ""
    acted: tuple[str, ...] = ()
    demands: Needs | None = None


@dataclass(frozen=True)
class Command:
    """What somebody wants done, in which role. `demands` says, once in a case's life, what its refusals have to state."""

    name: str
    by: str
    role: str
    reason: str = ""
    basis: str = ""
    demands: Needs | None = None


@dataclass(frozen=True)
class Event:
    """A step taken."""

    n: int
    from_state: str
    command: str
    to_state: str
    role: str
    by: str
    needs: Needs
    reason: str = ""
    basis: str = ""
    demands: Needs | None = None


def decide(machine: Machine, standing: Standing, command: Command) -> Event:
    """The event that a command makes of a case.

    Raises NotPossible when the state has no such command, RoleRefused when the role may not give it, SamePerson when
    another person has to, WordsMissing when reason or basis are not stated as the step needs.
    """
    step = machine.step(standing.state, command.name)
    if step is None:
        raise NotPossible(machine, standing.state, command.name)
    if command.role not in step.roles:
        raise RoleRefused(machine, step, command.role)
    if command.by in _barred(step.apart, standing):
        raise SamePerson(machine, step)
    needs = (standing.demands or Needs.EITHER) if step.needs is Needs.PACK else step.needs
    if not needs.satisfied(command.reason, command.basis):
        raise WordsMissing(machine, step, needs)
    return Event(
        n=standing.n + 1,
        from_state=standing.state,
        command=command.name,
        to_state=step.to_state,
        role=command.role,
        by=command.by,
        needs=needs,
        reason=command.reason.strip(),
        basis=command.basis.strip(),
        demands=command.demands,
    )


def fold(standing: Standing, event: Event) -> Standing:
    """How a case stands after an event."""
    return Standing(
        state=event.to_state,
        n=event.n,
        opened_by=standing.opened_by or event.by,
        acted=(*standing.acted, event.by),
        demands=standing.demands or event.demands,
    )


def possible(machine: Machine, standing: Standing, roles: Iterable[str], by: str) -> tuple[Transition, ...]:
    """The steps that somebody in these roles could take now."""
    held = frozenset(roles)
    steps = machine.steps_from(standing.state)
    return tuple(one for one in steps if one.roles & held and by not in _barred(one.apart, standing))


def _barred(apart: Apart, standing: Standing) -> frozenset[str]:
    """Who may not take the step."""
    persons = {
        Apart.NONE: (),
        Apart.OPENER: (standing.opened_by,) if standing.opened_by else (),
        Apart.LAST: standing.acted[-1:],
        Apart.ALL: standing.acted,
    }[apart]
    return frozenset(persons)


def _mistakes(machine: Machine) -> Iterable[str]:
    names = {state.name for state in machine.states}
    words = [machine.name, *machine.commands, *machine.roles]
    yield from (f"{word!r} is not in lower case with hyphens" for word in words if not _WORD.fullmatch(word))
    yield from (f"{name!r} is not in lower case with underscores" for name in names if not _STATE.fullmatch(name))
    if len(machine._by_step) != len(machine.transitions):
        yield "a state has a command twice"
    for one in machine.transitions:
        yield from _mistakes_of(machine, names, one)
    yield from (f"nothing leads to {name}" for name in sorted(names - _reached(machine)))
    stuck = sorted(name for name in machine.open if not machine.steps_from(name))
    yield from (f"nothing leads out of {name}, and it is not final" for name in stuck)


def _mistakes_of(machine: Machine, names: set[str], one: Transition) -> Iterable[str]:
    step = f"{one.from_state or 'nothing'} -{one.command}-> {one.to_state}"
    if one.to_state not in names or (one.from_state and one.from_state not in names):
        yield f"{step} has an unknown state"
    if one.from_state in machine.final:
        yield f"{step} leads out of a final state"
    if one.command not in machine.commands:
        yield f"{step} has a command without title"
    if not one.roles or not one.roles <= set(machine.roles):
        yield f"{step} has no role, or an unknown one"
    if one.from_state == BEFORE and one.apart is not Apart.NONE:
        yield f"{step} opens a case, so there is nobody to differ from"


def _reached(machine: Machine) -> set[str]:
    reached, waiting = set(), [BEFORE]
    while waiting:
        after = {one.to_state for one in machine.steps_from(waiting.pop())}
        waiting += after - reached
        reached |= after
    return reached
