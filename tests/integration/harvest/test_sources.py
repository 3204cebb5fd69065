"""Sources: a plan first, review in the order of the city's rule, and nothing opened without two persons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk

from ckanext.govdata_harvest.source_model import HarvestPlanned, HarvestSource
from tests.integration.once import once

from .conftest import adds_up, stored, writing_statements
from .sources import act, agreed, hand_in, make, row, through

pytestmark = [pytest.mark.usefixtures("staff"), pytest.mark.ckan_config("govdata.harvest.host_pause_ms", 0)]
People = dict[str, dict[str, Any]]
TABLES = ("govdata_harvest_source", "govdata_harvest_list", "package", "activity")


@pytest.fixture
def staff(request: pytest.FixtureRequest) -> People:
    """People in each role, made once for the file; before each test there is no list and no entry."""
    found = once(request, "people", TABLES)
    search.clear_all()
    return found


@pytest.fixture
def lianyungang(with_city: Callable[[str], None]) -> None:
    with_city("lianyungang")


@pytest.mark.requirement("LYG-12", "YZ-10", "LYG-11")
def test_a_plan_waits_for_agency_operator_and_authority_in_their_order(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["publisher"])
    run = hand_in(staff["publisher"], listed([row(n) for n in range(5)]))
    assert (run["state"], run["counts"]["added"]) == ("planned", 5)
    assert stored() == [], "a plan writes no entry"
    run = act("plan_send", staff["publisher"], id=run["id"])
    assert (run["state"], run["turn"]) == ("in_review", "agency")
    with pytest.raises(tk.ValidationError, match="another reviewer"):
        act("plan_decide", staff["operator"], id=run["id"], reviewer="operator", accept=True)
    with pytest.raises(tk.NotAuthorized):
        act("plan_decide", staff["publisher"], id=run["id"], reviewer="agency", accept=True)
    run = agreed(staff, run)
    assert (run["state"], run["counts"]["added"]) == ("finished", 5)
    assert len(stored(publication="published")) == 5
    words = act("plan_show", staff["decider"], id=run["id"])["reviews"]
    assert [word["reviewer"] for word in words] == ["agency", "operator", "authority"]
    revisions = act("revision_list", staff["publisher"], id="stops")
    assert [(one["revision"], one["added"], one["file_kept"]) for one in revisions] == [(1, 5, True)]


@pytest.mark.requirement("LYG-12")
def test_a_plan_is_accepted_in_part_or_sent_back(staff: People, listed: Callable[..., Path], lianyungang: None) -> None:
    make(staff["decider"])
    run = hand_in(staff["decider"], listed([row(n) for n in range(4)]))
    run = act("plan_send", staff["decider"], id=run["id"])
    assert run["turn"] == "operator", "a decider who sends it has spoken for the agency"
    act("plan_leave_out", staff["operator"], id=run["id"], steps=[2])
    run = act("run_show", staff["decider"], id=run["id"])
    assert run["turn"] == "agency", "what was agreed to has changed, so it is asked again"
    run = agreed(staff, run)
    assert (run["counts"]["added"], run["counts"]["left_out"]) == (3, 1)
    adds_up(run["report"])
    again = hand_in(staff["decider"], listed([row(n) for n in range(4)]))
    assert again["counts"]["added"] == 1, "what was left out comes again with the next run"
    act("plan_send", staff["decider"], id=again["id"])
    with pytest.raises(tk.ValidationError, match="mended"):
        act("plan_decide", staff["operator"], id=again["id"], reviewer="operator", accept=False)
    back = act("plan_decide", staff["operator"], id=again["id"], reviewer="operator", accept=False, note="名称不清")
    assert back["state"] == "sent_back" and len(stored()) == 3


def test_where_the_city_asks_nobody_a_trusted_source_is_applied_at_once(
    staff: People, listed: Callable[..., Path], with_city: Callable[[str], None]
) -> None:
    with_city("guiyang")
    make(staff["publisher"])
    run = hand_in(staff["publisher"], listed([row(1)]))
    assert act("plan_send", staff["publisher"], id=run["id"])["turn"] == "agency", "not trusted: its agency is asked"
    agreed(staff, act("run_show", staff["decider"], id=run["id"]))
    with pytest.raises(tk.NotAuthorized):
        act("source_trust", staff["decider"], id="stops", trusted=True)
    act("source_trust", staff["operator"], id="stops", trusted=True)
    run = hand_in(staff["publisher"], listed([row(1), row(2)]))
    run = through(staff["publisher"], act("plan_send", staff["publisher"], id=run["id"]))
    assert (run["state"], run["counts"]["added"], run["counts"]["unchanged"]) == ("finished", 1, 1)


def test_the_same_list_again_writes_nothing_and_reads_no_entry(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    path = listed([row(n) for n in range(30)])
    agreed(staff, act("plan_send", staff["decider"], id=hand_in(staff["decider"], path)["id"]))
    with writing_statements() as written:
        run = hand_in(staff["decider"], path)
    assert (run["state"], run["counts"]["unchanged"], written) == ("finished", 30, [])
    adds_up(run["report"])
    # Another order is another file, and still no change.
    with writing_statements() as written:
        run = hand_in(staff["decider"], listed([row(n) for n in reversed(range(30))]))
    assert (run["state"], run["counts"]["unchanged"], written) == ("finished", 30, [])
    # What somebody did to an entry meanwhile is seen although the file is the same.
    entry = stored()[0]
    tk.get_action("package_patch")(
        {"ignore_auth": True, "user": "administrator", "govdata_asked": "withdrawn"}, {"id": entry.id, "notes": "已撤"}
    )
    run = hand_in(staff["decider"], path)
    assert not run["report"].get("same_file")


@pytest.mark.requirement("LYG-24")
def test_what_is_used_under_a_running_grant_is_not_withdrawn_by_a_list(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    rows = [{**row(n), "开放属性": "有条件开放"} for n in range(20)]
    agreed(staff, act("plan_send", staff["decider"], id=hand_in(staff["decider"], listed(rows))["id"]))
    used = next(entry for entry in stored() if entry.title == row(0)["资源名称"])
    asked = tk.get_action("govdata_inspection_request")(
        {"user": staff["operator"]["name"]}, {"id": used.id, "reason": "例行检查", "days": 3}
    )
    tk.get_action("govdata_inspection_decide")(
        {"user": staff["authority"]["name"]}, {"id": asked["id"], "accept": True, "reason": "同意"}
    )
    run = hand_in(staff["decider"], listed(rows[2:]))
    assert "running_grant" in [cause for step in planned(run["id"]) for cause in step.causes or []]
    run = agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    assert (run["counts"]["withdrawn"], run["counts"]["left_out"]) == (1, 1)
    assert [entry.title for entry in stored(publication="withdrawn")] == [row(1)["资源名称"]]


def planned(run_id: str) -> list[HarvestPlanned]:
    return list(model.Session.scalars(sa.select(HarvestPlanned).where(HarvestPlanned.job_id == run_id)))


@pytest.mark.requirement("LYG-7", "YZ-29", "LYG-6")
def test_a_word_is_decided_once_for_a_source_and_one_that_opens_takes_two_persons(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    rows = [{**row(n), "开放属性": "面向社会公众"} for n in range(6)] + [{**row(9), "开放属性": "无"}]
    run = hand_in(staff["decider"], listed(rows))
    agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    assert len(stored(publication="held")) == 7
    held = act("word_list", staff["decider"], id=run["id"])["held"]
    assert [(word["word"], word["rows"], len(word["examples"])) for word in held] == [("面向社会公众", 6, 6)]
    wanted = {"id": run["id"], "word": "面向社会公众", "tier": "unconditional", "reason": "已公示"}
    with pytest.raises(tk.ValidationError, match="looked at first"):
        act("word_decide", staff["publisher"], **wanted)
    for silent in ("无", ""):
        with pytest.raises(tk.ValidationError, match="never decided"):
            act("word_decide", staff["publisher"], **{**wanted, "word": silent, "rows": 1})
    decision = act("word_decide", staff["publisher"], **wanted, rows=6)
    assert decision["state"] == "pending"
    with pytest.raises(tk.NotAuthorized):
        act("word_confirm", staff["publisher"], id=decision["id"], accept=True, reason="同意")
    again = hand_in(staff["decider"], listed(rows))
    assert again["counts"]["changed"] == 0, "one person opens nothing"
    act("word_confirm", staff["decider"], id=decision["id"], accept=True, reason="同意")
    run = hand_in(staff["decider"], listed(rows))
    assert run["counts"]["changed"] == 6
    assert stored(open_tier="unconditional") == [], "the plan is reviewed like any other"
    run = agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    assert (run["state"], run["counts"]["changed"]) == ("finished", 6)
    assert len(stored(open_tier="unconditional", publication="published")) == 6
    assert len(stored(publication="held")) == 1


def test_the_proposer_of_a_word_cannot_confirm_it(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    run = hand_in(staff["decider"], listed([{**row(1), "开放属性": "随便看"}]))
    decision = act("word_decide", staff["decider"], id=run["id"], word="随便看", tier="conditional", reason="x", rows=1)
    with pytest.raises(tk.ValidationError, match="other than the proposer"):
        act("word_confirm", staff["decider"], id=decision["id"], accept=True, reason="x")
    refused = act("word_confirm", staff["authority"], id=decision["id"], accept=False, reason="不妥")
    assert refused["state"] == "refused"
    # A word that closes needs one person, and makes the waiting plan anew.
    closed = act("word_decide", staff["decider"], id=run["id"], word="随便看", tier="not_open", reason="涉隐私")
    assert closed["state"] == "holds"
    run = through(staff["decider"], run)
    steps = act("plan_show", staff["decider"], id=run["id"])["results"]
    assert [(step["tier"], step["act"]) for step in steps] == [("not_open", "added")]


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_a_looser_tier_waits_for_agency_and_authority_with_proof_and_a_stricter_one_acts_at_once(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    closed = {**row(1), "开放属性": "不予开放", "不予开放依据": "某条例", "不予开放原因": "商业秘密"}
    run = hand_in(staff["decider"], listed([closed, row(2), row(3)]))
    agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    changed = [{**closed, "开放属性": "无条件开放"}, {**row(2), "开放属性": "有条件开放"}, row(3)]
    run = hand_in(staff["decider"], listed(changed))
    run = agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    tiers = {package.title: package.extras["open_tier"] for package in stored()}
    assert sorted(tiers.values()) == ["conditional", "not_open", "unconditional"]
    with pytest.raises(tk.ValidationError, match="proof"):
        act("opening_propose", staff["publisher"], id=run["id"], reason="已脱敏")
    opening = act(
        *("opening_propose", staff["publisher"]),
        **{"id": run["id"], "reason": "已脱敏", "proof_kind": "desensitised", "proof": "脱敏报告 12 号"},
    )
    with pytest.raises(tk.NotAuthorized):
        act("opening_decide", staff["decider"], id=opening["id"], accept=True, reason="同意")
    decided = {"id": opening["id"], "accept": True, "reason": "同意"}
    with pytest.raises(tk.ValidationError, match="Look at the entries"):
        act("opening_decide", staff["authority"], **decided)
    shown = act("opening_list", staff["authority"], id=run["id"])
    assert [(one["title"], one["asked_tier"]) for one in shown["entries"]] == [(closed["资源名称"], "unconditional")]
    done = act("opening_decide", staff["authority"], **decided, entries=len(shown["entries"]))
    assert len(done["opened"]) == 1
    assert sorted(package.extras["open_tier"] for package in stored()) == [
        "conditional",
        "unconditional",
        "unconditional",
    ]


def test_a_column_is_corrected_saved_with_the_source_and_the_plan_made_anew(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["publisher"])
    rows = [{**row(n), "我局口径": f"说明 {n}"} for n in range(3)]
    run = hand_in(staff["publisher"], listed(rows))
    columns = {one["column"]: one for one in act("mapping_show", staff["publisher"], id=run["id"])["columns"]}
    assert columns["我局口径"]["field"] == "" and columns["我局口径"]["examples"] == ["说明 0", "说明 1", "说明 2"]
    assert columns["开放属性"]["guarded"]
    with pytest.raises(tk.ValidationError, match="keeps its say"):
        act("mapping_save", staff["publisher"], id="stops", columns={"开放属性": "-"})
    saved = act("mapping_save", staff["publisher"], id="stops", columns={"我局口径": "notes"}, reason="本局写法")
    assert saved["run"] == run["id"]
    run = through(staff["publisher"], run)
    assert run["mapping_version"] == 1
    steps = act("plan_show", staff["publisher"], id=run["id"])["results"]
    told = {one["field"]: one["after"] for one in steps[0]["differences"]}
    assert told["notes"] == "说明 0"
    assert act("source_show", staff["publisher"], id="stops")["mappings"][0]["reason"] == "本局写法"


def test_revisions_are_compared_and_a_run_is_undone_as_a_whole(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    make(staff["decider"])
    for rows in (
        [row(1), row(2)],
        [{**row(1), "摘要": "甲"}, row(2), row(3)],
        [{**row(1), "摘要": "乙"}, row(2), row(3)],
    ):
        run = hand_in(staff["decider"], listed(rows))
        run = agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    found = act("revision_compare", staff["decider"], id="stops", older=1, newer=3)
    assert sorted((one["act"], len(one["differences"])) for one in found["results"]) == [("added", 0), ("changed", 2)]
    told = next(one for one in found["results"] if one["act"] == "changed")["differences"]
    assert [one["after"] for one in told if one["field"] == "notes"] == ["乙"]
    undone = act("run_undo", staff["operator"], id=run["id"])
    assert undone["back"] == 1
    assert {package.notes for package in stored() if package.notes in ("甲", "乙")} == {"甲"}


@pytest.mark.requirement("DCF-2", "ZB-2")
def test_a_list_with_a_state_secret_leaves_no_file_and_no_word_of_it(
    staff: People, listed: Callable[..., Path], lianyungang: None, tmp_path: Path, ckan_config: Any
) -> None:
    ckan_config["ckan.storage_path"] = str(tmp_path / "storage")
    make(staff["decider"])
    secret = {**row(1), "资源名称": "绝不可见之名", "是否涉密": "是"}
    run = hand_in(staff["decider"], listed([secret, row(2)]))
    assert (run["counts"]["refused"], run["counts"]["added"]) == (1, 1)
    run = agreed(staff, act("plan_send", staff["decider"], id=run["id"]))
    assert run["state"] == "finished"
    kept = [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]
    assert not any("绝不可见之名".encode() in path.read_bytes() for path in kept)
    tables = ("govdata_harvest_job", "govdata_harvest_planned", "govdata_harvest_run")
    for table in tables:
        dump = model.Session.connection().exec_driver_sql(f"select string_agg(t::text, '') from {table} t").scalar()
        assert "绝不可见之名" not in (dump or "")


def test_secrets_of_a_source_are_sealed_and_never_shown(staff: People, caplog: Any) -> None:
    secret = "s3cr3t-token-of-the-source"
    source = make(
        *(staff["publisher"], "by-address", "address"),
        settings={"address": "http://127.0.0.1:9/list.json"},
        secrets={"Authorization": secret},
    )
    assert source["secrets"] == ["Authorization"]
    row_ = model.Session.get(HarvestSource, source["id"])
    assert row_ is not None and secret not in row_.secrets
    run = through(staff["publisher"], act("run_start", staff["publisher"], id="by-address"))
    assert run["state"] in ("failed", "queued") and run["error"]
    for shown in (run, act("source_show", staff["publisher"], id="by-address"), act("overview", staff["operator"])):
        assert secret not in str(shown)
    assert secret not in caplog.text


def test_others_see_and_do_nothing(staff: People, listed: Callable[..., Path], lianyungang: None) -> None:
    make(staff["publisher"])
    run = hand_in(staff["publisher"], listed([row(1)]))
    for person in (staff["data_user"], staff["other_publisher"]):
        for action in ("run_show", "plan_show", "plan_send", "run_cancel", "mapping_show", "word_list", "report_show"):
            with pytest.raises(tk.NotAuthorized):
                act(action, person, id=run["id"])
        with pytest.raises(tk.NotAuthorized):
            act("source_show", person, id="stops")
    assert act("source_list", staff["other_publisher"])["count"] == 0
    assert act("source_list", staff["operator"])["count"] == 1
    with pytest.raises(tk.ValidationError, match="Only officers of the operator"):
        make(staff["publisher"], "server", "folder", settings={"path": "x"})


def test_a_report_is_a_workbook_with_the_agencys_rows_marked(
    staff: People, listed: Callable[..., Path], lianyungang: None
) -> None:
    import base64
    import io

    from openpyxl import load_workbook

    make(staff["publisher"])
    run = hand_in(staff["publisher"], listed([row(1), {**row(2), "开放属性": "看情况"}, {"摘要": "没有名称"}]))
    said = act("report_show", staff["publisher"], id=run["id"])
    assert {problem["cause"] for problem in said["problems"]} >= {"title_missing", "tier_unknown"}
    found = act("report_export", staff["publisher"], id=run["id"])
    book = load_workbook(io.BytesIO(base64.b64decode(found["data"])))
    rows = list(book.worksheets[1].iter_rows(min_row=2))
    assert len(rows) == 2
    marked = [cells[0].value for cells in rows if cells[0].fill.fgColor.rgb == "FFFFF2CC"]
    assert marked == [2]
