"""Terms on cases: started by the rule of the day of receipt, met, breached, extended, moved by a notice, each step on record."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata import clocks
from ckanext.govdata.clocks.importing import DayImportError, import_file
from ckanext.govdata.clocks.model import ClockEvent
from ckanext.govdata.clocks.sweeping import sweep
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.rules.errors import RulePackError
from tests.integration.once import entries

pytestmark = pytest.mark.usefixtures("staff")

People = dict[str, dict[str, Any]]
WithCity = Callable[[str], None]


def at(text: str) -> datetime.datetime:
    """A moment in Shanghai, as tables keep it."""
    local = datetime.datetime.fromisoformat(text + "+08:00")
    return local.astimezone(datetime.timezone.utc).replace(tzinfo=None)


RECEIVED = at("2026-09-22 09:30")  # a Tuesday; 10 working days: 23 24 28 29 30 Sept, 8 9 10(made up) 12 13 Oct
ANSWER = "open_application_answer"


def begin(staff: People, case: str = "case-1", received: datetime.datetime = RECEIVED, topic: str = ANSWER) -> Any:
    found = clocks.start(
        case, topic, received, by=staff["data_user"]["id"], agency_id=staff["agency"]["id"], thing="申请：停车场名录",
        link="/application/case-1", tell=[f"user:{staff['data_user']['id']}"],
    )  # fmt: skip
    model.Session.commit()
    return found


def told(text: str) -> set[str]:
    rows = model.Session.scalars(sa.select(Notice).where(Notice.text == text))
    return {str(model.User.get(row.user_id).name) for row in rows}


def events(case: str = "case-1") -> list[str]:
    rows = sa.select(ClockEvent.kind).join(clocks_table()).where(sa.text("case_id = :case")).order_by(ClockEvent.n)
    return list(model.Session.scalars(rows, {"case": case}))


def clocks_table() -> Any:
    from ckanext.govdata.clocks.model import Clock

    return Clock


@pytest.mark.requirement("LYG-19")
def test_in_lianyungang_an_application_is_answered_within_ten_working_days_by_the_statute(staff: People) -> None:
    clock = begin(staff)
    assert (clock.kind, clock.number, clock.article) == ("statutory", 10, "LYG-19")
    assert (str(clock.due_day), clock.due_at, clock.provisional) == ("2026-10-13", at("2026-10-14 00:00"), False)
    why = clocks.why("case-1")
    assert why
    kinds = {step["day"]: step["kind"] for step in why["steps"]}
    assert kinds["2026-09-22"] == "receipt"
    assert kinds["2026-09-25"] == "holiday"
    assert kinds["2026-10-10"] == "made_up"
    assert kinds["2026-10-11"] == "weekend"
    assert [step["number"] for step in why["steps"] if step["counted"]] == list(range(1, 11))


@pytest.mark.requirement("YZ-22", "YZ-25")
@pytest.mark.parametrize("topic", ["sharing_application_answer", "sharing_supply", "sharing_doubt"])
def test_yangzhous_draft_gives_five_working_days_that_are_not_called_statutory(
    staff: People, with_city: WithCity, topic: str
) -> None:
    with_city("yangzhou")
    clock = begin(staff, topic=topic)
    assert (clock.kind, clock.number) == ("pack", 5)
    assert clock.article in {"YZ-22", "YZ-25"}


@pytest.mark.parametrize("city", ["yangzhou", "dongchangfu", "guiyang", "zibo"])
def test_where_the_text_is_silent_the_answer_is_at_most_a_promise_and_called_one(
    staff: People, with_city: WithCity, city: str
) -> None:
    with_city(city)
    clock = begin(staff)
    assert (clock.kind, clock.article) == ("promise", "")
    assert "平台承诺" in clock.words


def test_a_topic_without_rule_and_promise_has_no_clock(staff: People) -> None:
    assert begin(staff, topic="authorised_operation_term") is None
    assert clocks.due("case-1") is None


def test_the_day_of_receipt_is_shanghais(staff: People) -> None:
    late, early = begin(staff, "late", at("2026-09-22 23:59")), begin(staff, "early", at("2026-09-23 00:00"))
    assert (str(late.due_day), str(early.due_day)) == ("2026-10-13", "2026-10-14")


def test_starting_twice_changes_nothing_and_another_receipt_is_refused(staff: People) -> None:
    first = begin(staff)
    assert begin(staff).id == first.id
    assert events() == ["started"]
    with pytest.raises(clocks.ClockRefused):
        begin(staff, received=at("2026-09-23 09:30"))


def test_an_answer_in_time_leaves_no_breach_and_one_at_midnight_is_late(staff: People) -> None:
    begin(staff)
    [met] = clocks.meet("case-1", by=staff["decider"]["id"], at=at("2026-10-13 23:59:59"))
    assert (met.state, met.breached_at) == ("met", None)
    begin(staff, "case-2")
    [late] = clocks.meet("case-2", by=staff["decider"]["id"], at=at("2026-10-14 00:00"))
    assert (late.state, late.breached_at) == ("met", at("2026-10-14 00:00"))
    assert told("clock_breached") == {"decider", "publisher", "authority"}


@pytest.mark.requirement("LYG-39")
def test_a_worker_that_slept_three_days_loses_nothing_and_tells_nothing_twice(staff: People) -> None:
    for number in range(5):
        begin(staff, f"case-{number}", RECEIVED + timedelta(hours=number))
    clocks.meet("case-4", at=at("2026-10-12 10:00"))
    model.Session.commit()
    swept = sweep(at("2026-10-16 08:00"))
    assert (swept.breached, swept.reminded) == (4, 0)
    again = sweep(at("2026-10-16 08:01"))
    assert (again.breached, again.reminded, again.moved) == (0, 0, 0)
    assert len(entries("clock-breached")) == 4
    assert told("clock_breached") == {"decider", "publisher", "authority"}
    assert model.Session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.text == "clock_breached")) == 12
    view = clocks.due("case-0")
    assert view and (view.overdue, view.breached_at) == (True, at("2026-10-14 00:00"))


def test_several_sweeps_at_once_breach_each_term_once(staff: People) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(20):
        begin(staff, f"case-{number}")

    def one_sweep(_: int) -> int:
        try:
            return sweep(at("2026-10-16 08:00")).breached
        finally:
            model.Session.remove()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_sweep, range(4))) == 20
    assert model.Session.scalar(sa.select(sa.func.count(ClockEvent.id)).where(ClockEvent.kind == "breached")) == 20


def test_the_agency_is_reminded_once_before_the_end(staff: People) -> None:
    begin(staff)
    assert sweep(at("2026-10-10 23:00")).reminded == 0
    assert sweep(at("2026-10-11 08:00")).reminded == 1
    assert sweep(at("2026-10-11 08:01")).reminded == 0
    assert told("clock_reminder") == {"decider", "publisher"}


NOTICE = """\
year: 2027
version: {version}
source: 国务院办公厅关于2027年部分节假日安排的通知（测试用，虚构）
issued: 2026-11-05
off:
  new_year: [2027-01-01/2027-01-03]
  spring_festival: [2027-02-05/2027-02-{last}]
