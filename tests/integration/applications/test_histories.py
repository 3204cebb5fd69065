"""Random histories of applications and agreements: by actions, by objects, by statements of the portal's own role.

Whatever anybody tries: the rows stand where their events lead by the machine, and no grant runs but under an effective
agreement that its party signed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.granting import grant_under_agreement
from ckanext.govdata.access.model import Grant
from ckanext.govdata.agreements.applications.machine import APPLICATION
from ckanext.govdata.agreements.applications.model import Application
from ckanext.govdata.agreements.life import steps
from ckanext.govdata.agreements.life.machine import AGENCY, AGREEMENT, PORTAL, SUPERVISOR, USER
from ckanext.govdata.agreements.life.model import Agreement
from ckanext.govdata.columns import now
from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Machine
from ckanext.govdata.workflow.errors import WorkflowError
from ckanext.govdata.workflow.model import Case

from ...agreed import make_party, presented
from ...histories import all_in_the_ledger, at_once, event_by_hand, stands_as_its_events_say
from .scene import Scene
from .test_life import DAY

PEOPLE = (
    "data_user",
    "publisher",
    "decider",
    "second_decider",
    "authority",
    "operator",
    "other_publisher",
    "administrator",
)
WORDS = ("不符合条件", "", " ")
Given = Mapping[str, tuple[Any, ...]]
_SAID: Given = {"reason": WORDS}
_BROKEN: Given = {**_SAID, "breach": ("attack", "made_up"), "clause": ("security", "no_third_party", "made_up")}
# Actions with the values that are drawn for their fields; the first ones are right.
ON_APPLICATIONS: Mapping[str, Given] = {
    "submit": {},
    "withdraw": _SAID,
    "discard": {},
    "return": {**_SAID, "missing": ({"scenario": "请写明"}, {"made_up": "资产负债表"}, {})},
    "complete": {},
    "advise": _SAID,
    "extension_ask": _SAID,
    "extend": {**_SAID, "days": (1, 5)},
    "decide": {**_SAID, "accept": (True, False), "basis": ("第七条", "")},
    "supply": {},
    "appeal": _SAID,
    "coordinate": _SAID,
    "appeal_decide": {**_SAID, "uphold": (True, False)},
}
ON_AGREEMENTS: Mapping[str, Given] = {
    "decline": _SAID,
    "replace": _SAID,
    "notice": _BROKEN,
    "reply": _SAID,
    "drop": _SAID,
    "suspend": _BROKEN,
    "suspend_in_danger": _BROKEN,
    "resume": _SAID,
    "terminate": _BROKEN,
    "give_up": _SAID,
}
# The action of a command, where it is not called the same, and what it is given; and who acts in a role.
CALLED: Mapping[str, tuple[str, Mapping[str, bool]]] = {
    "ask-extension": ("extension_ask", {}),
    "approve": ("decide", {"accept": True}),
    "refuse": ("decide", {"accept": False}),
    "uphold": ("appeal_decide", {"uphold": True}),
    "send-back": ("appeal_decide", {"uphold": False}),
}
IN_ROLE: Mapping[str, tuple[str, ...]] = {
    "applicant": ("data_user",),
    "reviewer": ("publisher",),
    "decider": ("decider", "second_decider"),
    "authority": ("authority",),
    USER: ("data_user",),
    AGENCY: ("decider", "second_decider"),
    SUPERVISOR: ("operator",),
}
STATEMENTS = (
    "UPDATE govdata_case SET state = 'approved' WHERE id = :application",
    "UPDATE govdata_case SET n = n - 1 WHERE id IN (:application, :agreement)",
    "UPDATE govdata_case SET opened_by = 'somebody' WHERE id IN (:application, :agreement)",
    "DELETE FROM govdata_case_event WHERE case_id IN (:application, :agreement)",
    "UPDATE govdata_case_event SET done_by = 'somebody' WHERE case_id IN (:application, :agreement)",
    "DELETE FROM govdata_application WHERE id = :application",
    "UPDATE govdata_case SET state = 'effective' WHERE id = :agreement",
    "UPDATE govdata_agreement SET state = 'effective' WHERE id = :agreement",
    "UPDATE govdata_agreement SET party_id = 'somebody' WHERE id = :agreement",
    "DELETE FROM govdata_agreement WHERE id = :agreement",
    "UPDATE govdata_grant SET state = 'running' WHERE agreement = :agreement",
    "UPDATE govdata_grant SET party_id = 'somebody' WHERE agreement = :agreement",
    "UPDATE govdata_grant SET agreement = 'no-such' WHERE agreement = :agreement",
    "UPDATE govdata_grant SET ends_at = ends_at + interval '1 year' WHERE agreement = :agreement",
)
ROLES = {"decider": AGENCY, "second_decider": AGENCY, "data_user": USER, "operator": SUPERVISOR, PORTAL: PORTAL}


_REFUSED = (
    tk.ValidationError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
    WorkflowError,
    sa.exc.DatabaseError,
    LookupError,
)


class History:
    """An application, and the agreement that may come of it, or an agreement alone, among all who try their hands at them."""

    def __init__(self, scene: Scene, dice: random.Random, alone: bool) -> None:
        self.scene, self.dice = scene, dice
        self.application, self.agreement = "" if alone else scene.draft(), ""
        self.ran = False

    def begin(self, papers: bool) -> None:
        """Some way along the usual road, so that late states are tried as often as early ones."""
        road = self.dice.randrange(8) if self.application else self.dice.randrange(3, 8)
        if self.application and road >= 1:
            self.scene.call("application_submit", "data_user", id=self.application)
        if self.application and road >= 3:
            self.scene.call("application_decide", "decider", id=self.application, accept=True)
        if road >= 3:
            self._present(papers and bool(self.application))
        if road >= 5 and self._row().state == "presented":
            for command in ("sign", "seal", "take-effect"):
                steps.move(self._row(), command, "data_user" if command == "sign" else "decider", _side(command))
            model.Session.commit()

    def _present(self, papers: bool) -> None:
        if papers:
            made = self.scene.call("agreement_present", "decider", id=self.application)
            self.agreement = made["id"]
            self.scene.sign(made)
            self.scene.seal(made)
            return
        days = {"starts_at": now() - DAY, "ends_at": now() + 300 * DAY}
        row = presented(self.scene.entry["id"], self.scene.party, application_id=self.application or None, **days)
        model.Session.commit()
        self.agreement = row.id

    def _row(self) -> Agreement:
        return model.Session.get_one(Agreement, self.agreement, populate_existing=True)

    def _either(self) -> tuple[Machine, str]:
        both = [(APPLICATION, self.application)] if self.application else []
        if self.agreement:
            both += [(AGREEMENT, self.agreement)] * 2
        return self.dice.choice(both)

    def _command(self, machine: Machine) -> Command:
        choice = self.dice.choice
        by = choice([*PEOPLE, PORTAL])
        return Command(choice(list(machine.commands)), by, choice(list(machine.roles)), choice(WORDS), choice(WORDS))

    def by_action(self) -> None:
        """An action: one that would do here, by who may, or whatever comes to somebody's mind."""
        machine, id = self._either()
        table = ON_APPLICATIONS if machine is APPLICATION else ON_AGREEMENTS
        name, who, given = self._fitting(machine, id) if self.dice.random() < 0.5 else ("", "", {})
        if name not in table:
            name, who = self.dice.choice(list(table)), self.dice.choice(PEOPLE)
            given = {field: self.dice.choice(values) for field, values in table[name].items()}
        else:
            given = {field: values[0] for field, values in table[name].items()} | dict(given)
        self.scene.call(f"{machine.name}_{name}", who, id=id, **given)

    def _fitting(self, machine: Machine, id: str) -> tuple[str, str, Mapping[str, bool]]:
        steps_on = machine.steps_from(model.Session.get_one(Case, id, populate_existing=True).state)
        if not steps_on:
            return "", "", {}
        step = self.dice.choice(steps_on)
        name, given = CALLED.get(step.command, (step.command.replace("-", "_"), {}))
        people = [who for role in sorted(step.roles) for who in IN_ROLE.get(role, ())]
        return name, self.dice.choice(people or PEOPLE), given

    def by_step(self) -> None:
        machine, id = self._either()
        one = self._command(machine)
        words = {"reason": one.reason, "basis": one.basis}
        if machine is AGREEMENT:
            by = self.dice.choice(list(ROLES))
            steps.move(self._row(), one.name, by, ROLES[by], **words)
        else:
            cases.take(id, one.name, one.by, one.role, **words)

    def by_event(self) -> None:
        machine, id = self._either()
        event_by_hand(machine, id, self._command(machine), self.dice)

    def by_object(self) -> None:
        choice = self.dice.choice
        case = model.Session.get_one(Case, choice([one for one in (self.application, self.agreement) if one]))
        setattr(case, *choice([("state", "approved"), ("state", "effective"), ("n", case.n + 1), ("opened_by", "sun")]))
        if self.agreement and choice([True, False]):
            setattr(self._row(), *choice([("state", "effective"), ("ends_at", now() + 900 * DAY), ("party_id", "sun")]))
        model.Session.flush()

    def by_statement(self) -> None:
        given = {"application": self.application, "agreement": self.agreement}
        statement = sa.text(self.dice.choice(STATEMENTS))
        done = model.Session.execute(statement, {name: given[name] for name in statement.compile().params})
        if not getattr(done, "rowcount", 0):
            raise LookupError("nothing to change")

    def by_grant(self) -> None:
        if not self.agreement:
            raise LookupError("no agreement yet")
        row = self._row()
        last = row.ends_at + self.dice.choice([0, 1]) * DAY
        whose = self.dice.choice([row.party_id, row.party_id, "somebody"])
        grant_under_agreement(row.package_id, whose, row.id, row.starts_at, last, "wild")

    def try_once(self) -> tuple[str, bool]:
        """One thing that somebody tries, by one of the ways in; which, and whether it was taken."""
        name = self.dice.choice(
            [*["by_action"] * 5, "by_step", "by_step", "by_event", "by_object", "by_statement", "by_grant"]
        )
        way: Callable[[], None] = getattr(self, name)
        try:
            way()
            model.Session.commit()
            return name, True
        except _REFUSED:
            model.Session.rollback()
            return name, False

    def holds(self) -> None:
        """No grant runs but under an effective agreement; asked after each thing tried."""
        if self.agreement:
            running = sa.select(Agreement.state).join(Grant, Grant.agreement == Agreement.id)
            running = running.where(Agreement.id == self.agreement, Grant.state == "running")
            states = model.Session.scalars(running).all()
            self.ran = self.ran or bool(states)
            assert set(states) <= {"effective", "noticed"}

    def led_here(self) -> None:
        """Nothing stands where the machines do not lead; events are never taken back, so it is asked at the end."""
        if self.application:
            stands_as_its_events_say(APPLICATION, self.application)
            assert model.Session.get(Application, self.application) is not None
        if self.agreement:
            stands_as_its_events_say(AGREEMENT, self.agreement)
            assert self._row().state == model.Session.get_one(Case, self.agreement).state

    def end(self) -> None:
        """The party is free for the next history: it has one grant of a dataset at a time."""
        if self.agreement and self._row().state in ("effective", "noticed", "suspended"):
            steps.move(self._row(), "give-up", "data_user", USER)
            model.Session.commit()


