"""What keeps an account of this portal open, and what goes with one that is closed."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model

from ckanext.govdata.access.parties.model import Member, Party
from ckanext.govdata.access.parties.standing import parties_of
from ckanext.govdata.columns import now
from ckanext.govdata.signin import closing

People = dict[str, dict[str, Any]]


@pytest.fixture
def asked(app: Any, people: People) -> Any:
    with app.flask_app.test_request_context():
        yield people


def party(kind: str, role: str, *user_ids: str) -> str:
    row = Party(kind=kind, name=f"party of a {kind}", state="verified", created_by=user_ids[0])
    model.Session.add(row)
    model.Session.flush()
    for user_id in user_ids:
        model.Session.add(Member(party_id=row.id, user_id=user_id, role=role, manages=True, confirmed_at=now()))
    model.Session.commit()
    return row.id


@pytest.mark.requirement("LYG-35")
def test_a_post_an_office_and_an_enterprise_without_another_head_keep_an_account_open(asked: People) -> None:
    assert "交通运输局" in closing.obstacles(asked["publisher"]["id"])[0]
    assert "officer of the authority" in closing.obstacles(asked["operator"]["id"])[0]
    user, other = asked["data_user"]["id"], asked["other_publisher"]["id"]
    assert closing.obstacles(user) == []
    party("enterprise", "member", user)
    assert "Nobody would manage party of a enterprise" in closing.obstacles(user)[0]
    model.Session.add(Member(party_id=parties_of(user)[0].id, user_id=other, role="member", manages=True))
    model.Session.commit()
    assert closing.obstacles(user) == []


@pytest.mark.requirement("LYG-21")
def test_a_closed_account_leaves_its_parties_and_its_own_is_closed(asked: People) -> None:
    user, other = asked["data_user"]["id"], asked["other_publisher"]["id"]
    firm, own = party("enterprise", "member", user, other), party("person", "self", user)
    assert {one.id for one in parties_of(user)} == {firm, own}
    closing.closed(user)
    assert parties_of(user) == [] and [one.id for one in parties_of(other)] == [firm]
    row = model.Session.get(Party, own)
    assert row is not None and row.state == "closed"
