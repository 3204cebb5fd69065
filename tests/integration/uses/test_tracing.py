"""Who sees which uses: an agency its own, the offices all with names, a data user own ones; and what a trace leaves behind."""

from __future__ import annotations

import csv
import io
import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.ledger import journal
from ckanext.govdata.ledger.journal import Data, Mode, Visitor
from ckanext.govdata.uses import tracing

People = dict[str, dict[str, Any]]


@pytest.fixture
def used(people: People, make_entry: Callable[..., dict[str, Any]]) -> dict[str, str]:
    """Two deliveries and a denial of conditional data, and two downloads of unconditional data, in the ledger's intake."""
    # The ledger keeps the entries of other tests too. As long as a digest is: a short one of digits alone is taken for a number
    # of a person, which stands in no entry.
    mark = secrets.token_hex(32)
    entry = make_entry(open_tier="conditional", open_conditions="限研究使用", open_basis="某办法第三条")
    agency = people["agency"]["id"]
    file = (f"r-{mark}", "v7", mark, ("name",), 12, "g-1", "HT-1")
    closed = Data(entry["id"], "conditional", Mode.DOWNLOAD, agency, *file)
    party, other = str(uuid.uuid4()), str(uuid.uuid4())
    who = Visitor(people["data_user"]["id"], party, "data-user", "192.0.2.7", "curl/8")
    number = journal.delivery(closed, who)
    assert number
    journal.delivery_end(number, closed, who, 4711, whole=True)
    rows = Data(entry["id"], "conditional", Mode.ROWS, agency, f"r-{mark}", "v8")
    journal.delivery(rows, Visitor("u-other", other, "zhang-wei"))
    journal.denial(closed, Visitor(address="192.0.2.9"), "agreement_required")
    for address in ("192.0.2.1", "192.0.2.2"):
        journal.delivery(Data("d-open", "unconditional", Mode.DOWNLOAD, agency, "r-2", "v1"), Visitor(address=address))
    return {
        "dataset": entry["id"],
        "agency": agency,
        "number": str(number),
        "mark": mark,
        "party": party,
        "other": other,
    }


def ask(action: str, people: People, role: str, **data: Any) -> Any:
    return call_action(action, {"user": people[role]["name"], "ignore_auth": False}, **data)


@pytest.mark.requirement("YZ-30")
def test_an_agency_and_the_offices_see_how_its_data_is_used(people: People, used: dict[str, str]) -> None:
    for role in ("publisher", "decider", "operator", "authority"):
        found = ask("govdata_use_list", people, role, agency="jiaotongju")
        assert found["count"] == 3
    found = ask("govdata_use_list", people, "decider", agency="jiaotongju")
    by_number = {row["entry_id"]: row for row in found["results"]}
    taken = by_number[used["number"]]
    assert (taken["party_id"], taken["agreement_id"], taken["columns"], taken["bytes"]) == (
        used["party"],
        "HT-1",
        ["name"],
        4711,
    )
    assert {row["outcome"] for row in found["results"]} == {"success", "failure"}


@pytest.mark.requirement("YZ-30")
def test_of_unconditional_data_agencies_see_counts_and_never_persons(people: People, used: dict[str, str]) -> None:
    found = ask("govdata_use_list", people, "decider", agency="jiaotongju")
    counts = [row for row in found["counts"] if row["dataset_id"] == "d-open"]
    assert counts == [{"dataset_id": "d-open", "mode": "download", "outcome": "success", "count": 2}]
    text = json.dumps(found)
    assert not any(word in text for word in ("user_id", "192.0.2", "data-user", "zhang-wei"))


@pytest.mark.requirement("YZ-30")
@pytest.mark.usefixtures("used")
def test_others_do_not_and_learn_of_no_agency(people: People) -> None:
    for role in ("other_publisher", "data_user"):
        for agency in ("jiaotongju", "no-such-agency"):
            with pytest.raises(tk.NotAuthorized):
                ask("govdata_use_list", people, role, agency=agency)


@pytest.mark.requirement("LYG-21")
def test_a_data_user_sees_own_uses_alone(people: People, used: dict[str, str]) -> None:
    found = ask("govdata_use_own", people, "data_user")
    assert [row["entry_id"] for row in found["results"]] == [used["number"]]
    assert ask("govdata_use_own", people, "publisher")["count"] == 0


@pytest.mark.requirement("LYG-26")
@pytest.mark.parametrize(
    ("start", "count"),
    [
        ({"resource": "r-MARK", "version": "v7"}, 2),
        ({"sha256": "MARK"}, 2),
        ({"party": "OTHER"}, 1),
        ({"user": "data-user"}, 1),
        ({"party": "PARTY", "version": "v8"}, 0),
    ],
)
def test_the_offices_trace_who_has_this_version_and_what_has_this_party(
    people: People, used: dict[str, str], start: dict[str, str], count: int
) -> None:
    for word in ("mark", "party", "other"):
        start = {name: value.replace(word.upper(), used[word]) for name, value in start.items()}
    given = start
    found = ask("govdata_use_trace", people, "authority", reason="疑似泄露", **given)
    assert found["count"] == len(found["results"]) == count


