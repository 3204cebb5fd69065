"""Notices: in the box of whoever is meant, by mail at least once under one Message-ID, by SMS through a provider."""

from __future__ import annotations

import collections
import datetime
import json
import os
import signal
import subprocess
import sys
import time
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.columns import now
from ckanext.govdata.notices.domain import NoticeTextError
from ckanext.govdata.notices.model import Delivery, Notice
from ckanext.govdata.notices.sending import send
from ckanext.govdata.notices.telling import tell

from .conftest import Server

pytestmark = pytest.mark.usefixtures("staff")

People = dict[str, dict[str, Any]]
FACTS = {"thing": "申请：停车场名录", "due": "2026-12-04", "kind": {"zh": "法定期限", "en": "statutory"}}
LATER = datetime.timedelta(days=365)


def tell_all(recipients: list[str], key: str | None = None, **facts: Any) -> int:
    told = tell(recipients, "clock_reminder", {**FACTS, **facts}, link="/applications/1", about="case-1", key=key)
    model.Session.commit()
    return told


def as_user(person: dict[str, Any]) -> dict[str, Any]:
    return {"user": person["name"], "ignore_auth": False}


def subject(message: Any) -> str:
    return str(make_header(decode_header(message["Subject"])))


def test_an_agencys_notice_reaches_its_officers_and_nobody_else(staff: People) -> None:
    assert tell_all([f"agency:{staff['agency']['id']}"]) == 2
    for role, count in (("decider", 1), ("publisher", 1), ("other_publisher", 0), ("data_user", 0), ("authority", 0)):
        found = call_action("govdata_notice_list", as_user(staff[role]))
        assert (role, found["count"], found["unread"]) == (role, count, count)


def test_offices_and_users_are_told_each_once_however_often_they_are_named(staff: People) -> None:
    user = f"user:{staff['authority']['id']}"
    assert tell_all(["office:authority", "office:operator", user]) == 2


def test_every_living_member_of_a_party_is_told(staff: People, ckan_config: dict[str, Any]) -> None:
    from ckanext.govdata.access.parties.model import Member, Party

    party = Party(kind="enterprise", name="江海数据有限公司", created_by=staff["data_user"]["id"])
    model.Session.add(party)
    model.Session.flush()
    for role in ("data_user", "other_publisher"):
        model.Session.add(Member(party_id=party.id, user_id=staff[role]["id"], role="member"))
    gone = Member(party_id=party.id, user_id=staff["publisher"]["id"], role="member", ended_at=now(), ended_by="x")
    model.Session.add(gone)
    model.Session.commit()
    assert tell_all([f"party:{party.id}"]) == 2


def test_the_same_event_tells_nobody_twice_and_a_notice_goes_with_its_transaction(staff: People) -> None:
    user = [f"user:{staff['data_user']['id']}"]
    assert (tell_all(user, key="case-1:answered"), tell_all(user, key="case-1:answered")) == (1, 0)
    tell(user, "clock_reminder", FACTS)
    model.Session.rollback()
    assert call_action("govdata_notice_count", as_user(staff["data_user"]))["unread"] == 1


def test_a_savepoint_neither_sends_what_is_not_committed_nor_forgets_it(staff: People) -> None:
    waiting = jobs.get_queue()
    waiting.empty()
    tell([f"user:{staff['data_user']['id']}"], "clock_reminder", FACTS)
    with model.Session.begin_nested():
        pass
    assert waiting.count == 0
    model.Session.begin_nested().rollback()
    model.Session.commit()
    assert [job.meta["title"] for job in waiting.jobs] == ["Send notices"]


def test_a_text_that_is_not_there_or_not_filled_is_the_callers_mistake(staff: People) -> None:
    user = [f"user:{staff['data_user']['id']}"]
    for name, facts, named in (("no_such_text", {}, "no_such_text"), ("clock_reminder", {"thing": "x"}, "due, kind")):
        with pytest.raises(NoticeTextError, match=named):
            tell(user, name, facts)
    with pytest.raises(NoticeTextError, match="everybody"):
        tell(["everybody:all"], "clock_reminder", FACTS)


