"""Cases and refusals in the reader's language."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from . import domain, registry
from .cases import Case, CaseEvent, standing
from .errors import CaseMissing, WorkflowError


def refusal(error: WorkflowError) -> str:
    """A refusal in the reader's language."""
    words = {name: tk._(word) if name in error.titles else word for name, word in error.words.items()}
    return str(tk._(error.message)).format(**words)


def as_action_error(error: WorkflowError) -> Exception:
    """The error that an action raises for a refused step, with everything undone that its transaction held."""
    model.Session.rollback()
    if isinstance(error, CaseMissing):
        return tk.ObjectNotFound(refusal(error))
    return tk.ValidationError({error.field: [refusal(error)]})


def case_as_dict(case: Case) -> dict[str, Any]:
    """A case as actions answer it, with the title of its state."""
    fields = "id machine state n agency dataset party officer subject opened_by"
    shown: dict[str, Any] = {name: getattr(case, name) for name in fields.split()}
    state = registry.machine(case.machine).state(case.state)
    moments = {name: f"{getattr(case, name).isoformat()}Z" for name in ("opened_at", "moved_at")}
    return {**shown, **moments, "state_title": tk._(state.title), "final": state.final}


def event_as_dict(row: CaseEvent) -> dict[str, Any]:
    """A step as actions answer it; `entry` is its place in the ledger."""
    fields = "n from_state command to_state role done_by reason basis facts entry"
    shown: dict[str, Any] = {name: getattr(row, name) for name in fields.split()}
    title = registry.machine(row.machine).commands.get(row.command, row.command)
    return {**shown, "done_at": f"{row.done_at.isoformat()}Z", "command_title": tk._(title)}


def next_steps(case: Case, roles: frozenset[str], by: str) -> list[dict[str, Any]]:
    """What somebody in these roles can do now: command, its title, the state it leads to, and what it has to state."""
    machine, where = registry.machine(case.machine), standing(case)
    return [
        {
            "command": one.command,
            "title": tk._(machine.commands[one.command]),
            "to_state": one.to_state,
            "needs": (where.demands or domain.Needs.EITHER).value
            if one.needs is domain.Needs.PACK
            else one.needs.value,
        }
        for one in domain.possible(machine, where, roles, by)
    ]
