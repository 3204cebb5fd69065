"""Who may do what, typed by hand; what the table of permissions does not say is denied, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.govdata.roles.domain import GRANTS, Actor, Permission, Reason, Role, permits
from ckanext.govdata.roles.table import BEGIN, END, render

PAGE = Path(__file__).parents[3] / "docs" / "roles.md"
HERE, THERE = "agency-here", "agency-there"


def at(role: Role) -> Actor:
    """Somebody who holds this role in the agency HERE."""
    return Actor("u1", "somebody", frozenset({Role.DATA_USER, role}), {HERE: role})


def officer(role: Role) -> Actor:
    return Actor("u1", "somebody", frozenset({Role.DATA_USER, role}))


PEOPLE = {
    "visitor": Actor(),
    "data_user": Actor("u1", "somebody", frozenset({Role.DATA_USER})),
    "member": at(Role.MEMBER),
    "publisher": at(Role.PUBLISHER),
    "decider": at(Role.DECIDER),
    "operator": officer(Role.OPERATOR),
    "authority": officer(Role.AUTHORITY),
    "administrator": officer(Role.ADMINISTRATOR),
}
EDITORS = {"publisher", "decider"}
# permission: those who may it towards the own agency, those who may it towards another one
EXPECTED = {
    "catalogue.read_unpublished": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "catalogue.read_shared": ({"member", "operator", "authority"} | EDITORS,) * 2,
    "catalogue.edit": (EDITORS, set()),
    "catalogue.publish": (EDITORS, set()),
    "tier.propose": (EDITORS, set()),
    "tier.approve": ({"decider"}, set()),
    "list.review.agency": ({"decider"}, set()),
    "list.review.operator": ({"operator"},) * 2,
    "list.review.authority": ({"authority"},) * 2,
    "negative_list.release": ({"decider"}, set()),
    "import.run": ({"operator"} | EDITORS, {"operator"}),
    "officers.read": ({"operator", "authority"},) * 2,
    "officers.appoint": ({"authority"},) * 2,
    "posts.manage": ({"decider", "authority"}, {"authority"}),
    "ledger.read": ({"operator", "authority"},) * 2,
    "uses.read": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "terms.read": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "uses.trace": ({"operator", "authority"},) * 2,
    "data.shut": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "data.open_again.propose": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "data.open_again.decide": ({"decider", "operator", "authority"}, {"operator", "authority"}),
    "grant.read": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "grant.suspend": ({"decider", "operator", "authority"}, {"operator", "authority"}),
    "grant.revoke": ({"decider", "authority"}, {"authority"}),
    "inspection.request": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "inspection.decide": ({"decider", "authority"}, {"authority"}),
    "party.read": ({"operator", "authority"},) * 2,
    "party.verify": ({"operator"},) * 2,
    "party.block.propose": ({"operator", "authority"},) * 2,
    "party.block.decide": ({"authority"},) * 2,
    "marking.declare": ({"decider"}, set()),
    "leak.trace": ({"authority"},) * 2,
    "withdrawal.handle": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "evidence.unseal": ({"authority"},) * 2,
    "application.read": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "application.review": (EDITORS, set()),
    "application.decide": ({"decider"}, set()),
    "application.appeal.decide": ({"authority"},) * 2,
    "agreement.read": ({"member", "operator", "authority"} | EDITORS, {"operator", "authority"}),
    "agreement.keep": ({"decider"}, set()),
    "agreement.suspend": ({"decider", "operator", "authority"}, {"operator", "authority"}),
    "agreement.text": ({"authority"},) * 2,
    "succession": ({"authority"},) * 2,
    "objection.handle": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "request.handle": ({"operator", "authority"} | EDITORS, {"operator", "authority"}),
    "contribution.handle": ({"operator"} | EDITORS, {"operator"}),
    "misuse.handle": ({"operator", "authority"},) * 2,
}
CASES = [(permission, person) for permission in EXPECTED for person in PEOPLE]


def test_every_permission_has_its_row() -> None:
    assert set(EXPECTED) == {permission.value for permission in Permission} == {name.value for name in GRANTS}


@pytest.mark.requirement("LYG-12", "YZ-22", "GY-c2", "LYG-7")
@pytest.mark.parametrize(("permission", "person"), CASES, ids=[f"{who} {what}" for what, who in CASES])
def test_a_role_may_what_the_table_says_and_nothing_else(permission: str, person: str) -> None:
    own, other = EXPECTED[permission]
    actor, name = PEOPLE[person], Permission(permission)
    assert permits(actor, name, HERE).allowed is (person in own or person == "administrator")
    assert permits(actor, name, THERE).allowed is (person in other or person == "administrator")
    assert permits(actor, name).allowed is (person in other or person == "administrator")


@pytest.mark.parametrize("permission", list(Permission))
def test_every_denial_says_why(permission: Permission) -> None:
    for person, actor in PEOPLE.items():
        decision = permits(actor, permission, THERE)
        if decision.allowed:
            assert decision.reason in {role.value for role in actor.roles}, person
        else:
            assert decision.reason in {reason.value for reason in Reason}
            assert decision.message.endswith(".")


def test_a_visitor_is_asked_to_sign_in() -> None:
    assert permits(Actor(), Permission.CATALOGUE_EDIT, HERE).reason == Reason.SIGN_IN.value


def test_another_agency_s_decider_is_told_that_it_is_another_agency_s() -> None:
    decision = permits(at(Role.DECIDER), Permission.TIER_APPROVE, THERE)
    assert decision.reason == Reason.OTHER_AGENCY.value
    assert "own agency" in decision.message


def test_what_belongs_to_no_agency_is_nobody_s_own() -> None:
    homeless = Actor("u1", "somebody", frozenset({Role.DECIDER}), {"": Role.DECIDER})
    assert not permits(homeless, Permission.CATALOGUE_EDIT, "").allowed
    assert not permits(homeless, Permission.CATALOGUE_EDIT, None).allowed


def test_capacities_in_two_agencies_do_not_mix() -> None:
    both = Actor("u1", "somebody", frozenset({Role.DECIDER, Role.MEMBER}), {HERE: Role.DECIDER, THERE: Role.MEMBER})
    assert permits(both, Permission.TIER_APPROVE, HERE).reason == "decider"
    assert not permits(both, Permission.TIER_APPROVE, THERE).allowed
    assert permits(both, Permission.CATALOGUE_READ_UNPUBLISHED, THERE).reason == "member"
    assert both.agencies == {HERE, THERE}


@pytest.mark.requirement("LYG-12")
def test_the_authority_cannot_decide_for_an_agency() -> None:
    for permission in (Permission.TIER_APPROVE, Permission.NEGATIVE_LIST_RELEASE, Permission.LIST_REVIEW_AGENCY):
        decision = permits(PEOPLE["authority"], permission, HERE)
        assert (decision.allowed, decision.reason) == (False, Reason.ROLE.value)
        assert "decider" in decision.message


def test_the_administrator_s_right_is_named_as_such() -> None:
    assert permits(PEOPLE["administrator"], Permission.TIER_APPROVE, HERE).reason == "administrator"


def test_the_page_on_roles_shows_the_permissions_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()
    assert shown == render(), "write the output of ckanext.govdata.roles.table.render() between the markers"
