"""A tier never becomes looser by one person, by a side door, or without its record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from .api import call, refusal, result

Make = Callable[..., dict[str, Any]]
People = dict[str, dict[str, Any]]
BASIS = {"open_basis": "某市数据管理办法第七条", "open_exception": "internal_affairs"}
PROOF = {"proof_kind": "desensitised", "proof": "脱敏处理报告2026-3"}
pytestmark = pytest.mark.requirement("LYG-7", "YZ-29")


@pytest.fixture
def closed(make_entry: Make) -> dict[str, Any]:
    return make_entry(open_tier="not_open", **BASIS)


def tier(app: Any, people: People, id_: str) -> str:
    return str(result(app, "package_show", people["decider"], id=id_)["open_tier"])


def record(app: Any, people: People, id_: str) -> list[dict[str, Any]]:
    return list(result(app, "govdata_tier_change_list", people["decider"], id=id_))


def propose(app: Any, person: dict[str, Any], id_: str, **more: Any) -> dict[str, Any]:
    given = {"open_tier": "unconditional", "reason": "已脱敏", **PROOF, **more}
    return dict(result(app, "govdata_tier_change_propose", person, id=id_, **given))


def test_a_looser_tier_takes_two_persons_and_proof_and_stands_on_record_with_who_when_and_why(
    app: Any, people: People, closed: dict[str, Any]
) -> None:
    id_ = closed["id"]
    without_proof = {"open_tier": "unconditional", "reason": "已脱敏"}
    assert "proof" in refusal(app, "govdata_tier_change_propose", people["publisher"], id=id_, **without_proof)
    proposal = propose(app, people["publisher"], id_)
    assert proposal["status"] == "pending"
    assert tier(app, people, id_) == "not_open"
    decision = {"id": proposal["id"], "accept": True, "reason": "同意"}
    for person in ("publisher", "other_publisher", "operator", "authority", "data_user"):
        assert call(app, "govdata_tier_change_decide", people[person], **decision)[0] == 403
    decided = result(app, "govdata_tier_change_decide", people["decider"], **decision)
    assert decided["status"] == "applied"
    assert tier(app, people, id_) == "unconditional"
    assert call(app, "package_show", id=id_)[0] == 200
    newest, first = record(app, people, id_)
    assert (first["from_tier"], first["to_tier"], first["reason"]) == ("", "not_open", "first entry")
    assert (newest["from_tier"], newest["to_tier"], newest["proof"]) == ("not_open", "unconditional", PROOF["proof"])
    assert (newest["proposed_by"], newest["decided_by"]) == (people["publisher"]["id"], people["decider"]["id"])
    assert newest["proposed_at"] < newest["decided_at"]
    assert newest["reason"] == "已脱敏"
    assert "already" in str(refusal(app, "govdata_tier_change_decide", people["decider"], **decision))


def test_who_proposes_does_not_decide_and_a_refusal_changes_nothing(
    app: Any, people: People, closed: dict[str, Any]
) -> None:
    own = propose(app, people["decider"], closed["id"])
    assert "id" in refusal(
        app, "govdata_tier_change_decide", people["decider"], id=own["id"], accept=True, reason="同意"
    )
    other = propose(app, people["publisher"], closed["id"])
    refused = result(
        app, "govdata_tier_change_decide", people["decider"], id=other["id"], accept=False, reason="不充分"
    )
    assert refused["status"] == "refused"
    assert tier(app, people, closed["id"]) == "not_open"


def test_the_administrator_alone_does_not_open_what_is_closed(app: Any, people: People, closed: dict[str, Any]) -> None:
    administrator = people["administrator"]
    assert "open_tier" in refusal(app, "package_patch", administrator, id=closed["id"], open_tier="unconditional")
    own = propose(app, administrator, closed["id"])
    decision = {"id": own["id"], "accept": True, "reason": "同意"}
    assert "id" in refusal(app, "govdata_tier_change_decide", administrator, **decision)


def test_two_who_decide_at_the_same_moment_make_one_decision(app: Any, people: People, closed: dict[str, Any]) -> None:
    proposal = propose(app, people["publisher"], closed["id"])
    second = {**people["other_publisher"]}
    tk.get_action("organization_member_create")(
        {"ignore_auth": True}, {"id": people["agency"]["id"], "username": second["name"], "role": "admin"}
    )
    said: list[str] = []
    ready = threading.Barrier(2)

    def decide(name: str, accept: bool) -> None:
        with app.flask_app.test_request_context():
            context: Any = {"user": name, "auth_user_obj": model.User.by_name(name), "ignore_auth": False}
            ready.wait()
            try:
                given = {"id": proposal["id"], "accept": accept, "reason": "理由"}
                said.append(tk.get_action("govdata_tier_change_decide")(context, given)["status"])
            except (tk.ValidationError, tk.NotAuthorized, RuntimeError) as error:
                said.append(f"refused: {error}")
            finally:
                model.Session.remove()

    threads = [
        threading.Thread(target=decide, args=(name, accept))
        for name, accept in ((people["decider"]["name"], True), (second["name"], False))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(word.startswith("refused:") for word in said) == [False, True], said
    (decided,) = [word for word in said if not word.startswith("refused:")]
    assert tier(app, people, closed["id"]) == ("unconditional" if decided == "applied" else "not_open")


SIDE_DOORS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "patch": lambda e: ("package_patch", {"id": e["id"], "open_tier": "unconditional"}),
    "patch with a reason": lambda e: (
        "package_patch",
        {"id": e["id"], "open_tier": "conditional", "tier_change_reason": "x"},
    ),
    "update": lambda e: ("package_update", {**e, "open_tier": "unconditional"}),
    "revise": lambda e: ("package_revise", {"match": {"id": e["id"]}, "update": {"open_tier": "unconditional"}}),
    "revise flat": lambda e: ("package_revise", {"match__id": e["id"], "update__open_tier": "unconditional"}),
    "decided tier": lambda e: (
        "package_patch",
        {"id": e["id"], "open_tier": "unconditional", "govdata_decided_tier": "unconditional"},
    ),
    "private": lambda e: ("package_patch", {"id": e["id"], "private": False}),
    "bulk": lambda e: ("bulk_update_public", {"datasets": [e["id"]], "org_id": e["owner_org"]}),
    "publication": lambda e: ("package_patch", {"id": e["id"], "publication": "published", "released": "true"}),
    "extras": lambda e: ("package_patch", {"id": e["id"], "extras": [{"key": "open_tier", "value": "unconditional"}]}),
    "extras with spaces": lambda e: (
        "package_patch",
        {"id": e["id"], "extras": [{"key": " publication ", "value": "published"}]},
    ),
    "hold causes": lambda e: ("package_patch", {"id": e["id"], "hold_causes": []}),
    "another type": lambda e: ("package_patch", {"id": e["id"], "type": "other"}),
    "another type by update": lambda e: ("package_update", {**e, "type": "other", "open_tier": "unconditional"}),
    "state": lambda e: ("package_patch", {"id": e["id"], "state": "draft", "open_tier": "unconditional"}),
    "unknown word": lambda e: ("package_patch", {"id": e["id"], "open_tier": "Unconditional "}),
    "list": lambda e: ("package_patch", {"id": e["id"], "open_tier": ["unconditional"]}),
    "empty": lambda e: ("package_patch", {"id": e["id"], "open_tier": "", "tier_change_reason": "x", "private": True}),
    "tier after empty": lambda e: ("package_patch", {"id": e["id"], "open_tier": "unconditional", "private": False}),
    "a stale word": lambda e: ("package_patch", {"id": e["id"], "tier_word": "无条件开放", "list_id": "x"}),
    "another agency": lambda e: ("package_owner_org_update", {"id": e["id"], "organization_id": "weijianwei"}),
}


def test_no_side_door_opens_what_is_closed(app: Any, people: People, make_entry: Make) -> None:
    for start in ("not_open", "draft", "held"):
        given = {} if start == "held" else {"open_tier": "not_open", **BASIS}
        entry = make_entry(**{"open_tier": "", **given, "private": start == "draft"})
        for door, make in SIDE_DOORS.items():
            if start == "held" and door == "empty":
                continue
            action, data = make(entry)
            call(app, action, people["decider"], **data)
            model.Session.rollback()
            assert call(app, "package_show", id=entry["id"])[0] == 404, (start, door)
            assert entry["name"] not in result(app, "package_list"), (start, door)
            assert result(app, "package_search", fq="state:*")["count"] == 0, (start, door)
            stored = model.Session.get(model.Package, entry["id"])
            assert stored.private, (start, door)
            assert stored.extras.get("open_tier") != "unconditional", (start, door)
            assert stored.owner_org == people["agency"]["id"], (start, door)
        call(app, "package_delete", people["decider"], id=entry["id"])


def test_an_entry_of_another_type_with_fields_written_by_hand_does_not_come_in(app: Any, people: People) -> None:
    given = {
        "name": "x-other",
        "title": "别的",
        "type": "other",
        "owner_org": people["agency"]["id"],
        "extras": [{"key": "publication", "value": "published"}, {"key": "open_tier", "value": "unconditional"}],
    }
    assert "type" in refusal(app, "package_create", people["decider"], **given)
    assert call(app, "package_show", id="x-other")[0] == 404


def test_a_stricter_tier_holds_at_once_with_a_reason_and_by_edit_as_by_proposal(
    app: Any, people: People, make_entry: Make
) -> None:
    entry = make_entry(**BASIS)
    assert "tier_change_reason" in refusal(
        app, "package_patch", people["publisher"], id=entry["id"], open_tier="conditional"
    )
    result(
        app,
        "package_patch",
        people["publisher"],
        id=entry["id"],
        open_tier="conditional",
        tier_change_reason="安全要求高",
    )
    stricter = propose(app, people["publisher"], entry["id"], open_tier="not_open", reason="涉及内部事务")
    assert stricter["status"] == "applied"
    steps = [(row["from_tier"], row["to_tier"], row["reason"]) for row in record(app, people, entry["id"])]
    assert steps == [
        ("conditional", "not_open", "涉及内部事务"),
        ("unconditional", "conditional", "安全要求高"),
        ("", "unconditional", "first entry"),
    ]
    assert call(app, "package_show", id=entry["id"])[0] == 404


def test_a_proposal_dies_when_the_tier_has_moved_meanwhile(app: Any, people: People, make_entry: Make) -> None:
    entry = make_entry(open_tier="conditional", **BASIS)
    proposal = propose(app, people["publisher"], entry["id"])
    propose(app, people["publisher"], entry["id"], open_tier="not_open", reason="涉及内部事务")
    decision = {"id": proposal["id"], "accept": True, "reason": "同意"}
    assert "id" in refusal(app, "govdata_tier_change_decide", people["decider"], **decision)
    assert tier(app, people, entry["id"]) == "not_open"


@pytest.mark.requirement("YZ-10")
def test_a_dataset_is_never_looser_than_its_strictest_item(app: Any, people: People, closed: dict[str, Any]) -> None:
    items = [{"name": "phone", "title": "手机号", "tier": "not_open"}]
    result(app, "package_patch", people["publisher"], id=closed["id"], data_items=items)
    proposal = propose(app, people["publisher"], closed["id"])
    decision = {"id": proposal["id"], "accept": True, "reason": "同意"}
    assert "open_tier" in refusal(app, "govdata_tier_change_decide", people["decider"], **decision)
    assert tier(app, people, closed["id"]) == "not_open"
    assert record(app, people, closed["id"])[0]["status"] == "pending"


@pytest.mark.requirement("YZ-10", "LYG-12")
def test_whoever_may_not_change_an_entry_proposes_nothing_and_reads_no_record(
    app: Any, people: People, closed: dict[str, Any], make_entry: Make
) -> None:
    for person in (None, people["data_user"], people["other_publisher"]):
        told = []
        for id_ in (closed["id"], "there-is-no-such-entry"):
            given = {"id": id_, "open_tier": "unconditional", "reason": "x", **PROOF}
            told.append(call(app, "govdata_tier_change_propose", person, **given))
            told.append(call(app, "govdata_tier_change_list", person, id=id_))
            told.append(call(app, "govdata_release", person, id=id_, released=True))
            told.append(call(app, "govdata_review_decide", person, id=id_, reviewer="agency", accept=True))
        assert [status for status, _ in told] == [403] * 8
        assert [answer["error"] for _, answer in told[:4]] == [answer["error"] for _, answer in told[4:]]
