"""The paths of objections and withdrawals as docs/objections.md and docs/withdrawal.md tell them, apart from the code."""

from __future__ import annotations

from ckanext.govdata.workflow.domain import Command, Standing

Paths = dict[tuple[str, str], tuple[str, set[str], bool]]
"""From which state by which command: to which state, by which roles, and whether a reason is needed."""

OFFICERS = {"agency", "operator", "authority", "portal"}
_ANSWERED = ("declined", "unfounded", "corrected")
OBJECTION_PATHS: Paths = {
    ("", "file"): ("filed", {"objector"}, False),
    ("filed", "accept"): ("checking", {"agency"}, False),
    ("filed", "decline"): ("declined", {"agency"}, True),
    ("checking", "correct"): ("corrected", {"agency"}, True),
    ("checking", "uphold-data"): ("unfounded", {"agency"}, True),
    **{(state, "look-again"): ("looked_at", {"objector"}, True) for state in _ANSWERED},
    **{(state, "close"): ("closed", {"portal", "authority", "operator"}, False) for state in _ANSWERED},
    ("looked_at", "send-back"): ("filed", {"authority"}, True),
    ("looked_at", "close"): ("closed", {"authority"}, True),
}
WITHDRAWAL_PATHS: Paths = {
    ("", "report"): ("reported", {"reporter", *OFFICERS}, False),
    ("", "withdraw"): ("withdrawn", OFFICERS, True),
    ("reported", "assess"): ("assessing", OFFICERS, False),
    ("reported", "withdraw"): ("withdrawn", OFFICERS, True),
    ("assessing", "withdraw"): ("withdrawn", OFFICERS, True),
    ("assessing", "dismiss"): ("dismissed", OFFICERS, True),
    ("withdrawn", "rework"): ("reworked", OFFICERS, True),
    ("withdrawn", "keep-closed"): ("kept_closed", OFFICERS, True),
    ("reworked", "keep-closed"): ("kept_closed", OFFICERS, True),
    ("reworked", "propose"): ("proposed", OFFICERS, True),
    ("proposed", "turn-down"): ("reworked", OFFICERS, True),
    ("proposed", "open-again"): ("opened", OFFICERS, False),
}
# What whoever opened a case may do in it themselves: of an objection only to ask for another look, of a leak all but to say
# that there is none, and to open what one has proposed oneself.
OWN: dict[str, set[str]] = {
    "objection": {"look-again"},
    "withdrawal": {name for _, name in WITHDRAWAL_PATHS} - {"dismiss", "report"},
}


def expected(paths: Paths, standing: Standing, command: Command) -> str | None:
    """In which state a command leaves the case; None where it is refused."""
    found = paths.get((standing.state, command.name))
    if found is None:
        return None
    state, roles, needs_reason = found
    if command.role not in roles or (needs_reason and not command.reason.strip()):
        return None
    opened = bool(standing.n)
    if opened and paths is OBJECTION_PATHS and command.name != "look-again" and command.by == standing.opened_by:
        return None
    if command.name == "dismiss" and command.by == standing.opened_by:
        return None
    return None if command.name == "open-again" and command.by == standing.acted[-1] else state
