"""Reports of misuse: without a name and without a trace of one, read by their handler alone, over to the breach path."""

from __future__ import annotations

import datetime
import logging
import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis

from ckanext.govdata.cases import limits
from ckanext.govdata.cases.misuse.machine import MISUSE
from ckanext.govdata.cases.misuse.model import MisuseReport, MisuseWords
from ckanext.govdata.cases.purging import purge_misuse
from ckanext.govdata.columns import now
from ckanext.govdata.workflow import cases
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, entries

from .scene import given, own_dataset, state_of

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-25", "LYG-38"),
]
ADDRESS = "203.0.113.77"
AGENT = "whistle-browser/7.7"
WORDS, CONTACT = "他们把停车数据卖给了广告公司", "13900001111"
API = "/api/3/action/govdata_misuse_"


@pytest.fixture
def data(stage: Stage, unlimited: None) -> Iterator[Dataset]:
    found = own_dataset(stage, "conditional", "sold")
    stage.grants["running", found.id] = add_grant(stage, "running", found)
    yield found
    model.Session.rollback()


def ask(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
    headers = {**stage.headers(visitor), "User-Agent": AGENT}
    return app.post(API + action, json=order, headers=headers, environ_overrides={"REMOTE_ADDR": ADDRESS})


def result(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
    return given(ask(app, stage, visitor, action, **order))


def report(app: Any, stage: Stage, visitor: str = "anonymous", **more: Any) -> tuple[dict[str, str], str]:
    order = {"kind": "agreement_duties", "text": WORDS, "contact": CONTACT, "who": "某公司", **more}
    made = result(app, stage, visitor, "report", **order)
    row = model.Session.scalars(sa.select(MisuseReport).where(MisuseReport.number == made["number"])).one()
    return {"number": made["number"], "code": made["code"]}, row.case_id


def step(app: Any, stage: Stage, visitor: str, case: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "step", id=case, command=command, **more)


def rows_with(value: str) -> int:
    """In how many rows of all tables of all schemas a value stands, as text or as bytes."""
    tables = model.Session.execute(
        sa.text(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
    ).all()
    found = 0
    for schema, table in tables:
        count = sa.text(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE :a OR t::text LIKE :b')
        given = {"a": f"%{value}%", "b": f"%{value.encode().hex()}%"}
        found += model.Session.execute(count, given).scalar() or 0
    model.Session.rollback()
    return found


def redis_keys() -> dict[bytes, tuple[bytes, int]]:
    redis: Any = connect_to_redis()
    kept = [key for key in redis.scan_iter("*") if redis.type(key) == b"string"]
    return {key: (redis.get(key) or b"", redis.ttl(key)) for key in kept}


@pytest.mark.parametrize("visitor", ["anonymous", "applicant"])
def test_whoever_reports_stands_in_no_table_ledger_log_or_store(
    app: Any, stage: Stage, data: Dataset, visitor: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = stage.people[visitor] or {"id": "nobody-at-all", "name": "nobody-at-all"}
    before = {value: rows_with(value) for value in (person["id"], ADDRESS, AGENT)}
    keys = redis_keys()
    follow, _ = report(app, stage, visitor)
    result(app, stage, visitor, "add", **follow, text=f"还有照片 {CONTACT}")
    result(app, stage, visitor, "follow", **follow)
    for value, known in before.items():
        assert rows_with(value) == known, value
    assert [rows_with(value) for value in (WORDS, CONTACT, follow["code"])] == [0, 0, 0]
    assert rows_with(follow["number"]) > 0, "the scan finds what is there"
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert not [value for value in (ADDRESS, WORDS, CONTACT, follow["code"]) if value in logged]
    fresh = {key: kept for key, kept in redis_keys().items() if key not in keys and b":limit:" in key}
    assert fresh
    for key, (value, seconds) in fresh.items():
        assert not [one for one in (ADDRESS.encode(), person["id"].encode()) if one in key + value]
        assert 0 < seconds <= limits.WINDOW_SECONDS, "what counts floods is gone after its window"
    read = str(entries())
    assert not [value for value in (ADDRESS, AGENT, WORDS, CONTACT, follow["code"]) if value in read]


def test_only_whoever_has_taken_a_report_reads_it_and_each_reading_is_on_record(
    app: Any, stage: Stage, data: Dataset
) -> None:
    _, case = report(app, stage)
    assert ask(app, stage, "own_agency", "show", id=case).status_code == 403
    assert "text" not in result(app, stage, "operator", "show", id=case)
    assert step(app, stage, "operator", case, "settle", text="x").status_code == 403, (
        "nobody handles what they have not taken"
    )
    assert step(app, stage, "operator", case, "examine").status_code == 200
    assert result(app, stage, "operator", "show", id=case)["text"] == WORDS
    assert any(entry["event"]["action"] == "misuse-report-read" for entry in entries())
    for other in ("authority", "administrator"):
        shown = result(app, stage, other, "show", id=case)
        assert not {"text", "who", "contact", "words", "party"} & set(shown)
        assert WORDS not in str(shown)
        assert step(app, stage, other, case, "dismiss", text="不").status_code == 403
    listed = str(result(app, stage, "authority", "list"))
    assert WORDS not in listed


def test_a_report_is_answered_by_number_and_code(app: Any, stage: Stage, data: Dataset) -> None:
    follow, case = report(app, stage)
    assert ask(app, stage, "anonymous", "follow", number=follow["number"], code="AAAA").status_code == 404
    step(app, stage, "operator", case, "examine")
    assert step(app, stage, "operator", case, "ask").status_code == 409, "what is asked has to be said"
    assert step(app, stage, "operator", case, "ask", text="有截图吗？").status_code == 200
    added = result(app, stage, "anonymous", "add", **follow, text="有，在网站首页")
    assert [(one["kind"], one["text"]) for one in added["words"]] == [
        ("question", "有截图吗？"),
        ("added", "有，在网站首页"),
    ]
    assert step(app, stage, "operator", case, "dismiss", text="经核查属正常使用").status_code == 200
    stands = result(app, stage, "anonymous", "follow", **follow)
    assert (stands["state"], stands["words"][-1]["text"], stands["may_add"]) == ("unfounded", "经核查属正常使用", False)
    assert ask(app, stage, "anonymous", "add", **follow, text="再看").status_code == 409
    assert rows_with("经核查属正常使用") == 0, "the answer too is sealed"


@pytest.mark.requirement("LYG-40")
def test_what_was_reported_is_deleted_after_its_term_and_what_became_of_it_stays(app: Any, stage: Stage) -> None:
    follow, case = report(app, stage)
    open_still = report(app, stage)[1]
    step(app, stage, "operator", case, "examine")
    step(app, stage, "operator", case, "dismiss", text="查无此事")
    assert purge_misuse() == 0
    assert purge_misuse(now() + datetime.timedelta(days=1096)) >= 1
    kept = set(model.Session.scalars(sa.select(MisuseWords.case_id)))
    assert case not in kept
    assert open_still in kept, "what is not settled is needed"
    shown = result(app, stage, "operator", "show", id=case)
    assert (shown["text"], shown["contact"], shown["words"], shown["purged"]) == ("", "", [], True)
    assert result(app, stage, "anonymous", "follow", **follow)["state"] == "unfounded"
    assert "misuse-words-purged" in {entry["event"]["action"] for entry in entries()}


def test_a_report_leads_to_the_breach_path_of_the_party_s_agreement(app: Any, stage: Stage, data: Dataset) -> None:
    grant = stage.grant("running", data)
    app.get(f"/dataset/{data.id}/resource/{data.file}/download", headers=stage.headers("running"))
    _, case = report(app, stage)
    step(app, stage, "operator", case, "examine")
    order = {"id": case, "breach": "agreement_duties", "clause": "breach", "reason": "数据被转给他人"}
    early = ask(app, stage, "operator", "notice", agreement=grant.agreement, **order)
    assert early.status_code == 409, "first the party is named"
    tied = step(app, stage, "operator", case, "tie", party=grant.party_id)
    assert tied.status_code == 200, tied.json
    shown = result(app, stage, "operator", "show", id=case)
    assert shown["party"] == grant.party_id
    assert (
        ask(app, stage, "operator", "notice", agreement=grant.agreement, **{**order, "clause": "none"}).status_code
        == 409
    )
    assert result(app, stage, "operator", "show", id=case)["state"] == "examining", "nothing is half done"
    noticed = result(app, stage, "operator", "notice", agreement=grant.agreement, **order)
    assert (noticed["state"], noticed["agreements"]) == ("measures", [grant.agreement])
    agreement = cases.get(grant.agreement)
    assert agreement is not None
    model.Session.refresh(agreement)
    assert agreement.state == "noticed"


def test_a_flood_of_reports_from_one_address_is_limited_without_harm_to_another(
    app: Any, stage: Stage, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST", 3)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 600 + random.SystemRandom().randrange(10**6))
    order = {"kind": "other", "text": "x"}
    answers = [ask(app, stage, "anonymous", "report", **order).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 409, 409]
    other = app.post(API + "report", json=order, environ_overrides={"REMOTE_ADDR": "198.51.100.4"})
    assert other.status_code == 200


@pytest.mark.long
def test_a_thousand_submissions_from_one_address_are_limited_without_harm_to_another(
    app: Any, stage: Stage, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST", 10)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 600 + random.SystemRandom().randrange(10**6))
    order = {"kind": "other", "text": "x"}
    answers = [ask(app, stage, "anonymous", "report", **order).status_code for _ in range(1000)]
    assert (answers.count(200), answers.count(409)) == (10, 990)
    for number in range(5):
        other = app.post(API + "report", json=order, environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"})
        assert other.status_code == 200


def histories(app: Any, stage: Stage, data: Dataset, number_of: int) -> None:
    """Random commands by random people: legal states only, each step in the ledger, and no words anywhere."""
    draw = random.Random(11)
    party = stage.grant("running", data).party_id
    taken = 0
    for _ in range(number_of):
        follow, case = report(app, stage, draw.choice(("anonymous", "applicant", "own_agency")))
        for _ in range(draw.randrange(1, 6)):
            before = state_of(case)
            fitting = [one.command for one in MISUSE.steps_from(before) if one.command != "notice"]
            command = draw.choice(fitting if fitting and draw.random() < 0.7 else (*MISUSE.commands, "nonsense"))
            if command == "add":
                answer = ask(app, stage, "anonymous", "add", **follow, text=WORDS)
            else:
                who = draw.choice(("operator", "operator", "authority", "own_agency", "administrator"))
                answer = step(app, stage, who, case, command, text=WORDS, party=party)
            known = MISUSE.step(before, command)
            taken += answer.status_code == 200
            assert state_of(case) == (known.to_state if answer.status_code == 200 and known else before)
        known_entries = {entry["event"]["id"] for entry in entries()} if number_of <= 20 else None
        assert known_entries is None or {one.entry for one in cases.events(case)} <= known_entries
    assert taken > number_of / 2
    assert rows_with(WORDS) == 0


def test_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 6)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_thousands_of_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 2000)
