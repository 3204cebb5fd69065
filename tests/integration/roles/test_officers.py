"""Officers are appointed and dismissed by the authority alone, in CKAN with its database; an actor is who CKAN says it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth

from ckanext.govdata.roles.actors import actor_of_context, actor_of_user
from ckanext.govdata.roles.domain import Actor, Role
from ckanext.govdata.roles.model import Officer

pytestmark = [pytest.mark.ckan_config("ckan.plugins", "govdata"), pytest.mark.usefixtures("office")]


@pytest.fixture
def office(with_plugins: None, reset_db: Callable[[], None], migrate_db_for: Callable[[str], None]) -> None:
    reset_db()
    migrate_db_for("govdata")


def appoint(name: str, role: str, by: str) -> dict[str, Any]:
    context: Any = {"user": by, "ignore_auth": False}
    return tk.get_action("govdata_officer_appoint")(context, {"user": name, "role": role})


def dismiss(name: str, role: str, by: str) -> dict[str, Any]:
    context: Any = {"user": by, "ignore_auth": False}
    return tk.get_action("govdata_officer_dismiss")(context, {"user": name, "role": role})


def roles(name: str) -> set[Role]:
    return set(actor_of_user(model.User.by_name(name)).roles)


def agency(*people: tuple[str, str], above: str | None = None) -> str:
    """An agency with people in their capacities, by name; below another agency if given. Answers its id."""
    group = model.Group(name=f"agency-{uuid4().hex}", type="organization", is_organization=True)
    model.Session.add(group)
    model.Session.flush()
    for name, capacity in people:
        join(group.id, name, capacity)
    if above:
        row = model.Member(group=group, table_name="group", table_id=above, capacity="public")
        model.Session.add(row)
    model.Session.commit()
    return group.id


def join(agency_id: str, name: str, capacity: str) -> None:
    user = model.User.by_name(name)
    group = model.Group.get(agency_id)
    model.Session.add(model.Member(group=group, table_name="user", table_id=user.id, capacity=capacity))
    model.Session.commit()


@pytest.fixture
def chief() -> str:
    """An officer of the authority, appointed by the administrator."""
    admin, chief = factories.Sysadmin(), factories.User()
    appoint(chief["name"], "authority", admin["name"])
    return chief["name"]


@pytest.mark.requirement("LYG-35", "ZB-6")
def test_the_authority_appoints_and_dismisses_and_the_register_keeps_the_term(chief: str) -> None:
    clerk = factories.User()
    term = appoint(clerk["name"], "operator", chief)
    assert Role.OPERATOR in roles(clerk["name"])
    ended = dismiss(clerk["name"], "operator", chief)
    assert Role.OPERATOR not in roles(clerk["name"])
    chief_id = model.User.by_name(chief).id
    assert (ended["id"], ended["appointed_by"], ended["ended_by"]) == (term["id"], chief_id, chief_id)
    assert ended["appointed_at"] <= ended["ended_at"]
    listed = call_action("govdata_officer_list", {"user": chief}, ended=True)
    assert [(row["name"], row["role"]) for row in listed] == [(chief, "authority"), (clerk["name"], "operator")]
    in_office = call_action("govdata_officer_list", {"user": chief})
    assert [row["name"] for row in in_office] == [chief]


def test_who_was_dismissed_can_be_appointed_again_and_has_two_terms(chief: str) -> None:
    clerk = factories.User()["name"]
    first = appoint(clerk, "operator", chief)
    assert appoint(clerk, "operator", chief)["id"] == first["id"], "the office held is kept"
    dismiss(clerk, "operator", chief)
    second = appoint(clerk, "operator", chief)
    assert second["id"] != first["id"]
    assert len(call_action("govdata_officer_list", {"user": chief}, ended=True)) == 3


@pytest.mark.parametrize("kind", ["visitor", "data user", "operator", "decider"])
def test_nobody_but_the_authority_appoints_dismisses_or_makes_itself_an_officer(chief: str, kind: str) -> None:
    user = "" if kind == "visitor" else factories.User()["name"]
    if kind == "operator":
        appoint(user, "operator", chief)
    if kind == "decider":
        agency((user, "admin"))
    for act, name, role in [(appoint, user or chief, "authority"), (dismiss, chief, "authority")]:
        with pytest.raises(tk.NotAuthorized):
            act(name, role, user)
    assert Role.AUTHORITY in roles(chief)


@pytest.mark.parametrize("kind", ["data user", "decider"])
def test_the_register_is_for_officers_and_the_denial_says_so(chief: str, kind: str) -> None:
    user = factories.User()["name"]
    if kind == "decider":
        agency((user, "admin"))
    with pytest.raises(tk.NotAuthorized, match="register of officers"):
        call_auth("govdata_officer_list", {"user": user, "model": model})


def test_a_person_without_the_right_learns_nothing_about_users(chief: str) -> None:
    nobody = factories.User()["name"]
    for name in (chief, "there-is-no-such-user"):
        with pytest.raises(tk.NotAuthorized, match="Only officers of the authority appoint"):
            appoint(name, "operator", nobody)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"role": "operator"}, "user"), ({"user": "x"}, "role"), ({"user": "x", "role": "king"}, "role")],
)
def test_a_missing_user_and_an_unknown_office_are_named(chief: str, given: dict[str, str], field: str) -> None:
    with pytest.raises(tk.ValidationError) as caught:
        call_action("govdata_officer_appoint", {"user": chief, "ignore_auth": False}, **given)
    assert set(caught.value.error_dict) == {field}


def test_nobody_is_appointed_whose_account_does_not_exist_or_is_deleted(chief: str) -> None:
    gone = factories.User()
    call_action("user_delete", id=gone["id"])
    for name in ("there-is-no-such-user", gone["name"]):
        with pytest.raises(tk.ValidationError) as caught:
            appoint(name, "operator", chief)
        assert "no active user" in caught.value.error_dict["user"][0]


def test_an_officer_whose_account_is_deleted_has_no_role_and_can_still_be_dismissed(chief: str) -> None:
    clerk = factories.User()["name"]
    appoint(clerk, "operator", chief)
    call_action("user_delete", id=clerk)
    assert roles(clerk) == {Role.VISITOR}
    assert dismiss(clerk, "operator", chief)["ended_by"]


def test_dismissing_somebody_who_holds_no_office_says_so(chief: str) -> None:
    with pytest.raises(tk.ValidationError) as caught:
        dismiss(factories.User()["name"], "operator", chief)
    assert "does not hold this office" in caught.value.error_dict["user"][0]


def test_the_database_itself_refuses_a_second_term_in_the_same_office_and_an_unknown_office() -> None:
    def insert(user_id: str, role: str) -> None:
        model.Session.execute(sa.insert(Officer).values(user_id=user_id, role=role, appointed_by="x"))
        model.Session.commit()

    insert("u1", "operator")
    insert("u1", "authority")
    for user_id, role in (("u1", "operator"), ("u2", "king")):
        with pytest.raises(sa.exc.IntegrityError):
            insert(user_id, role)
        model.Session.rollback()


def test_two_who_appoint_at_the_same_moment_make_one_term_and_the_later_is_told(chief: str) -> None:
    clerk = factories.User()
    term = {"user_id": clerk["id"], "role": "operator", "appointed_by": "somebody else"}

    def somebody_else_is_faster(*_: Any) -> None:
        with model.Session.get_bind().connect() as connection, connection.begin():
            connection.execute(sa.insert(Officer).values(**term))

    sa.event.listen(model.Session, "before_flush", somebody_else_is_faster, once=True)
    with pytest.raises(tk.ValidationError) as caught:
        appoint(clerk["name"], "operator", chief)
    assert "same moment" in caught.value.error_dict["user"][0]
    listed = call_action("govdata_officer_list", {"user": chief})
    assert [row["appointed_by"] for row in listed if row["name"] == clerk["name"]] == ["somebody else"]


def test_the_register_s_table_is_as_its_model_says() -> None:
    def ours(_object: Any, name: str, kind: str, _reflected: bool, _against: Any) -> bool:
        return kind != "table" or name == Officer.__tablename__

    with model.Session.get_bind().connect() as connection:
        migrations = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(migrations, Officer.metadata) == []


def test_an_actor_has_the_capacities_that_ckan_gives() -> None:
    user = factories.User()
    here, there, far = (agency((user["name"], capacity)) for capacity in ("admin", "editor", "member"))
    theme = model.Group(name="theme", type="group", is_organization=False)
    model.Session.add(theme)
    model.Session.flush()
    join(theme.id, user["name"], "admin")
    actor = actor_of_user(model.User.get(user["id"]))
    assert actor.capacities == {here: Role.DECIDER, there: Role.PUBLISHER, far: Role.MEMBER}
    assert actor.roles == {Role.DATA_USER, Role.DECIDER, Role.PUBLISHER, Role.MEMBER}


def test_a_deleted_agency_and_a_membership_that_ended_give_no_capacity() -> None:
    user = factories.User()
    gone, left = (agency((user["name"], "admin")) for _ in range(2))
    model.Group.get(gone).delete()
    model.Session.commit()
    call_action("member_delete", id=left, object=user["name"], object_type="user")
    assert actor_of_user(model.User.get(user["id"])).capacities == {}


def test_a_bureau_s_admin_is_decider_of_the_offices_below_it_and_its_editor_is_not() -> None:
    admin, editor = factories.User(), factories.User()
    bureau = agency((admin["name"], "admin"), (editor["name"], "editor"))
    below = agency(above=agency(above=bureau))
    assert actor_of_user(model.User.get(admin["id"])).capacities[below] is Role.DECIDER
    assert actor_of_user(model.User.get(editor["id"])).agencies == {bureau}


def test_the_administrator_is_known_as_such_and_nobody_signed_in_is_a_visitor() -> None:
    admin = factories.Sysadmin()
    assert Role.ADMINISTRATOR in roles(admin["name"])
    assert actor_of_context({"user": ""}) == actor_of_user(None) == Actor()
    assert actor_of_user(tk.current_user) == Actor()
    assert actor_of_context({"user": admin["name"]}).user_id == admin["id"]


@pytest.mark.usefixtures("with_request_context")
def test_within_a_request_an_actor_is_loaded_once_and_anew_after_a_change(chief: str) -> None:
    user = model.User.get(factories.User()["id"])
    statements: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = model.Session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        first = actor_of_user(user)
        loaded = len(statements)
        assert actor_of_user(user) is first
        assert len(statements) == loaded > 0
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    appoint(user.name, "operator", chief)
    assert Role.OPERATOR in actor_of_user(user).roles
    joined = agency((user.name, "editor"))
    assert joined in actor_of_user(user).agencies
    call_action("member_delete", id=joined, object=user.name, object_type="user")
    assert joined not in actor_of_user(user).agencies


def test_over_http_the_authority_appoints_by_token_and_a_visitor_is_refused_with_words(app: Any, chief: str) -> None:
    clerk = factories.User()["name"]
    token = call_action("api_token_create", user=chief, name="t")["token"]
    body = {"user": clerk, "role": "operator"}
    address = "/api/action/govdata_officer_appoint"
    refused = app.post(address, json=body)
    assert refused.status_code == 403
    assert roles(clerk) == {Role.DATA_USER}
    allowed = app.post(address, json=body, headers={"Authorization": token})
    assert allowed.status_code == 200
    assert allowed.json["result"]["role"] == "operator"
    assert roles(clerk) == {Role.DATA_USER, Role.OPERATOR}
