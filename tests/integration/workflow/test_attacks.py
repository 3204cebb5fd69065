"""Raw SQL as the portal's role does not skip a step, decide twice, refuse without reason, or edit history."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.ledger import journal
from ckanext.govdata.workflow import cases, installing
from ckanext.govdata.workflow.domain import Needs
from ckanext.govdata.workflow.model import CaseEvent, TransitionRow

from ...workflow_trial import TRIAL

EVENT = """
INSERT INTO govdata_case_event
    (case_id, n, machine, from_state, command, to_state, role, done_by, done_at, needs, reason, basis, facts, entry)
VALUES (:case, :n, 'trial', :from_state, :command, :to_state, :role, :by, now(), :needs, :reason, :basis, '{}', :entry)
"""
STEP = {
    "n": 2,
    "from_state": "asked",
    "command": "allow",
    "to_state": "allowed",
    "role": "officer",
    "by": "li",
    "needs": "none",
    "reason": "",
    "basis": "",
}


def _entry(case_id: str, command: str, n: int) -> str:
    return str(journal.change(f"trial-{command}", "li", {"govdata.case.id": case_id, "govdata.case.n": n}))


def _insert(case_id: str, **changed: Any) -> None:
    given = {**STEP, **changed, "case": case_id}
    given.setdefault("entry", _entry(case_id, given["command"], given["n"]))
    model.Session.execute(sa.text(EVENT), given)
    model.Session.commit()


def _refused(do: Callable[[], Any], words: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match=words):
        do()
    model.Session.rollback()


def _execute(statement: str, **given: Any) -> Callable[[], None]:
    def run() -> None:
        model.Session.execute(sa.text(statement), given)
        model.Session.commit()

    return run


def test_an_event_by_raw_sql_that_follows_the_rules_moves_the_case(trial: Callable[..., str]) -> None:
    case_id = trial()
    _insert(case_id)
    case = cases.get(case_id)
    assert case is not None
    assert (case.state, case.n) == ("allowed", 2)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"n": 3}, "does not follow"),
    ({"n": 1, "from_state": ""}, "does not follow"),
    ({"from_state": "contested"}, "does not follow"),
    ({"command": "finish", "to_state": "done"}, "no transition"),
    ({"to_state": "done"}, "no transition"),
    ({"role": "asker"}, "no transition"),
    ({"by": "wang"}, "another person"),
    ({"by": ""}, "done_by"),
    ({"command": "refuse", "to_state": "refused"}, "govdata_case_event_words"),
    ({"command": "refuse", "to_state": "refused", "needs": "none"}, "govdata_case_event_words"),
    ({"command": "refuse", "to_state": "refused", "reason": " \n"}, "govdata_case_event_words"),
    ({"entry": str(uuid.uuid4())}, "no entry in the ledger"),
]


def test_an_event_that_does_not_follow_the_rules_is_refused(trial: Callable[..., str]) -> None:
    case_id = trial()
    for changed, words in WRONG:
        _refused(lambda given=changed: _insert(case_id, **given), words)


def test_a_refusal_states_what_the_case_demands_whatever_the_writer_says(trial: Callable[..., str]) -> None:
    case_id = trial(demands=Needs.BOTH)
    half = {"command": "refuse", "to_state": "refused", "reason": "不符合条件", "needs": "reason"}
    _refused(lambda: _insert(case_id, **half), "govdata_case_event_words")
    _insert(case_id, **half, basis="第二十二条")


def test_an_entry_of_another_step_does_not_serve(trial: Callable[..., str]) -> None:
    case_id, other = trial(), trial()
    for wrong in (_entry(other, "allow", 2), _entry(case_id, "refuse", 2), _entry(case_id, "allow", 3)):
        _refused(lambda entry=wrong: _insert(case_id, entry=entry), "no entry in the ledger")


def test_nothing_is_decided_twice(trial: Callable[..., str]) -> None:
    case_id = trial()
    _insert(case_id)
    _refused(lambda: _insert(case_id), "does not follow")
    _refused(lambda: _insert(case_id, n=3), "does not follow")


EDITS = [
    "UPDATE govdata_case SET state = 'done' WHERE id = :id",
    "UPDATE govdata_case SET n = 2 WHERE id = :id",
    "UPDATE govdata_case SET n = 0, state = '' WHERE id = :id",
    "UPDATE govdata_case SET moved_at = now() - interval '9 days' WHERE id = :id",
    "UPDATE govdata_case SET demands = 'reason' WHERE id = :id",
    "UPDATE govdata_case SET opened_by = 'li' WHERE id = :id",
    "UPDATE govdata_case SET opened_at = now() WHERE id = :id",
    "UPDATE govdata_case SET party = 'another' WHERE id = :id",
    "UPDATE govdata_case SET dataset = 'another' WHERE id = :id",
    "UPDATE govdata_case SET machine = 'another' WHERE id = :id",
    "DELETE FROM govdata_case WHERE id = :id",
    "DELETE FROM govdata_case_event WHERE case_id = :id",
    "UPDATE govdata_case_event SET reason = 'better' WHERE case_id = :id",
    "UPDATE govdata_case_event SET done_at = now() WHERE case_id = :id",
    "UPDATE govdata_case_event SET done_by = 'li' WHERE case_id = :id",
    "TRUNCATE govdata_case_event CASCADE",
    "TRUNCATE govdata_case CASCADE",
    "SET LOCAL session_replication_role = replica; DELETE FROM govdata_case_event WHERE case_id = :id",
    "UPDATE govdata_transition SET needs = 'none' WHERE machine = 'trial'",
    "DELETE FROM govdata_transition WHERE machine = 'trial'",
    "TRUNCATE govdata_transition CASCADE",
    "INSERT INTO govdata_transition VALUES ('trial', 'asked', 'finish', 'done', 'officer', 'none', 'none', true)",
    "UPDATE govdata_machine SET version = 9 WHERE name = 'trial'",
]


def test_rows_are_not_edited(trial: Callable[..., str]) -> None:
    case_id = trial()
    for statement in EDITS:
        _refused(_execute(statement, id=case_id), "history|moves by its events|does not change|on record")
    case = cases.get(case_id)
    assert case is not None
    assert (case.state, case.n, len(cases.events(case_id))) == ("asked", 1, 1)


def test_a_case_without_a_first_event_is_not_committed(trial: Callable[..., str]) -> None:
    trial()
    words = "INSERT INTO govdata_case (id, machine, state, n, subject, opened_by, opened_at, moved_at) VALUES "
    empty = "('bare', 'trial', '', 0, '', 'wang', now(), now())"
    _refused(_execute(words + empty), "govdata_case_stands")
    _refused(_execute(words + empty.replace("'', 0", "'done', 5")), "before its first event")


def test_objects_are_refused_like_statements(trial: Callable[..., str]) -> None:
    case = cases.get(trial())
    assert case is not None
    case.state = "done"
    _refused(model.Session.commit, "moves by its events")
    event = cases.events(case.id)[0]
    event.reason = "besser"
    _refused(model.Session.commit, "history")
    model.Session.delete(model.Session.get_one(CaseEvent, (case.id, 1)))
    _refused(model.Session.commit, "history")


def test_a_machine_that_changes_keeps_its_old_rows_for_history(trial: Callable[..., str]) -> None:
    case_id = trial()
    by_portal = [replace(one, roles=frozenset({"portal"})) for one in TRIAL.transitions if one.command == "drop"]
    others = [one for one in TRIAL.transitions if one.command != "drop"]
    installing.ensure(replace(TRIAL, version=2, transitions=(*others, *by_portal)))
    rows = sa.select(TransitionRow.in_force).where(
        TransitionRow.machine == "trial", TransitionRow.command == "drop", TransitionRow.role == "asker"
    )
    assert set(model.Session.scalars(rows)) == {False}
    dropped = {"command": "drop", "to_state": "dropped", "role": "asker", "by": "wang"}
    _refused(lambda: _insert(case_id, **dropped), "no transition")
    # A process that still has the older code leaves the newer table as it is.
    installing.ensure(TRIAL)
    assert set(model.Session.scalars(rows)) == {False}
    model.Session.commit()
    installing.ensure(replace(TRIAL, version=3))
    assert set(model.Session.scalars(rows)) == {True}