@pytest.mark.requirement("LYG-26")
def test_a_trace_tells_names_while_they_are_kept_and_is_itself_an_entry(people: People, used: dict[str, str]) -> None:
    found = ask("govdata_use_trace", people, "operator", reason="疑似泄露", party=used["party"])
    assert (found["results"][0]["user.name"], found["results"][0]["source.ip"]) == ("data-user", "192.0.2.7")
    words = "SELECT entry FROM govdata_ledger.intake ORDER BY received_at DESC LIMIT 1"
    entry = json.loads(bytes(model.Session.execute(sa.text(words)).scalar_one()))
    assert entry["event"]["action"] == "uses-traced"
    assert (entry["user"]["id"], entry["govdata"]["trace"]["party"]) == (people["operator"]["id"], used["party"])


@pytest.mark.usefixtures("used")
def test_the_entry_of_a_trace_shows_neither_the_reason_nor_a_name_that_was_asked_for(people: People) -> None:
    ask("govdata_use_trace", people, "authority", reason="欧阳若兰举报", user="欧阳若兰")
    words = "SELECT entry, opened FROM govdata_ledger.intake JOIN govdata_ledger.personal ON entry_id = id"
    rows = model.Session.execute(sa.text(f"{words} ORDER BY received_at DESC LIMIT 1")).all()
    [(entry, opened)] = rows
    assert "欧阳若兰" not in bytes(entry).decode()
    assert {field: kept["value"] for field, kept in opened.items()} == {
        "govdata.reason": "欧阳若兰举报",
        "govdata.trace.user": "欧阳若兰",
    }


@pytest.mark.usefixtures("used")
def test_nobody_else_traces(people: People) -> None:
    for role in ("publisher", "decider", "data_user"):
        with pytest.raises(tk.NotAuthorized):
            ask("govdata_use_trace", people, role, reason="好奇", party="p-1")


@pytest.mark.usefixtures("used")
def test_a_trace_asks_for_a_reason_and_a_start(people: People) -> None:
    with pytest.raises(tk.ValidationError) as without_reason:
        ask("govdata_use_trace", people, "authority", party="p-1")
    assert "reason" in without_reason.value.error_dict
    with pytest.raises(tk.ValidationError):
        ask("govdata_use_trace", people, "authority", reason="疑似泄露")


def test_rows_are_the_same_whether_entries_wait_or_stand_in_the_log(people: People, used: dict[str, str]) -> None:
    before = ask("govdata_use_list", people, "decider", agency="jiaotongju")
    from ckanext.govdata.ledger import portal
    from ckanext.govdata.ledger.sequencer import Sequencer, drain

    connection = portal.connect(portal.portal_url())
    sequencer = Sequencer(connection, portal.folder())
    assert sequencer.acquire()
    drain(sequencer)
    connection.close()
    assert ask("govdata_use_list", people, "decider", agency="jiaotongju") == before
    model.Session.execute(sa.text("TRUNCATE govdata_use, govdata_use_progress"))
    model.Session.commit()
    tracing.project()
    again = ask("govdata_use_list", people, "decider", agency="jiaotongju")
    assert used["number"] in {row["entry_id"] for row in again["results"]}, "made anew from the log alone"


@pytest.mark.parametrize("form", ["jsonl", "prov.json", "csv", "xlsx"])
def test_uses_are_given_as_files_to_whoever_may_see_them(
    app: Any, people: People, used: dict[str, str], form: str
) -> None:
    def get(path: str, role: str | None, status: int) -> Any:
        headers = {"Authorization": people[role]["token"]} if role else {}
        return app.get(path, headers=headers, status=status)

    own = get(f"/uses.{form}", "data_user", 200)
    assert "no-store" in own.headers["Cache-Control"]
    agency = get(f"/desk/uses.{form}?agency=jiaotongju", "decider", 200)
    trace = get(f"/desk/trace.{form}?party={used['party']}&reason=check", "authority", 200)
    if form == "csv":
        assert [row["entry_id"] for row in csv.DictReader(io.StringIO(own.text.lstrip("\ufeff")))] == [used["number"]]
        assert "data-user" in trace.text and "data-user" not in agency.text
    if form == "prov.json":
        assert f"govdata:use/{used['number']}" in trace.json["activity"]
    get(f"/uses.{form}", None, 401)
    get(f"/desk/uses.{form}?agency=jiaotongju", "other_publisher", 403)
    get(f"/desk/trace.{form}?party=p-1&reason=check", "decider", 403)
    get(f"/desk/trace.{form}?party=p-1", "authority", 400)


def test_the_pages_show_what_the_actions_give(app: Any, people: People, used: dict[str, str]) -> None:
    def page(path: str, role: str, status: int = 200) -> str:
        return app.get(path, headers={"Authorization": people[role]["token"]}, status=status).text

    own = page("/uses", "data_user")
    assert used["number"] in own and "HT-1" not in own
    agency = page("/desk/uses?agency=jiaotongju", "decider")
    assert used["party"] in agency and "192.0.2" not in agency and "data-user" not in agency.split("<main", 1)[-1]
    trace = page(f"/desk/trace?party={used['party']}&reason=check", "authority")
    assert "192.0.2.7" in trace and "v7" in trace
    assert "192.0.2.7" not in page(f"/desk/trace?party={used['party']}", "authority"), "no reason, no trace"
    page("/desk/trace", "decider", 403)
    page("/desk/uses?agency=weijianwei", "decider", 403)
    page("/desk/ledger", "operator")
    page("/desk/ledger", "decider", 403)
