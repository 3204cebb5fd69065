"""Invitations into an organisation by mail address: asked and answered alike whether the address has an account or not.

CKAN refuses to invite an address that has one, which tells it. Here every invitation makes an account that waits, as CKAN's
does; the mail is a job's. Where its address has an account, the mail leads to a page on which the place goes to whoever is
signed in, and the waiting account is gone.
"""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk

from . import contacts, events, membership, reset_keys, speaking

INVITING = "govdata_login_inviting"
_RANK = ("", "member", "editor", "admin")


def notify(already_notified: bool, topic: str, details: dict[str, Any] | None) -> bool:
    """Take over the mail of an invitation; all other topics stay with whoever handles them."""
    if already_notified or topic != "user_invited" or not details:
        return already_notified
    speaking.later(send, details["user"].id, details["group"]["id"], details["role"], title="Mail an invitation")
    return True


def send(user_id: str, group_id: str, role: str) -> None:
    """Mail the invitation of a waiting account: CKAN's own, or another to who has an account by now; a job."""
    user = model.User.get(user_id)
    if user is None or not user.is_pending():
        return
    group = model.Group.get(group_id)
    title = (group.title or group.name) if group else ""
    owner = contacts.by_mail(str(user.email))
    if owner is None:
        shown = {"title": title, "is_organization": bool(group and group.is_organization)}
        mailer.send_invite(user, shown, role)
        return
    mailer.create_reset_key(user)
    site = str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
    body = tk._(
        "You are invited to {group} at {site}. You have an account there already: {name}.\n\n"
        "Open this link, sign in, and take up your place:\n\n{address}\n\nIf you expect no such mail, do nothing."
    )
    words = body.format(group=title, site=site, name=owner.name, address=mailer.get_reset_link(user))
    subject = tk._("You are invited to {group} at {site}").format(group=title, site=site)
    mailer.mail_recipient(owner.fullname or owner.name, str(owner.email), subject, words)


def waiting(id: str, key: str | None) -> model.User | None:
    """The waiting account of a link, where its address has an account by now; None for all others."""
    user = model.User.get(id)
    if user is None or not user.is_pending() or not reset_keys.is_good(user, key):
        return None
    return user if contacts.by_mail(str(user.email)) is not None else None


def places(user: model.User) -> list[tuple[model.Group, str]]:
    """The groups into which a waiting account was invited, each with the capacity."""
    rows = model.Session.query(model.Member).filter_by(table_name="user", table_id=user.id, state=model.State.ACTIVE)
    return [(row.group, str(row.capacity)) for row in rows if row.group is not None]


def take_up(invited: model.User, user: model.User) -> None:
    """Give the places of a waiting account to another, and delete it. Nobody loses a higher place by an invitation."""
    taken = places(invited)
    for group, capacity in taken:
        held = {one.id: had for one, had in places(user)}.get(group.id, "")
        if _rank(held) < _rank(capacity):
            kind = "organization" if group.is_organization else "group"
            _act(f"{kind}_member_create", id=group.id, username=user.name, role=capacity)
    invited.reset_key = ""
    _act("user_delete", id=invited.id)
    for group, capacity in taken:
        events.tell("invitation_taken", user=user.id, group=group.id, capacity=capacity)


def _rank(capacity: str) -> int:
    """How much a capacity lets do; none is the lowest, one of another plugin's as much as a member's."""
    return _RANK.index(capacity) if capacity in _RANK else 1


def _act(action: str, **given: Any) -> None:
    tk.get_action(action)({"ignore_auth": True, "user": membership.site_user()}, given)