def test_the_box_speaks_the_readers_language_pages_and_forgets_what_is_read(app: Any, staff: People) -> None:
    for number in range(3):
        tell_all([f"user:{staff['data_user']['id']}"], thing=f"申请 {number}")
    headers = {"Authorization": staff["data_user"]["token"]}
    chinese = app.get("/zh_Hans_CN/api/action/govdata_notice_list?rows=2", headers=headers).json["result"]
    assert [one["subject"] for one in chinese["results"]] == ["申请 2：请按期办结", "申请 1：请按期办结"]
    assert chinese["results"][0]["first"] == "请于 2026年12月4日 24 时前办结（法定期限）。"
    assert (chinese["count"], chinese["unread"]) == (3, 3)
    english = app.get("/en/api/action/govdata_notice_list?start=2", headers=headers).json["result"]["results"]
    assert [one["first"] for one in english] == ["Due by the end of 4 December 2026 (statutory)."]
    left = call_action("govdata_notice_read", as_user(staff["data_user"]), ids=[english[0]["id"]])
    assert left == {"unread": 2}
    stranger = call_action("govdata_notice_read", as_user(staff["publisher"]), ids=[chinese["results"][0]["id"]])
    assert stranger == {"unread": 0}
    assert call_action("govdata_notice_read", as_user(staff["data_user"]), all=True) == {"unread": 0}
    app.get("/api/action/govdata_notice_list", status=403)


def test_a_mail_says_which_thing_and_by_when_with_one_link_as_plain_text(staff: People, mail: Server) -> None:
    tell_all([f"user:{staff['data_user']['id']}"], thing="申请：停车场名录\r\nBcc: all@example.com")
    assert (send(), send()) == (1, 0)
    [message] = mail.taken
    assert subject(message) == "申请：停车场名录 Bcc: all@example.com：请按期办结"
    assert message["Bcc"] is None
    assert message["To"] == staff["data_user"]["email"]
    assert message.get_content_type() == "text/plain"
    lines = message.get_payload(decode=True).decode().splitlines()  # type: ignore[union-attr]
    assert lines[0] == "请于 2026年12月4日 24 时前办结（法定期限）。"
    assert sum("/applications/1" in line for line in lines) == 1


def test_half_the_mails_refused_and_none_is_lost_nor_sent_twice(staff: People, mail: Server) -> None:
    mail.refuses = 0.5
    for number in range(60):
        tell_all([f"user:{staff['data_user']['id']}"], thing=f"申请 {number}")
    rounds = 0
    while waiting() and rounds < 60:
        send(now() + LATER)
        rounds += 1
    assert waiting() == 0
    assert rounds > 1
    ids = collections.Counter(message["Message-ID"] for message in mail.taken)
    assert (len(ids), set(ids.values())) == (60, {1})


def waiting() -> int:
    model.Session.rollback()
    return int(model.Session.scalar(sa.select(sa.func.count(Delivery.id)).where(Delivery.state == "waiting")) or 0)


def test_a_mail_whose_acceptance_was_not_learnt_is_repeated_under_the_same_id(staff: People, mail: Server) -> None:
    mail.goes_silent = 0.5
    for number in range(20):
        tell_all([f"user:{staff['data_user']['id']}"], thing=f"申请 {number}")
    for _ in range(40):
        send(now() + LATER)
    assert waiting() == 0
    ids = collections.Counter(message["Message-ID"] for message in mail.taken)
    assert len(ids) == 20
    assert max(ids.values()) > 1


def test_what_fails_is_put_off_longer_each_time_and_never_given_up(
    staff: People, mail: Server, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "smtp.server", "127.0.0.1:1")
    tell_all([f"user:{staff['data_user']['id']}"])
    waits = []
    for _ in range(12):
        before = now()
        assert send(now() + LATER) == 0
        row = model.Session.scalars(sa.select(Delivery)).one()
        waits.append(round((row.next_at - before).total_seconds()))
        model.Session.rollback()
    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == 6 * 3600
    assert send() == 0


