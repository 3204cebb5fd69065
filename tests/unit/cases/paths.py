"""The paths of all kinds of cases as docs/ tells them (objections.md, withdrawal.md and so on), apart from the code."""

from __future__ import annotations

from dataclasses import dataclass

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
    ("dismissed", "look-again"): ("looked_at", {"reporter"}, True),
    ("looked_at", "assess"): ("assessing", {"authority"}, False),
    ("looked_at", "withdraw"): ("withdrawn", OFFICERS, True),
    ("looked_at", "close"): ("closed", {"authority"}, True),
    ("withdrawn", "rework"): ("reworked", OFFICERS, True),
    ("withdrawn", "keep-closed"): ("kept_closed", OFFICERS, True),
    ("reworked", "keep-closed"): ("kept_closed", OFFICERS, True),
    ("reworked", "propose"): ("proposed", OFFICERS, True),
    ("proposed", "turn-down"): ("reworked", OFFICERS, True),
    ("proposed", "open-again"): ("opened", OFFICERS, False),
}
_EITHER = {"operator", "authority"}
REQUEST_PATHS: Paths = {
    ("", "file"): ("filed", {"asker"}, False),
    ("filed", "show"): ("shown", {"operator"}, False),
    ("filed", "turn-away"): ("not_shown", {"operator"}, True),
    **{(state, "join"): ("joined", _EITHER, False) for state in ("filed", "shown")},
    **{(state, "take-back"): ("taken_back", {"asker"}, False) for state in ("filed", "shown")},
    ("shown", "pass-on"): ("shown", {"agency", *_EITHER}, True),
    ("shown", "agree"): ("agreed", {"agency"}, False),
    ("agreed", "postpone"): ("agreed", {"agency"}, True),
    **{(state, "refuse"): ("refused", {"agency"}, True) for state in ("shown", "agreed")},
    **{(state, "fulfil"): ("fulfilled", {"agency"}, False) for state in ("shown", "agreed")},
}
_READ = ("shown", "reported")
CONTRIBUTION_PATHS: Paths = {
    ("", "hand-in"): ("handed_in", {"author"}, False),
    **{(state, "show"): ("shown", {"operator"}, False) for state in ("handed_in", "reported", "hidden")},
    **{(state, "hide"): ("hidden", {"operator"}, True) for state in ("handed_in", *_READ)},
    ("shown", "report"): ("reported", {"reader"}, False),
    **{(state, "answer"): (state, {"agency"}, True) for state in _READ},
    **{(state, "edit"): ("handed_in", {"author"}, False) for state in ("handed_in", "hidden", *_READ)},
    **{(state, "delete"): ("deleted", {"author"}, False) for state in ("handed_in", "hidden", *_READ)},
}
_TAKEN = ("examining", "measures")
MISUSE_PATHS: Paths = {
    ("", "report"): ("reported", {"reporter"}, False),
    **{(state, "add"): (state, {"reporter"}, False) for state in ("reported", *_TAKEN)},
    ("reported", "examine"): ("examining", _EITHER, False),
    **{(state, step): (state, _EITHER, False) for state in _TAKEN for step in ("ask", "tie")},
    **{(state, "notice"): ("measures", _EITHER, False) for state in _TAKEN},
    **{(state, "settle"): ("settled", _EITHER, True) for state in _TAKEN},
    ("examining", "dismiss"): ("unfounded", _EITHER, True),
}


@dataclass(frozen=True)
class Told:
    """A kind of case as the documentation tells it: its paths, what whoever opened a case may do in it themselves, and what
    nobody does who has acted in it before."""

    paths: Paths
    own: set[str]
    by_others: frozenset[str] = frozenset()


# Of an objection only to ask for another look; of a leak all but to say that there is none, the second time too, and to open
# what one has proposed oneself. Who reports misuse is nowhere, so that nobody can be told from them.
TOLD = {
    "objection": Told(OBJECTION_PATHS, {"look-again"}),
    "withdrawal": Told(
        WITHDRAWAL_PATHS,
        {name for _, name in WITHDRAWAL_PATHS} - {"dismiss", "close", "report"},
        by_others=frozenset({"close"}),
    ),
    "request": Told(REQUEST_PATHS, {"take-back"}),
    "contribution": Told(CONTRIBUTION_PATHS, {"edit", "delete"}),
    "misuse": Told(MISUSE_PATHS, {name for _, name in MISUSE_PATHS}),
}


def expected(told: Told, standing: Standing, command: Command) -> str | None:
    """In which state a command leaves the case; None where it is refused."""
    found = told.paths.get((standing.state, command.name))
    if found is None:
        return None
    state, roles, needs_reason = found
    if command.role not in roles or (needs_reason and not command.reason.strip()):
        return None
    if standing.n and command.by == standing.opened_by and command.name not in told.own:
        return None
    if command.name in told.by_others and command.by in standing.acted:
        return None
    return None if command.name == "open-again" and command.by == standing.acted[-1] else state
