"""The demo's sign-ins: one person for each role, with posts for names and addresses that cannot exist."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from ..tables.store import portal_context
from .catalogue import MAIL_DOMAIN, agency_name, identity

# The agency whose desk the publisher and the decider sit at; entries that wait for review are its.
REVIEWING_AGENCY = "transport"


@dataclass(frozen=True)
class Person:
    """A sign-in: its post, the office it holds (authority, operator) or its place in the agency (editor, admin)."""

    login: str
    post: str
    office: str = ""
    capacity: str = ""


_PUBLISHER = Person("publisher", "市交通运输局·数据发布岗（演示）", capacity="editor")
_STAND_IN = replace(_PUBLISHER, login="jianghai-publisher")
PEOPLE = (
    Person("authority", "市大数据局·监督管理岗（演示）", office="authority"),
    Person("operator", "市信息中心·平台运行岗（演示）", office="operator"),
    _PUBLISHER,
    Person("decider", "市交通运输局·数据审批岗（演示）", capacity="admin"),
    Person("citizen", "数据使用者（演示）"),
)


def create_people(passwords: Mapping[str, str]) -> None:
    """Make the demo's sign-ins `authority`, `operator`, `publisher`, `decider` and `citizen` with these passwords.

    Run again it sets the passwords anew and changes nothing else; a login that `passwords` lacks is not made. Raises
    tk.ObjectNotFound when the demo's agencies are not loaded yet, tk.ValidationError when a password is too weak.
    """
    for person in PEOPLE:
        if person.login in passwords:
            _bring_in(person, passwords[person.login])


def ensure_publisher() -> str:
    """The login in whose name entries wait for review; made if need be, with a password that nobody knows.

    It is `publisher`, or `jianghai-publisher` where somebody else has an account of that name.
    """
    for person in (_PUBLISHER, _STAND_IN):
        user = model.User.by_name(person.login)
        if user is None or user.id == identity("person", person.login):
            if user is None or user.state != model.State.ACTIVE:
                _bring_in(person, secrets.token_urlsafe(24))
            return person.login
    message = tk._("An account named '{name}' exists that is not the demo's. Rename it, or load no sign-ins.")
    raise tk.ValidationError({"name": [message.format(name=_STAND_IN.login)]})


def person_ids() -> list[str]:
    """The ids of all users that the demo may have made."""
    return [identity("person", person.login) for person in (*PEOPLE, _STAND_IN)]


def remove_people() -> int:
    """Delete the demo's sign-ins; returns how many there were. Others of the same name stay."""
    found = [
        user for user in map(model.User.get, person_ids()) if user is not None and user.state == model.State.ACTIVE
    ]
    for user in found:
        tk.get_action("user_delete")(portal_context(), {"id": user.id})
    return len(found)


def _bring_in(person: Person, password: str) -> None:
    user = model.User.get(person.login)
    if user is None:
        tk.get_action("user_create")(portal_context(), _record(person, password))
    else:
        _renew(user, person, password)
    if person.office:
        tk.get_action("govdata_officer_appoint")(portal_context(), {"user": person.login, "role": person.office})
    if person.capacity:
        _seat(person)


def _record(person: Person, password: str) -> dict[str, Any]:
    return {
        "id": identity("person", person.login),
        "name": person.login,
        "fullname": person.post,
        "email": f"{person.login}@{MAIL_DOMAIN}",
        "password": password,
    }


def _renew(user: model.User, person: Person, password: str) -> None:
    """Give the demo's own user its password; somebody else's account of that name is not touched."""
    if user.id != identity("person", person.login):
        message = tk._("An account named '{name}' exists that is not the demo's. Rename it, or load no sign-ins.")
        raise tk.ValidationError({"name": [message.format(name=person.login)]})
    if user.state != model.State.ACTIVE:
        user.activate()
    tk.get_action("user_patch")(
        portal_context(), {"id": user.id, "email": f"{person.login}@{MAIL_DOMAIN}", "password": password}
    )


def _seat(person: Person) -> None:
    agency, user = agency_name(REVIEWING_AGENCY), identity("person", person.login)
    tk.get_action("organization_member_create")(
        portal_context(), {"id": agency, "username": user, "role": person.capacity}
    )
