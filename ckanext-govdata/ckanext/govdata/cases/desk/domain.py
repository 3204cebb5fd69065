"""Which cases stand on which desk, and in which states they wait for somebody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...roles.domain import Actor, Permission, permits
from ..withdrawal.domain import WAITS_IN as WITHDRAWAL_WAITS_IN


@dataclass(frozen=True)
class Kind:
    """A kind of case on the desk: who sees it, the states in which it waits (None for every one that is not final), and those in
    which it is settled beside the final ones."""

    permission: Permission
    waits_in: tuple[str, ...] | None = None
    settled_in: tuple[str, ...] = ()


# Agreements have a desk of their own: one that runs waits for nobody.
KINDS: Mapping[str, Kind] = {
    "application": Kind(
        Permission.APPLICATION_READ,
        ("submitted", "resubmitted", "approved", "appealed", "coordinating", "sent_back"),
    ),
    "objection": Kind(Permission.OBJECTION_HANDLE, ("filed", "checking", "looked_at")),
    "withdrawal": Kind(Permission.WITHDRAWAL_HANDLE, WITHDRAWAL_WAITS_IN, ("dismissed",)),
    "data-request": Kind(Permission.REQUEST_HANDLE, ("filed", "shown", "agreed")),
    "misuse-report": Kind(Permission.MISUSE_HANDLE),
    "contribution": Kind(Permission.CONTRIBUTION_HANDLE, ("handed_in", "reported")),
}
# What its applicant has not handed in is nobody else's.
NEVER = (("application", "draft"), ("application", "discarded"))
# What a report says is its handler's alone; so are who has it next, and notes on it.
HANDLER_ALONE = frozenset({"misuse-report"})


def seen_by(actor: Actor) -> dict[str, frozenset[str] | None]:
    """The kinds that the actor sees, each with the agencies whose cases they see; None for every agency's."""
    found: dict[str, frozenset[str] | None] = {}
    for machine, kind in KINDS.items():
        if permits(actor, kind.permission).allowed:
            found[machine] = None
            continue
        own = frozenset(one for one in actor.agencies if permits(actor, kind.permission, one).allowed)
        if own:
            found[machine] = own
    return found


def may_see(actor: Actor, machine: str, agency: str | None) -> bool:
    """Whether a case of this kind and agency stands on the actor's desk."""
    seen = seen_by(actor)
    agencies = seen.get(machine)
    return machine in seen and (agencies is None or agency in agencies)