def _side(command: str) -> str:
    return {"sign": USER, "seal": AGENCY, "take-effect": PORTAL}[command]


_WRONG = """
SELECT count(*) FROM govdata_grant g WHERE g.kind = 'agreement' AND g.state = 'running' AND NOT EXISTS (
    SELECT 1 FROM govdata_agreement a
    JOIN govdata_case_event signed ON signed.case_id = a.id AND signed.command = 'sign' AND signed.role = 'user'
    JOIN govdata_case_event sealed ON sealed.case_id = a.id AND sealed.command = 'take-effect'
    JOIN govdata_case c ON c.id = a.id
    WHERE a.id = g.agreement AND a.party_id = g.party_id AND a.package_id = g.package_id AND c.party = g.party_id
    AND c.state IN ('effective', 'noticed') AND a.starts_at <= g.starts_at AND g.ends_at <= a.ends_at
)
"""


def _histories(scene: Scene, count: int, seed: int, alone: float = 0, papers: float = 0) -> Counter[str]:
    """So many random histories; how often each way was taken and refused, and in how many a grant ran.

    In `alone` of them there is an agreement without an application, in `papers` of the others it is signed on paper: those take
    most of the time.
    """
    dice, told = random.Random(seed), Counter[str]()
    for _ in range(count):
        one = History(scene, dice, dice.random() < alone)
        one.begin(dice.random() < papers)
        for _ in range(dice.randrange(2, 8)):
            name, taken = one.try_once()
            told[f"{name} {'taken' if taken else 'refused'}"] += 1
            one.holds()
        one.led_here()
        assert model.Session.scalar(sa.text(_WRONG)) == 0
        one.end()
        told["a grant ran"] += one.ran
        told["histories"] += 1
    return told


