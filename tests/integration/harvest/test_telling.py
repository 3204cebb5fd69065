"""What people are told of lists: the report by mail, what changed this week, the same dataset of two agencies; and the watch."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.columns import now
from ckanext.govdata_harvest import announcing
from ckanext.govdata_harvest.jobs import watch
from ckanext.govdata_harvest.source_model import HarvestJob, HarvestSource
from ckanext.govdata_harvest.telling import mail_report
from tests.integration.notices.conftest import Server, mail  # noqa: F401 - a fixture

from .conftest import stored
from .sources import act, hand_in, make, row, through

People = dict[str, dict[str, Any]]

pytestmark = [pytest.mark.usefixtures("people"), pytest.mark.ckan_config("govdata.city", "guiyang")]


def taken_in(people: People, path: Path, agency: str = "jiaotongju", name: str = "stops") -> dict[str, Any]:
    """A list of a trusted source, taken in whole."""
    if not model.Session.scalar(sa.select(HarvestSource.id).where(HarvestSource.name == name)):
        make(people["operator"], name, agency=agency)
        act("source_trust", people["operator"], id=name, trusted=True)
    run = hand_in(people["operator"], path, name)
    return through(people["operator"], act("plan_send", people["operator"], id=run["id"]))


def bodies(server: Server) -> list[str]:
    return [str(message.get_payload(decode=True), "utf-8") for message in server.taken]


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_report_is_mailed_to_those_in_charge(
    people: People,
    listed: Callable[..., Path],
    mail: Server,  # noqa: F811
) -> None:
    run = taken_in(people, listed([row(1), {**row(2), "开放属性": "随便看"}]))
    mail_report(run["id"])
    wait_for(lambda: len(mail.taken) == 2)
    sent_to = {str(message["To"]) for message in mail.taken}
    assert {part for name in ("decider", "operator") for part in (people[name]["email"],)} == {
        address.rpartition("<")[2].rstrip(">") for address in sent_to
    }
    assert all(f"/desk/lists/runs/{run['id']}" in body and "新增 2" in body for body in bodies(mail))
    assert all("开放类型用词无法识别" in body for body in bodies(mail)), "what is to be mended is named"


@pytest.mark.requirement("YZ-24")
def test_what_changed_this_week_is_told_once_to_followers_as_a_visitor_sees_it(
    people: People,
    listed: Callable[..., Path],
    mail: Server,  # noqa: F811
) -> None:
    tk.get_action("follow_group")({"user": people["data_user"]["name"]}, {"id": people["agency"]["id"]})
    closed = {**row(3), "开放属性": "不予开放", "不予开放依据": "某条例", "不予开放原因": "商业秘密"}
    taken_in(people, listed([row(1), row(2), closed, {**row(4), "开放属性": "随便看"}]))
    next_monday = (now() + datetime.timedelta(hours=8, days=1)).date().isoformat()
    assert announcing.announce("2020-01-06") == 0, "nothing changed in that week"
    assert announcing.announce(next_monday) == 0, "this follower wants no mail"
    model.Session.execute(
        sa.update(model.User)
        .where(model.User.id == people["data_user"]["id"])
        .values(activity_streams_email_notifications=True)
    )
    model.Session.execute(sa.text("delete from govdata_harvest_announcement"))
    model.Session.commit()
    assert announcing.announce(next_monday) == 1
    assert announcing.announce(next_monday) == 0, "a week is announced once"
    wait_for(lambda: len(mail.taken) == 1)
    (told,) = bodies(mail)
    titles = [row(n)["资源名称"] for n in range(1, 5)]
    assert [title in told for title in titles] == [True, True, False, False]


@pytest.mark.requirement("DCF-15", "YZ-16")
def test_the_same_dataset_of_two_agencies_is_shown_to_both(people: People, listed: Callable[..., Path]) -> None:
    taken_in(people, listed([row(1), row(2)]))
    other = {**row(1), "资源名称": row(1)["资源名称"].replace("第", " 第"), "资源代码": "WJ-9"}
    taken_in(people, listed([other, {**row(7), "资源代码": "WJ-7"}]), "weijianwei", "clinics")
    for person in ("operator", "decider", "other_publisher"):
        (pair,) = act("overview", people[person])["twins"]
        assert sorted(one["agency"] for one in pair) == ["交通运输局", "卫生健康委员会"]
        assert {"".join(one["title"].split()) for one in pair} == {row(1)["资源名称"]}
    held = {**row(2), "资源代码": "WJ-8", "开放属性": "随便看"}
    taken_in(people, listed([other, {**row(7), "资源代码": "WJ-7"}, held]), "weijianwei", "clinics")
    assert len(act("overview", people["operator"])["twins"]) == 2
    assert len(act("overview", people["decider"])["twins"]) == 1, "what is not public stays with its agency"


@pytest.mark.requirement("DCF-15", "YZ-16")
def test_twins_are_merged_by_the_agency_that_gives_its_entry_up_and_parted_again(
    people: People, listed: Callable[..., Path]
) -> None:
    taken_in(people, listed([row(1), row(2)]))
    other = [{**row(1), "资源代码": "WJ-1"}, {**row(7), "资源代码": "WJ-7"}]
    taken_in(people, listed(other), "weijianwei", "clinics")
    (pair,) = act("overview", people["operator"])["twins"]
    of = {one["agency"]: one["dataset"] for one in pair}
    kept, gone = of["交通运输局"], of["卫生健康委员会"]
    for stranger in ("publisher", "decider", "operator", "authority", "data_user"):
        with pytest.raises(tk.NotAuthorized):
            act("twin_merge", people[stranger], kept=kept, gone=gone, reason="一数一源")
    alone = next(one.id for one in stored() if one.title == row(7)["资源名称"])
    with pytest.raises(tk.ValidationError, match="not one dataset"):
        act("twin_merge", people["other_publisher"], kept=kept, gone=alone, reason="一数一源")
    before = tk.get_action("package_show")({"ignore_auth": True}, {"id": kept})
    made = act("twin_merge", people["other_publisher"], kept=kept, gone=gone, reason="一数一源")
    assert [one.id for one in stored(publication="withdrawn")] == [gone]
    assert tk.get_action("package_show")({"ignore_auth": True}, {"id": kept}) == before
    seen = act("overview", people["operator"])
    assert (seen["twins"], [one["id"] for one in seen["merged"]]) == ([], [made["id"]])
    taken_in(people, listed([{**one, "关键字": "新"} for one in other]), "weijianwei", "clinics")
    assert [one.id for one in stored(publication="withdrawn")] == [gone], "its list does not bring it back"
    with pytest.raises(tk.NotAuthorized):
        act("twin_part", people["publisher"], id=made["id"])
    parted = act("twin_part", people["other_publisher"], id=made["id"])
    assert parted["undone_at"] and stored(publication="withdrawn") == []
    with pytest.raises(tk.ValidationError, match="undone already"):
        act("twin_part", people["other_publisher"], id=made["id"])
    assert len(act("overview", people["operator"])["twins"]) == 1


@pytest.mark.ckan_config("govdata.harvest.watch_seconds", 1)
def test_a_process_that_serves_pages_starts_what_is_due(
    people: People, listed: Callable[..., Path], app: Any, tmp_path: Path, ckan_config: Any, monkeypatch: Any
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    listed([row(1)]).rename(folder / "list.json")
    monkeypatch.setitem(ckan_config, "govdata.harvest.folder", str(folder))
    make(people["operator"], "stops", "folder", settings={"path": "."}, every_hours=24)
    due = sa.update(HarvestSource).values(due_at=now() - datetime.timedelta(hours=1))
    model.Session.execute(due)
    model.Session.commit()
    try:
        assert app.get("/api/3/action/status_show").status_code == 200
        assert [thread.name for thread in threading.enumerate() if thread.name == "govdata-harvest-watch"]

        def started() -> bool:
            model.Session.rollback()
            return model.Session.query(HarvestJob).filter_by(scheduled=True).count() == 1

        wait_for(started)
    finally:
        watch.end_watching()
