"""One's own box: notices, read and unread, and how one wants to be told beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .. import config
from ..columns import now
from ..roles.actors import actor_of_context
from . import schema
from .domain import render
from .model import Contact, Notice
from .words import reader_locale

_MOST_ROWS = 100
_PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")


@tk.side_effect_free
@validate(schema.box)
def govdata_notice_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The signed-in user's notices, newest first, in the reader's language.

    :param unread: only those not read yet
    :param about: only those about this case
    :param rows: at most 100, 20 unless given; `start`: from this one on
    :returns: `count`, `unread` (of all notices) and `results`: `id`, `subject`, `first`, `body`, `link`, `about`, `created_at`,
        `read_at`
    """
    tk.check_access("govdata_notice_list", context, data_dict)
    user_id = _own(context)
    rows = sa.select(Notice).where(Notice.user_id == user_id)
    if data_dict["unread"]:
        rows = rows.where(Notice.read_at.is_(None))
    if data_dict.get("about"):
        rows = rows.where(Notice.about == data_dict["about"])
    page = rows.order_by(Notice.created_at.desc(), Notice.id).offset(data_dict["start"])
    found = model.Session.scalars(page.limit(min(data_dict["rows"], _MOST_ROWS)))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(rows.subquery()))
    return {"count": count, "unread": _unread(user_id), "results": [_as_dict(row) for row in found]}


@tk.side_effect_free
@validate(schema.nothing)
def govdata_notice_count(context: Context, data_dict: DataDict) -> dict[str, int]:
    """How many of the signed-in user's notices are not read yet.

    :returns: `unread`
    """
    tk.check_access("govdata_notice_count", context, data_dict)
    return {"unread": _unread(_own(context))}


@validate(schema.read)
def govdata_notice_read(context: Context, data_dict: DataDict) -> dict[str, int]:
    """Mark own notices as read: those named, or all. Somebody else's are left as they are.

    :param ids: a list of ids
    :param all: whether all are marked
    :returns: `unread` that are left
    """
    tk.check_access("govdata_notice_read", context, data_dict)
    user_id, ids = _own(context), data_dict.get("ids") or []
    mark = sa.update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None)).values(read_at=now())
    if not data_dict["all"]:
        mark = mark.where(Notice.id.in_([ids] if isinstance(ids, str) else [str(one) for one in ids]))
    model.Session.execute(mark)
    model.Session.commit()
    return {"unread": _unread(user_id)}


@tk.side_effect_free
@validate(schema.nothing)
def govdata_notice_contact_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How the signed-in user is told beside the box.

    :returns: `mail`, `email`, `sms`, `phone`, and what the portal can do: `mail_possible`, `sms_possible`
    """
    tk.check_access("govdata_notice_contact_show", context, data_dict)
    return _contact(_own(context))


@validate(schema.contact)
def govdata_notice_contact_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say how you want to be told beside the box in the portal.

    :param mail: whether by mail to the account's address
    :param sms: whether by short message to `phone`
    :param phone: digits, with + and the country's code from abroad; empty takes it away
    :returns: what holds now
    """
    tk.check_access("govdata_notice_contact_update", context, data_dict)
    user_id = _own(context)
    row = model.Session.get(Contact, user_id, with_for_update=True) or Contact(user_id=user_id, mail=True, sms=False)
    if "phone" in data_dict:
        row.phone = _phone(data_dict["phone"])
    row.mail = data_dict.get("mail", row.mail)
    row.sms = data_dict.get("sms", row.sms)
    if row.sms and not row.phone:
        raise tk.ValidationError({"phone": [tk._("Give the number that short messages go to.")]})
    model.Session.add(row)
    model.Session.commit()
    return _contact(user_id)


def _phone(given: str | None) -> str | None:
    number = (given or "").strip()
    if number and _PHONE.fullmatch(number) is None:
        raise tk.ValidationError({"phone": [tk._("This is no telephone number. Write digits, such as 13800000000.")]})
    return number or None


def _contact(user_id: str) -> dict[str, Any]:
    row, person = model.Session.get(Contact, user_id), model.User.get(user_id)
    return {
        "mail": row.mail if row else True,
        "sms": bool(row and row.sms),
        "phone": row.phone if row else None,
        "email": person.email if person else None,
        "mail_possible": bool(config.mail_from()),
        "sms_possible": bool(config.sms_provider()),
    }


def _own(context: Context) -> str:
    user_id = actor_of_context(context).user_id
    if user_id is None:
        raise tk.NotAuthorized(tk._("Sign in: this is not for visitors."))
    return user_id


def _unread(user_id: str) -> int:
    unread = sa.select(sa.func.count(Notice.id)).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return int(model.Session.scalar(unread) or 0)


def _as_dict(row: Notice) -> dict[str, Any]:
    text = render(row.text, row.facts, reader_locale())
    return {
        "id": row.id,
        "text": row.text,
        "subject": text.subject,
        "first": text.first,
        "body": text.body,
        "link": row.link,
        "about": row.about,
        "created_at": row.created_at.isoformat() + "Z",
        "read_at": row.read_at.isoformat() + "Z" if row.read_at else None,
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_notice_list,
        govdata_notice_count,
        govdata_notice_read,
        govdata_notice_contact_show,
        govdata_notice_contact_update,
    )
}
