"""The machines that the rooms have registered, by name."""

from __future__ import annotations

from .domain import Machine
from .errors import MachineInvalid, MachineMissing

_MACHINES: dict[str, Machine] = {}


def register(machine: Machine) -> Machine:
    """Make a machine known; answers it, so that a room defines and registers in one line.

    Raises MachineInvalid when another one has its name.
    """
    known = _MACHINES.setdefault(machine.name, machine)
    if known != machine:
        raise MachineInvalid(f"Two machines are called {machine.name}.")
    return machine


def machine(name: str) -> Machine:
    """A machine by its name. Raises MachineMissing."""
    if name not in _MACHINES:
        raise MachineMissing(name)
    return _MACHINES[name]


def machines() -> list[Machine]:
    """All machines, by name."""
    return [_MACHINES[name] for name in sorted(_MACHINES)]
