"""What people say of data: by verified accounts, shown after a look, under a pseudonym, changed, deleted, reported, answered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.cases.contributions import actions as contribution_actions
from ckanext.govdata.cases.contributions.domain import (
    VISIBLE_IN,
    Kind,
    is_web_address,
    mistakes,
    pseudonym,
)
from ckanext.govdata.cases.contributions.machine import CONTRIBUTION
from ckanext.govdata.cases.contributions.model import Contribution
from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.model import Case
from tests.integration.access.stage import PLUGINS, Dataset, Stage, entries

from .scene import asking, own_dataset, state_of

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-18", "LYG-29", "GY-c6"),
]
WORDS = "泊位数多久更新一次"
PERSONS = {"author": "running", "reader": "signed_in", "agency": "own_agency", "operator": "operator"}
ask, result = asking("govdata_contribution_")


@pytest.fixture
def data(stage: Stage, unlimited: None) -> Iterator[Dataset]:
    yield own_dataset(stage, "unconditional", "said")
    model.Session.rollback()


def say(app: Any, stage: Stage, data: Dataset, visitor: str = "running", **more: Any) -> str:
    return result(app, stage, visitor, "hand_in", id=data.name, **{"kind": "question", "text": WORDS, **more})["id"]


def step(app: Any, stage: Stage, visitor: str, case: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "step", id=case, command=command, **more)


def in_public(app: Any, data: Dataset) -> str:
    addresses = (
        f"/dataset/{data.name}", f"/dataset/{data.name}/voices?kind=question", f"/dataset/{data.name}/voices?kind=rating",
        "/showcase", f"/api/3/action/govdata_contribution_list?id={data.name}", "/api/3/action/govdata_contribution_list",
    )  # fmt: skip
    return "".join(app.get(one).get_data(as_text=True) for one in addresses)


def test_a_question_is_shown_after_a_look_answered_by_the_agency_and_names_nobody(
    app: Any, stage: Stage, data: Dataset
) -> None:
    case = say(app, stage, data)
    assert WORDS not in in_public(app, data)
    assert ask(app, stage, "signed_in", "show", id=case).status_code == 404
    assert step(app, stage, "running", case, "show").status_code == 409, "nobody shows their own"
    assert step(app, stage, "operator", case, "show").status_code == 200
    assert step(app, stage, "other_agency", case, "answer", reason="x").status_code == 409
    assert step(app, stage, "own_agency", case, "answer", reason="每月更新").status_code == 200
    read = in_public(app, data)
    assert WORDS in read
    assert "The agency answers" in read
    assert "每月更新" in read
    person = stage.people["running"] or {}
    assert person["id"] not in read
    assert WORDS not in str(entries())


@pytest.mark.parametrize("visitor", ["anonymous", "signed_in", "administrator"])
def test_only_verified_accounts_say_something(app: Any, stage: Stage, data: Dataset, visitor: str) -> None:
    assert ask(app, stage, visitor, "hand_in", id=data.name, kind="question", text=WORDS).status_code == 403


def test_an_account_rates_once_and_changes_its_rating_which_is_looked_at_again(
    app: Any, stage: Stage, data: Dataset
) -> None:
    case = say(app, stage, data, kind="rating", stars="4", text="")
    step(app, stage, "operator", case, "show")
    assert ask(app, stage, "running", "hand_in", id=data.name, kind="rating", stars="1").status_code == 409
    other = say(app, stage, data, "ended", kind="rating", stars="1", text="")
    step(app, stage, "operator", other, "show")
    summary = result(app, stage, "anonymous", "list", id=data.name)["summary"]
    assert (summary["ratings"], summary["stars"]) == (2, 2.5)
    assert result(app, stage, "running", "edit", id=case, stars="5")["state"] == "handed_in"
    assert result(app, stage, "anonymous", "list", id=data.name)["summary"]["ratings"] == 1
    assert ask(app, stage, "ended", "edit", id=case, stars="5").status_code == 404


def test_of_two_ratings_at_one_moment_the_second_is_refused_in_words(
    app: Any, stage: Stage, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found that there is none yet; the database tells them apart."""
    monkeypatch.setattr(contribution_actions, "_own_rating", lambda *_: False)
    say(app, stage, data, kind="rating", stars="4", text="")
    second = ask(app, stage, "running", "hand_in", id=data.name, kind="rating", stars="1")
    assert second.status_code == 409
    assert "Change your rating" in str(second.json["error"]["stars"])
    rows = sa.select(sa.func.count()).where(Contribution.package_id == data.id)
    assert model.Session.scalar(rows) == 1
    opened = sa.select(sa.func.count()).where(Case.dataset == data.id, Case.machine == "contribution")
    assert model.Session.scalar(opened) == 1, "nothing is left of the second"
    say(app, stage, data, text=WORDS)


