"""What somebody who means ill, or is merely unlucky, tries on requests, contributions and reports of misuse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases.requests import actions as request_actions
from tests.integration.access.stage import PLUGINS, Dataset, Stage

from . import test_contributions as voices
from . import test_misuse as misuse
from . import test_requests as requests
from .scene import own_dataset, state_of
from .test_corrections import people, told

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-18", "LYG-25", "GY-c5", "YZ-28"),
    pytest.mark.usefixtures("unlimited"),
]
NAMED = "张三欠费13800000000"


@pytest.fixture
def data(stage: Stage) -> Iterator[Dataset]:
    yield own_dataset(stage, "conditional", "voices")
    model.Session.rollback()


@pytest.fixture
def known(keep: Callable[[str, str], Dataset]) -> Dataset:
    """A dataset for tests that do not mind what others say of it."""
    return keep("conditional", "voices")


def in_a_thread(work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            model.Session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_voice_that_comes_while_its_request_is_joined_is_not_lost(
    app: Any, stage: Stage, known: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (requests.file(app, stage) for _ in range(2))
    for number in (one, other):
        requests.show(app, stage, known, number)

    def meanwhile(_: str) -> None:
        monkeypatch.setattr(request_actions.limits, "demand", lambda _: None)
        joining = in_a_thread(lambda: requests.step(app, stage, "operator", one, "join", into=other))
        joining.join(10)

    monkeypatch.setattr(request_actions.limits, "demand", meanwhile)
    answer = requests.ask(app, stage, "running", "support", number=one)
    (person,) = people(stage, "running")
    kept = sa.text("SELECT case_id FROM govdata_data_request_voice WHERE user_id = :user")
    model.Session.rollback()
    cases = set(model.Session.scalars(kept, {"user": person}))
    assert answer.status_code == 409 or requests.row_of(other).case_id in cases


def test_two_requests_are_not_joined_to_each_other(
    app: Any, stage: Stage, known: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (requests.file(app, stage) for _ in range(2))
    for number in (one, other):
        requests.show(app, stage, known, number)
    taking, threads = request_actions.cases.take, []

    def meanwhile(*given: Any, **more: Any) -> Any:
        if not threads:
            threads.append(in_a_thread(lambda: requests.step(app, stage, "authority", other, "join", into=one)))
            threads[0].join(1)
        return taking(*given, **more)

    monkeypatch.setattr(request_actions.cases, "take", meanwhile)
    requests.step(app, stage, "operator", one, "join", into=other)
    threads[0].join(10)
    assert sorted(state_of(requests.row_of(number).case_id) for number in (one, other)) == ["joined", "shown"]


def test_what_is_said_of_shut_data_is_shown_nowhere(app: Any, stage: Stage, data: Dataset) -> None:
    words = f"停车助手{data.id[:8]}"
    case = voices.say(app, stage, data, kind="reuse", title="停车", text=words, url="https://a.example")
    voices.step(app, stage, "operator", case, "show")
    assert words in voices.in_public(app, data)
    call_action("govdata_shut", {"user": "administrator"}, id=data.id, reason="疑似泄露")
    assert words not in voices.in_public(app, data)


def test_an_answer_does_not_stay_under_another_question(app: Any, stage: Stage, known: Dataset) -> None:
    case = voices.say(app, stage, known)
    voices.step(app, stage, "operator", case, "show")
    voices.step(app, stage, "own_agency", case, "answer", reason="是的，每月更新")
    voices.result(app, stage, "running", "edit", id=case, text="数据是编造的吗")
    voices.step(app, stage, "operator", case, "show")
    assert "是的，每月更新" not in voices.in_public(app, known)


def test_the_operator_shows_only_what_they_have_read(app: Any, stage: Stage, known: Dataset) -> None:
    case = voices.say(app, stage, known)
    read = voices.result(app, stage, "operator", "show", id=case)["at"]
    voices.result(app, stage, "running", "edit", id=case, text=NAMED)
    assert voices.step(app, stage, "operator", case, "show", seen=read).status_code == 409
    assert NAMED not in voices.in_public(app, known)
    read = voices.result(app, stage, "operator", "show", id=case)["at"]
    assert voices.step(app, stage, "operator", case, "show", seen=read).status_code == 200
    page = app.get(f"/voices/{case}", headers=stage.headers("operator")).get_data(as_text=True)
    assert 'name="seen"' not in page or read in page


def test_an_agency_does_not_read_whose_words_it_answers(app: Any, stage: Stage, known: Dataset) -> None:
    case = voices.say(app, stage, known)
    voices.step(app, stage, "operator", case, "show")
    voices.step(app, stage, "signed_in", case, "report", reason="广告")
    shown = str(voices.result(app, stage, "own_agency", "show", id=case))
    assert not [one for one in people(stage, "running", "signed_in") if one in shown]


def test_a_handler_hears_of_what_is_added_to_a_report(app: Any, stage: Stage, known: Dataset) -> None:
    follow, case = misuse.report(app, stage)
    misuse.result(app, stage, "anonymous", "add", **follow, text="还有")
    assert told(case, "misuse_added") == [], "nobody has taken it"
    misuse.step(app, stage, "operator", case, "examine")
    misuse.result(app, stage, "anonymous", "add", **follow, text="还有照片")
    assert told(case, "misuse_added") == people(stage, "operator")


def set_account(user_id: str, state: str) -> None:
    user = model.User.get(user_id)
    assert user is not None
    user.state = state
    model.Session.commit()


def test_a_report_of_misuse_whose_handler_is_gone_is_taken_by_another(app: Any, stage: Stage, known: Dataset) -> None:
    _, case = misuse.report(app, stage)
    assert misuse.step(app, stage, "operator", case, "examine").status_code == 200
    (handler,) = people(stage, "operator")
    order = {"id": case, "officer": "authority", "reason": "前任离职"}
    address, headers = "/api/3/action/govdata_case_hand_over", stage.headers("authority")
    assert app.post(address, json=order, headers=headers).status_code == 403, "while its handler is there"
    set_account(handler, "deleted")
    try:
        assert app.post(address, json=order, headers=headers).status_code == 200
    finally:
        set_account(handler, "active")
    assert misuse.result(app, stage, "authority", "show", id=case)["text"] == misuse.WORDS
    assert "text" not in misuse.result(app, stage, "operator", "show", id=case)
