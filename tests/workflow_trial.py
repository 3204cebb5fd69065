"""A machine for the tests of the workflow itself: a request that is decided, contested once, and carried out by two."""

from __future__ import annotations

from ckanext.govdata.workflow.domain import Apart, Machine, Needs, State, Transition


def _step(from_state: str, command: str, to_state: str, role: str, *more: object) -> Transition:
    needs = next((one for one in more if isinstance(one, Needs)), Needs.NONE)
    apart = next((one for one in more if isinstance(one, Apart)), Apart.NONE)
    return Transition(from_state, command, to_state, frozenset(role.split()), needs, apart)


TRIAL = Machine(
    name="trial",
    version=1,
    title="A trial",
    source="none",
    states=(
        State("asked", "asked"),
        State("allowed", "allowed"),
        State("refused", "refused"),
        State("contested", "contested"),
        State("done", "done", final=True),
        State("dropped", "dropped", final=True),
    ),
    roles={"asker": "who asks", "officer": "an officer", "portal": "the portal"},
    commands={
        "ask": "ask",
        "drop": "drop",
        "allow": "allow",
        "refuse": "refuse",
        "contest": "contest",
        "finish": "finish",
    },
    transitions=(
        _step("", "ask", "asked", "asker"),
        _step("asked", "drop", "dropped", "asker portal"),
        _step("asked", "allow", "allowed", "officer", Apart.OPENER),
        _step("asked", "refuse", "refused", "officer", Needs.PACK, Apart.OPENER),
        _step("refused", "contest", "contested", "asker", Needs.REASON),
        _step("refused", "finish", "done", "portal"),
        _step("contested", "allow", "allowed", "officer", Needs.BOTH, Apart.ALL),
        _step("contested", "refuse", "done", "officer", Needs.EITHER, Apart.ALL),
        _step("allowed", "finish", "done", "officer", Needs.BASIS, Apart.LAST),
    ),
)