def test_its_author_deletes_what_they_said_and_nothing_is_left_of_it(app: Any, stage: Stage, data: Dataset) -> None:
    case = say(app, stage, data)
    step(app, stage, "operator", case, "show")
    assert step(app, stage, "signed_in", case, "delete").status_code == 409
    assert step(app, stage, "running", case, "delete").status_code == 200
    assert WORDS not in in_public(app, data)
    model.Session.expire_all()
    row = model.Session.get(Contribution, case)
    assert row is not None
    assert (row.text, row.visible, row.living) == ("", False, False)
    assert ask(app, stage, "running", "show", id=case).status_code == 404


def test_what_a_reader_reports_stays_until_the_operator_hides_it_with_a_reason(
    app: Any, stage: Stage, data: Dataset
) -> None:
    case = say(app, stage, data)
    step(app, stage, "operator", case, "show")
    assert step(app, stage, "anonymous", case, "report", reason="广告").status_code == 403
    assert step(app, stage, "signed_in", case, "report", reason="广告").status_code == 200
    assert WORDS in in_public(app, data)
    assert step(app, stage, "operator", case, "hide").status_code == 409, "a reason is needed"
    assert step(app, stage, "operator", case, "hide", reason="含广告").status_code == 200
    assert WORDS not in in_public(app, data)
    assert result(app, stage, "running", "show", id=case)["hidden_because"] == "含广告"


@pytest.mark.parametrize(
    ("kind", "given", "wrong"),
    [
        ("rating", {"stars": "6"}, "stars"),
        ("question", {"text": "  "}, "text"),
        ("reuse", {"text": "x", "url": "https://a.example"}, "title"),
        ("reuse", {"text": "x", "title": "t", "url": "javascript:alert(1)"}, "url"),
        ("suggestion", {"text": "x" * 2001}, "text"),
    ],
)
def test_what_is_missing_or_wrong_is_said_by_field(kind: str, given: dict[str, str], wrong: str) -> None:
    assert list(mistakes(Kind(kind), {"stars": "", "title": "", "text": "", "url": "", **given})) == [wrong]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://app.example/x", True),
        ("http://数据.example", True),
        ("data:text/html,x", False),
        ("https://user@evil.example", False),
        ("https://localhost", False),
        ("//evil.example", False),
    ],
)
def test_links_lead_to_web_sites_alone(url: str, good: bool) -> None:
    assert is_web_address(url) is good


def test_a_pseudonym_is_one_account_s_and_says_nothing_without_the_key() -> None:
    assert pseudonym("u1", b"key") == pseudonym("u1", b"key")
    assert len({pseudonym("u1", b"key"), pseudonym("u2", b"key"), pseudonym("u1", b"other")}) == 3


def histories(app: Any, stage: Stage, data: Dataset, number_of: int) -> None:
    """Random commands by random people: legal states only, each step in the ledger, in public what is shown and nothing else."""
    draw = random.Random(5)
    taken = 0
    for number in range(number_of):
        words = f"{WORDS}{number}号"
        by = draw.choice(("running", "ended"))
        case = say(app, stage, data, by, text=words)
        for _ in range(draw.randrange(1, 6)):
            before = state_of(case)
            fitting = [one.command for one in CONTRIBUTION.steps_from(before)]
            command = draw.choice(fitting if fitting and draw.random() < 0.7 else (*CONTRIBUTION.commands, "nonsense"))
            known = CONTRIBUTION.step(before, command)
            right = [{**PERSONS, "author": by}[role] for role in sorted(known.roles)] if known else []
            who = draw.choice(right if right and draw.random() < 0.7 else (*PERSONS.values(), "ended", "other_agency"))
            if command == "edit":
                answer = ask(app, stage, who, "edit", id=case, text=words)
            else:
                answer = step(app, stage, who, case, command, reason="理由")
            taken += answer.status_code == 200
            assert state_of(case) == (known.to_state if answer.status_code == 200 and known else before)
        known_entries = {entry["event"]["id"] for entry in entries()} if number_of <= 20 else None
        assert known_entries is None or {one.entry for one in cases.events(case)} <= known_entries
        listed = str(result(app, stage, "anonymous", "list", id=data.name, kind="question", limit=200))
        assert (f"'{words}'" in listed) is (state_of(case) in VISIBLE_IN)
    assert taken > number_of / 2
    read = in_public(app, data)
    assert not [one for one in stage.people.values() if one and one["id"] in read]


def test_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 6)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_hundreds_of_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 180)