work:
  spring_festival: [2027-01-31, 2027-02-20]
"""


@pytest.fixture
def notice(tmp_path: Path) -> Callable[..., Path]:
    def write(version: int = 1, last: str = "13", text: str = NOTICE) -> Path:
        path = tmp_path / "2027.yaml"
        path.write_text(text.format(version=version, last=last), encoding="utf-8")
        return path

    return write


@pytest.mark.requirement("LYG-19")
def test_a_year_without_notice_is_provisional_never_breached_and_moves_when_the_notice_comes(
    staff: People, notice: Callable[..., Path]
) -> None:
    clock = begin(staff, received=at("2027-01-28 10:00"))
    assert clock.provisional
    assert sweep(at("2027-03-30 08:00")).breached == 0
    before = clock.due_day
    assert import_file(notice(), by=staff["operator"]["id"]).moved == 1
    moved = clocks.due("case-1")
    # 29 Jan, 31 (made up), 1-4 Feb; 15-18 Feb
    assert moved and (str(moved.due_day), moved.provisional) == ("2027-02-18", False)
    assert before <= moved.due_day
    [entry] = entries("clock-moved")
    assert entry["govdata"]["clock"]["before"] == str(before)
    assert entry["govdata"]["clock"]["due"] == "2027-02-18"
    assert told("clock_moved") == {"decider", "publisher", "data-user"}
    assert import_file(notice()).moved == 0
    assert (len(entries("clock-moved")), len(entries("days-imported"))) == (1, 1)
    assert sweep(at("2027-02-19 00:00")).breached == 1


def test_a_correction_needs_a_higher_version_and_takes_a_breach_back_on_record(
    staff: People, notice: Callable[..., Path]
) -> None:
    import_file(notice())
    begin(staff, received=at("2027-01-28 10:00"))
    sweep(at("2027-02-19 00:00"))
    with pytest.raises(DayImportError, match="version 2"):
        import_file(notice(last="14"))
    model.Session.rollback()
    from ckanext.govdata.clocks import sweeping

    longer = NOTICE.replace("2027-02-20]", "2027-02-27]")
    import_file(notice(version=2, last="17", text=longer))
    assert str(clocks.due("case-1").due_day) == "2027-02-23"  # type: ignore[union-attr]
    assert events()[:2] == ["started", "breached"]
    assert sweeping.recompute(None) == 0


def test_a_term_is_extended_once_by_two_persons_where_the_promise_allows(staff: People, with_city: WithCity) -> None:
    with_city("zibo")
    before = begin(staff, received=at("2026-11-27 10:00"))
    assert before.extension == 10
    by, approver = staff["publisher"]["id"], staff["decider"]["id"]
    refused = clocks.ClockRefused
    with pytest.raises(refused, match="Say why"):
        clocks.extend("case-1", ANSWER, " ", by=by, approver=approver)
    with pytest.raises(refused):
        clocks.extend("case-1", ANSWER, "涉及多部门", by=by, approver=by)
    after = clocks.extend("case-1", ANSWER, "涉及多部门", by=by, approver=approver)
    assert (after.extended_by, after.due_day > before.due_day) == (10, True)
    with pytest.raises(refused):
        clocks.extend("case-1", ANSWER, "再延长", by=by, approver=approver)
    assert "涉及多部门" not in json.dumps(entries("clock-extended"), ensure_ascii=False)
    assert told("clock_extended") == {"decider", "publisher", "data-user"}


@pytest.mark.requirement("LYG-19")
def test_lianyungangs_text_allows_neither_extension_nor_rest(staff: People) -> None:
    begin(staff, received=at("2026-11-27 10:00"))
    with pytest.raises(clocks.ClockRefused):
        clocks.extend("case-1", ANSWER, "涉及多部门", by="a", approver="b")
    with pytest.raises(clocks.ClockRefused):
        clocks.suspend("case-1", ANSWER, "completion", by="a")


def test_a_breach_shows_whose_days_went(staff: People) -> None:
    begin(staff)
    clocks.hold("case-1", "agency", at=RECEIVED)
    clocks.hold("case-1", "applicant", at=at("2026-09-28 15:00"))
    clocks.hold("case-1", "agency", at=at("2026-10-09 15:00"))
    model.Session.commit()
    sweep(at("2026-10-14 00:00"))
    clocks.meet("case-1", at=at("2026-10-15 09:00"))
    # 23, 24 Sept; 28, 29, 30 Sept, 8 Oct; 9, 10, 12, 13 Oct
    assert clocks.why("case-1")["held_days"] == {"agency": 6, "applicant": 4}  # type: ignore[index]


def test_a_case_that_is_rolled_back_leaves_no_clock_and_no_notice(staff: People) -> None:
    clocks.start("case-1", ANSWER, RECEIVED, agency_id=staff["agency"]["id"])
    model.Session.rollback()
    assert clocks.due("case-1") is None
    assert entries("clock-started") == []


def test_listeners_hear_of_every_step_in_its_transaction(staff: People) -> None:
    from ckanext.govdata.clocks import rows

    heard: list[tuple[str, str]] = []
    clocks.on_change(lambda change: heard.append((change.kind, str(change.clock.due_day))))
    try:
        begin(staff)
        clocks.meet("case-1", at=at("2026-10-16 00:00"))
    finally:
        rows.listeners.pop()
    assert heard == [("started", "2026-10-13"), ("breached", "2026-10-13"), ("met", "2026-10-13")]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("year: 2027\nversion: 1\noff: {}\n", "source"),
        ("year: 2027\nversion: 1\nsource: x\noff: {new_year: [2026-05-01]}\n", "2026-05-01"),
        (
            "year: 2027\nversion: 1\nsource: x\noff: {new_year: [2027-01-01]}\nwork: {new_year: [2027-01-04]}\n",
            "Monday",
        ),
        ("year: 2027\nversion: 1\nsource: x\noff: {new_year: [2027-02-30]}\n", "2027-02-30"),
        ("year: 2027\nversion: 1\nsource: x\noff: {party: [2027-01-01]}\n", "party"),
        ("- 2027\n", "mapping"),
        ("", "mapping"),
    ],
)
def test_a_wrong_file_names_its_line_and_changes_nothing(tmp_path: Path, wrong: str, named: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(RulePackError) as refused:
        import_file(path)
    assert named in str(refused.value)
    assert "wrong.yaml" in str(refused.value)
    assert entries("days-imported") == []
