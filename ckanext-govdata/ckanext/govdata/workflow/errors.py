"""What goes wrong with cases. Each error carries a msgid and its words, so that whoever shows it translates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..msgids import N_

if TYPE_CHECKING:
    from .domain import Machine, Needs, Transition


class WorkflowError(Exception):
    """`message` is a msgid with places in braces; `words` fills them, and those of `titles` are msgids themselves."""

    field = "id"

    def __init__(
        self, message: str, words: Mapping[str, str] | None = None, titles: frozenset[str] = frozenset()
    ) -> None:
        self.message, self.words, self.titles = message, dict(words or {}), titles
        super().__init__(message.format(**self.words))


class MachineInvalid(WorkflowError):
    """A machine whose definition is not whole; its module does not load."""


class CaseMissing(WorkflowError):
    """There is no such case."""

    def __init__(self) -> None:
        super().__init__(N_("There is no such case."))


class NotPossible(WorkflowError):
    """The case's state has no such command."""

    def __init__(self, machine: Machine, state: str, command: str) -> None:
        title = machine.state(state).title if state else N_("not begun")
        words = {"state": title, "command": machine.commands.get(command, command)}
        message = N_("This case is in the state “{state}”; “{command}” cannot be done there. Look at its next steps.")
        super().__init__(message, words, frozenset({"state", "command"}))


class RoleRefused(WorkflowError):
    """Another role takes this step."""

    def __init__(self, machine: Machine, step: Transition, role: str) -> None:
        first = machine.roles[min(step.roles)]
        words = {"command": machine.commands[step.command], "role": first}
        message = N_("“{command}” is for somebody else here: {role}.")
        super().__init__(message, words, frozenset({"command", "role"}))


class SamePerson(WorkflowError):
    """Another person has to take this step."""

    def __init__(self, machine: Machine, step: Transition) -> None:
        words = {"command": machine.commands[step.command]}
        message = N_("You had a part in this case yourself. For “{command}” another person is needed.")
        super().__init__(message, words, frozenset({"command"}))


class WordsMissing(WorkflowError):
    """The step has to state a reason, a basis, one of them, or both."""

    _MESSAGES: Mapping[str, str] = {
        "reason": N_("“{command}” has to state its reason."),
        "basis": N_("“{command}” has to state its basis in a rule."),
        "either": N_("“{command}” has to state its reason or its basis in a rule."),
        "both": N_("“{command}” has to state its reason and its basis in a rule."),
    }

    def __init__(self, machine: Machine, step: Transition, needs: Needs) -> None:
        self.needs = needs
        self.field = "basis" if needs.value == "basis" else "reason"
        words = {"command": machine.commands[step.command]}
        super().__init__(self._MESSAGES[needs.value], words, frozenset({"command"}))


class MachineMissing(WorkflowError):
    """No machine is registered under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("There is no state machine {name}."), {"name": name})
