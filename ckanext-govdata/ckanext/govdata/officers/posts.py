"""How posts come to be and end: in CKAN's organisation and in our register together, each step on record."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk

from ..columns import now
from ..ledger import journal
from ..roles import offices
from .domain import INVITATION, is_over
from .model import Invitation, Post

_SHANGHAI = ZoneInfo("Asia/Shanghai")
# For so long whoever invited may want to know whom.
_FORGOTTEN = datetime.timedelta(days=30)
# The sender is the account's id.
ENDED = tk.signals.ckanext.signal("govdata_post_ended")


def today() -> datetime.date:
    """The day in China, by which posts end."""
    return datetime.datetime.now(_SHANGHAI).date()


def living(agency_id: str, user_id: str) -> Post | None:
    """Somebody's present post in an agency."""
    terms = sa.select(Post).where(Post.agency_id == agency_id, Post.user_id == user_id, Post.ended_at.is_(None))
    return model.Session.scalars(terms.with_for_update()).first()


def begin(agency_id: str, user: model.User, capacity: str, duty: str, until: datetime.date | None, by: str) -> Post:
    """Give somebody a post, in place of the one they hold there; in the caller's transaction."""
    held = living(agency_id, user.id)
    if held is not None:
        held.ended_at, held.ended_by, held.why = now(), by, "changed"
        model.Session.flush()
    row = Post(agency_id=agency_id, user_id=user.id, capacity=capacity, duty=duty, until=until, appointed_by=by)
    model.Session.add(row)
    model.Session.flush()
    _record("post-begun", row, by)
    _membership(agency_id, user.id, capacity)
    return row


def end(row: Post, by: str, why: str) -> None:
    """End a post with its membership, in the caller's transaction; `tell_ended` comes after the commit."""
    row.ended_at, row.ended_by, row.why = now(), by, why
    model.Session.flush()
    _record("post-ended", row, by)
    _membership(row.agency_id, row.user_id, None)


def end_and_hand_over(row: Post, heir: model.User | None, by: str, why: str) -> Post | None:
    """End a post, and give it whole to a successor: both or neither, in one transaction. Then sessions and tokens end."""
    user_id = row.user_id
    new = begin(row.agency_id, heir, row.capacity, row.duty, row.until, by) if heir is not None else None
    end(row, by, why)
    model.Session.commit()
    tell_ended(user_id)
    return new


def tell_ended(user_id: str) -> None:
    """Whoever lets people in hears that a post ended: what is open by it closes at once."""
    ENDED.send(user_id)


def _membership(agency_id: str, user_id: str, capacity: str | None) -> None:
    """The membership that CKAN's organisation has for a post; the session's watcher records it. None takes it away.

    CKAN's own actions commit by themselves, so that a hand-over by them could stop half way.
    """
    member: Any = model.Member
    terms = sa.select(member).where(
        member.group_id == agency_id, member.table_name == "user", member.table_id == user_id
    )
    row = model.Session.scalars(terms.order_by(member.state).with_for_update()).first()
    if capacity is None:
        if row is not None:
            row.state = model.State.DELETED
    elif row is None:
        group = model.Group.get(agency_id)
        model.Session.add(member(group=group, table_name="user", table_id=user_id, capacity=capacity))
    else:
        row.state, row.capacity = model.State.ACTIVE, capacity
    model.Session.flush()


def end_over_terms() -> int:
    """End the posts and offices whose last day has passed; gives how many."""
    rows = list(model.Session.scalars(sa.select(Post).where(Post.ended_at.is_(None), Post.until < today())))
    for row in rows:
        if is_over(row.until, today()):
            end_and_hand_over(row, None, "portal", "term_over")
    return len(rows) + _offices_over()


def _offices_over() -> int:
    gone = offices.end_over(today())
    for user_id in gone:
        tell_ended(user_id)
    return len(gone)


def invite(
    agency: model.Group, mail: str, capacity: str, duty: str, until: datetime.date | None, by: str
) -> Invitation:
    """Offer a post by mail; whether the address has an account is asked nowhere, so nothing tells it."""
    token = secrets.token_urlsafe(32)
    row = Invitation(
        agency_id=agency.id,
        capacity=capacity,
        duty=duty,
        until=until,
        mail=mail,
        digest=digest(token),
        invited_by=by,
        expires_at=now() + INVITATION,
    )
    model.Session.add(row)
    model.Session.flush()
    fields = {"govdata.agency.id": agency.id, "govdata.role": capacity, "govdata.record.id": row.id}
    journal.change("post-offered", by, fields, {"user.email": mail})
    model.Session.commit()
    address = tk.url_for("govdata_officers.invitation", token=token, qualified=True)
    # Written here, in the language of whoever invites: a worker has no language but English.
    tk.enqueue_job(send, [mail, *_words(agency, address)], title="Mail an invitation to an officer")
    return row


def _words(agency: model.Group, address: str) -> tuple[str, str]:
    """Subject and text of an invitation."""
    site = str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
    named = {"agency": agency.title or agency.name, "site": site}
    body = tk._(
        "{agency} asks you to take up a post at {site}.\n\nOpen this link within 7 days and sign in; the link works once:"
        "\n\n{address}\n\nIf you expect no such mail, do nothing."
    )
    subject = tk._("{agency}: take up your post at {site} within 7 days")
    return subject.format(**named), body.format(**named, address=address)


def send(mail: str, subject: str, body: str) -> None:
    """Mail an invitation; a job."""
    mailer.mail_recipient("", mail, subject, body)


def forget_offers() -> int:
    """Empty the addresses of offers that nobody took up in time; gives how many."""
    over = sa.update(Invitation).where(Invitation.expires_at < now() - _FORGOTTEN, Invitation.mail != "")
    found = model.Session.execute(over.values(mail="")).rowcount  # type: ignore[attr-defined]
    model.Session.commit()
    return int(found)


def offered(token: str) -> Invitation | None:
    """The invitation of a link, while it can be taken up."""
    terms = sa.select(Invitation).where(
        Invitation.digest == digest(token), Invitation.accepted_at.is_(None), Invitation.expires_at > now()
    )
    return model.Session.scalars(terms.with_for_update()).first()


def accept(row: Invitation, user: model.User) -> Post:
    """Take up an offered post; the link is used up and the address forgotten."""
    row.accepted_by, row.accepted_at, row.mail = user.id, now(), ""
    post = begin(row.agency_id, user, row.capacity, row.duty, row.until, row.invited_by)
    model.Session.commit()
    return post


def digest(token: str) -> str:
    """What stands for a link's token in the table."""
    return hashlib.sha256(token.encode()).hexdigest()


def _record(action: str, row: Post, by: str) -> None:
    fields = {
        "user.target.id": row.user_id,
        "govdata.agency.id": row.agency_id,
        "govdata.role": row.capacity,
        "govdata.record.id": row.id,
        "govdata.until": row.until.isoformat() if row.until else None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    journal.change(action, by, given, {"govdata.why": row.why} if row.why else None)