@pytest.mark.requirement("LYG-19", "LYG-21", "YZ-27")
def test_no_history_leads_where_the_machines_do_not_or_leaves_a_live_grant_without_agreement(scene: Scene) -> None:
    told = _histories(scene, 12, seed=11, alone=0.5)
    all_in_the_ledger()
    assert told["a grant ran"] and told["by_action taken"] and told["by_action refused"]


_PROCESSES = 2


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.requirement("LYG-19", "LYG-21")
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_histories_lead_nowhere_else_and_leave_no_live_grant_without_agreement(
    scene: Scene, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A thousand in each part, walked by processes side by side, each with a party of its own."""
    parties = [make_party(scene.people["data_user"]["id"]) for _ in range(_PROCESSES)]

    def walk(number: int) -> Counter[str]:
        own = Scene(scene.people, scene.entry, parties[number])
        seed = 20261128 + _PROCESSES * part + number
        return _histories(own, 1_000 // _PROCESSES, seed, alone=0.75, papers=0.02)

    told: Counter[str] = sum(at_once(walk, _PROCESSES, 3000), Counter())
    all_in_the_ledger()
    with capsys.disabled():
        print(f"\nthousand {part + 1}: {dict(sorted(told.items()))}")
    assert told["histories"] == 1_000 and told["a grant ran"] > 100


def _decide(scene: Scene, application: str, number: int) -> str:
    """Both deciders of the agency, in turn, one for it and the next against."""
    accept = number % 3 != 0
    try:
        given = {"id": application, "accept": accept, "reason": "" if accept else "不符合条件"}
        scene.call("application_decide", ("decider", "second_decider")[number % 2], **given)
    except (tk.ValidationError, tk.NotAuthorized):
        return "late"
    return "approve" if accept else "refuse"


@pytest.mark.requirement("LYG-19")
@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.long)])
def test_of_many_processes_that_decide_one_application_one_decides(scene: Scene, count: int) -> None:
    application = scene.submitted()
    answers = at_once(lambda number: _decide(scene, application, number), count)
    decided = [answer for answer in answers if answer != "late"]
    assert len(decided) == 1
    assert [event.command for event in cases.events(application)] == ["draft", "submit", decided[0]]
    stands_as_its_events_say(APPLICATION, application)
