"""Entries wait for review, are sent back, are published when all have agreed, and asked anew when they were changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .api import call, refusal, result

Make = Callable[..., dict[str, Any]]
People = dict[str, dict[str, Any]]
CAPACITIES = {"agency": "decider", "operator": "operator", "authority": "authority"}
pytestmark = pytest.mark.requirement("LYG-12", "YZ-10", "ZB-10")


@pytest.fixture
def waiting(app: Any, people: People) -> str:
    """An entry that its agency's publisher handed in."""
    given = {"name": "parking", "title": "停车场", "owner_org": people["agency"]["id"], "open_tier": "unconditional"}
    entry = result(app, "package_create", people["publisher"], **given)
    assert entry["publication"] == "in_review"
    return str(entry["id"])


def agree(app: Any, people: People, id_: str, reviewer: str, accept: bool = True, note: str = "") -> dict[str, Any]:
    given = {"id": id_, "reviewer": reviewer, "accept": accept, "note": note}
    return dict(result(app, "govdata_review_decide", people[CAPACITIES[reviewer]], **given))


def test_an_entry_is_published_by_the_last_of_those_asked_and_by_nobody_before(
    app: Any, people: People, waiting: str
) -> None:
    assert agree(app, people, waiting, "operator")["outstanding"] == ["agency", "authority"]
    assert agree(app, people, waiting, "operator")["outstanding"] == ["agency", "authority"], "one voice counts once"
    assert agree(app, people, waiting, "agency")["outstanding"] == ["authority"]
    assert call(app, "package_show", id=waiting)[0] == 404
    assert agree(app, people, waiting, "authority")["publication"] == "published"
    assert call(app, "package_show", id=waiting)[0] == 200


def test_nobody_speaks_for_another_reviewer(app: Any, people: People, waiting: str) -> None:
    for reviewer, holder in CAPACITIES.items():
        for person in ("data_user", "publisher", "other_publisher", "decider", "operator", "authority"):
            if person != holder:
                given = {"id": waiting, "reviewer": reviewer, "accept": True}
                assert call(app, "govdata_review_decide", people[person], **given)[0] == 403


def test_an_entry_that_was_changed_meanwhile_asks_its_reviewers_anew(app: Any, people: People, waiting: str) -> None:
    agree(app, people, waiting, "operator")
    agree(app, people, waiting, "agency")
    result(app, "package_patch", people["publisher"], id=waiting, notes="改了说明")
    assert agree(app, people, waiting, "authority")["outstanding"] == ["agency", "operator"]
    assert call(app, "package_show", id=waiting)[0] == 404


def test_an_entry_sent_back_is_its_agencys_draft_with_a_note(app: Any, people: People, waiting: str) -> None:
    given = {"id": waiting, "reviewer": "authority", "accept": False}
    assert "note" in refusal(app, "govdata_review_decide", people["authority"], **given)
    back = result(app, "govdata_review_decide", people["authority"], **given, note="缺少数据项")
    assert back["publication"] == "draft"
    assert call(app, "package_show", id=waiting)[0] == 404
    handed_in = result(app, "package_patch", people["publisher"], id=waiting, private=False)
    assert handed_in["publication"] == "in_review"
    assert sorted(agree(app, people, waiting, "operator")["outstanding"]) == ["agency", "authority"]


def test_the_publisher_cannot_publish_past_the_reviewers(app: Any, people: People, waiting: str) -> None:
    tries = [
        ("package_patch", {"id": waiting, "private": False}),
        ("package_patch", {"id": waiting, "publication": "published"}),
        ("package_patch", {"id": waiting, "govdata_asked": "published"}),
        ("package_revise", {"match": {"id": waiting}, "update": {"private": False, "publication": "published"}}),
        ("bulk_update_public", {"datasets": [waiting], "org_id": people["agency"]["id"]}),
        ("package_patch", {"id": waiting, "private": True}),
        ("package_patch", {"id": waiting, "private": False}),
    ]
    for action, data in tries:
        call(app, action, people["decider"], **data)
        assert call(app, "package_show", id=waiting)[0] == 404, (action, data)
    assert result(app, "package_show", people["decider"], id=waiting)["publication"] == "in_review"


def test_each_sees_in_the_list_of_waiting_entries_what_is_theirs(app: Any, people: People, waiting: str) -> None:
    for person in ("publisher", "decider", "operator", "authority"):
        listed = result(app, "govdata_review_list", people[person])
        assert [entry["id"] for entry in listed["results"]] == [waiting]
        assert sorted(listed["results"][0]["outstanding"]) == ["agency", "authority", "operator"]
    assert result(app, "govdata_review_list", people["other_publisher"])["count"] == 0
    assert call(app, "govdata_review_list", people["data_user"])[0] == 403
    assert call(app, "govdata_review_list")[0] == 403


@pytest.mark.requirement("GY-c2")
def test_the_agencys_decider_alone_releases_and_takes_back_and_opening_ends_it(
    app: Any, people: People, make_entry: Make
) -> None:
    basis = {"open_basis": "某市数据管理办法第七条", "open_exception": "internal_affairs"}
    id_ = make_entry(open_tier="not_open", title="内部考勤", **basis)["id"]
    for person in ("data_user", "publisher", "other_publisher", "operator", "authority"):
        assert call(app, "govdata_release", people[person], id=id_, released=True)[0] == 403
    assert result(app, "govdata_negative_list")["count"] == 0
    result(app, "govdata_release", people["decider"], id=id_, released=True)
    assert [row["title"] for row in result(app, "govdata_negative_list")["results"]] == ["内部考勤"]
    assert call(app, "package_show", id=id_)[0] == 404
    result(app, "package_patch", people["publisher"], id=id_, notes="说明")
    assert result(app, "govdata_negative_list")["count"] == 1, "an edit does not take it back"
    result(app, "govdata_release", people["decider"], id=id_, released=False)
    assert result(app, "govdata_negative_list")["count"] == 0
    open_entry = make_entry()
    assert "id" in refusal(app, "govdata_release", people["decider"], id=open_entry["id"], released=True)
