"""Machines as a page: a diagram, and a table of roles by commands, made from the code that runs."""

from __future__ import annotations

from .domain import BEFORE, Apart, Machine, Needs, Transition
from .registry import machines

_INTRO = (
    "# State machines\n\n"
    "Made from the machines that the portal runs, and that PostgreSQL enforces; see [how they work](../state-machines.md). "
    "In a table, a role may give a command in the states named; **r** asks for a reason, **b** for a basis, **r/b** for one "
    "of them, **r+b** for both, **pack** for what the city's rule pack says, **2** for another person than whoever opened "
    "the case, acted last, or acted at all.\n"
)
_NEEDS = {
    Needs.REASON: "r",
    Needs.BASIS: "b",
    Needs.EITHER: "r/b",
    Needs.BOTH: "r+b",
    Needs.PACK: "pack",
}
_APART = {Apart.OPENER: "2 opener", Apart.LAST: "2 last", Apart.ALL: "2 all"}


def render() -> str:
    """The page of all registered machines."""
    return "\n".join([_INTRO, *(_page(machine) for machine in machines())])


def _page(machine: Machine) -> str:
    head = f"## {machine.title} (`{machine.name}`)\n\nRules: {machine.source}. Version {machine.version}.\n"
    return "\n".join([head, _diagram(machine), "", _states(machine), "", _table(machine), ""])


def _diagram(machine: Machine) -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    for one in machine.transitions:
        lines.append(f"    {one.from_state or '[*]'} --> {one.to_state}: {one.command}")
    lines += [f"    {state.name} --> [*]" for state in machine.states if state.final]
    return "\n".join([*lines, "```"])


def _states(machine: Machine) -> str:
    words = [f"`{state.name}` {state.title}" + (" (final)" if state.final else "") for state in machine.states]
    return "States: " + "; ".join(words) + "."


def _table(machine: Machine) -> str:
    roles = list(machine.roles)
    head = ["command", *(machine.roles[role] for role in roles)]
    rows = [
        [f"`{command}` {title}", *(_cell(machine, command, role) for role in roles)]
        for command, title in machine.commands.items()
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _cell(machine: Machine, command: str, role: str) -> str:
    steps = [one for one in machine.transitions if one.command == command and role in one.roles]
    return "<br>".join(_step(one) for one in steps)


def _step(one: Transition) -> str:
    marks = [mark for mark in (_NEEDS.get(one.needs), _APART.get(one.apart)) if mark]
    start = "begins" if one.from_state == BEFORE else one.from_state
    return f"{start} → {one.to_state}" + (f" ({', '.join(marks)})" if marks else "")