SENDER = """
import sys
from ckan.cli import load_config
from ckan.config.middleware import make_app
config = load_config(sys.argv[1])
config["smtp.server"], config["smtp.mail_from"] = sys.argv[2], "portal@jianghai.example"
make_app(config)
from ckan.plugins import toolkit as tk
tk.config["smtp.server"], tk.config["smtp.mail_from"] = sys.argv[2], "portal@jianghai.example"
from ckanext.govdata.notices.sending import send
print("ready", flush=True)
while True:
    send()
"""


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_killed_sender_leaves_no_mail_unsent_and_repeats_only_what_it_was_at(
    staff: People, mail: Server, ckan_config: dict[str, Any], request: pytest.FixtureRequest, kills: int
) -> None:
    mail.waits = 0.05
    mails = 12 * kills
    for number in range(mails):
        tell_all([f"user:{staff['data_user']['id']}"], thing=f"申请 {number}")
    command = [sys.executable, "-c", SENDER, request.config.option.ckan_ini, ckan_config["smtp.server"]]
    for kill in range(kills):
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert sender.stdout is not None
        assert sender.stdout.readline() == "ready\n"
        before, patience = len(mail.taken), time.monotonic() + 60
        while len(mail.taken) < before + 2 and time.monotonic() < patience:
            time.sleep(0.005)
        time.sleep(0.01 * kill)
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
    for _ in range(10):
        send(now() + LATER)
    assert waiting() == 0
    ids = collections.Counter(message["Message-ID"] for message in mail.taken)
    assert len(ids) == mails
    assert sum(count - 1 for count in ids.values()) <= kills


def test_two_senders_at_once_send_each_mail_once(staff: People, mail: Server) -> None:
    from concurrent.futures import ThreadPoolExecutor

    mail.waits = 0.01
    for number in range(30):
        tell_all([f"user:{staff['data_user']['id']}"], thing=f"申请 {number}")

    def one(_: int) -> int:
        try:
            return send()
        finally:
            model.Session.remove()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(one, range(3))) == 30
    assert len({message["Message-ID"] for message in mail.taken}) == len(mail.taken) == 30


def test_who_wants_no_mail_gets_none_and_short_messages_go_to_the_number_given(
    staff: People, mail: Server, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "sms.jsonl"
    monkeypatch.setitem(ckan_config, "govdata.notices.sms", "file")
    monkeypatch.setitem(ckan_config, "govdata.notices.sms_file", str(file))
    context = as_user(staff["data_user"])
    with pytest.raises(tk.ValidationError):
        call_action("govdata_notice_contact_update", dict(context), sms=True)
    with pytest.raises(tk.ValidationError):
        call_action("govdata_notice_contact_update", dict(context), phone="not a number")
    held = call_action("govdata_notice_contact_update", dict(context), mail=False, sms=True, phone="13800000000")
    assert (held["mail"], held["sms"], held["phone"]) == (False, True, "13800000000")
    tell_all([f"user:{staff['data_user']['id']}"])
    assert send() == 1
    assert mail.taken == []
    [message] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert message["number"] == "13800000000"
    assert message["text"].startswith("申请：停车场名录：请按期办结。请于 2026年12月4日")
    assert message["text"].endswith("/applications/1")
    monkeypatch.setitem(ckan_config, "govdata.notices.sms", "nobody")
    tell_all([f"user:{staff['data_user']['id']}"])
    assert (send(), waiting()) == (0, 1)


def test_a_portal_without_mail_tells_in_the_page_alone(
    staff: People, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "smtp.mail_from", "")
    tell_all([f"user:{staff['data_user']['id']}"])
    assert model.Session.scalar(sa.select(sa.func.count(Delivery.id))) == 0
    assert model.Session.scalar(sa.select(sa.func.count(Notice.id))) == 1


def test_a_person_who_is_gone_gets_nothing_and_keeps_nobody_waiting(staff: People, mail: Server) -> None:
    tell_all([f"user:{staff['data_user']['id']}", f"user:{staff['operator']['id']}"])
    user = model.User.get(staff["operator"]["id"])
    user.state = "deleted"
    model.Session.commit()
    try:
        assert (send(), waiting()) == (1, 0)
    finally:
        model.User.get(staff["operator"]["id"]).state = "active"
        model.Session.commit()
