"""Appointing and dismissing the officers of authority and operator, and their register."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ..columns import now
from ..ledger import journal
from . import schema
from .model import Officer

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_LONGEST_TERM = datetime.timedelta(days=3653)


@validate(schema.appointment)
def govdata_officer_appoint(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make a user an officer of the authority or the operator (LYG-35).

    Whoever holds the office already keeps it, with the new last day.

    :param user: name or id of the user
    :param role: `authority` or `operator`
    :param until: last day of the term, YYYY-MM-DD; empty for none
    :returns: the term of office: `id`, `user_id`, `name`, `role`, `until`, `appointed_by`, `appointed_at`, `ended_at`, `ended_by`
    """
    tk.check_access("govdata_officer_appoint", context, data_dict)
    user = _user(data_dict["user"], active=True)
    until = _until(data_dict["until"])
    term = _term(user, data_dict["role"])
    if term is None:
        term = Officer(user_id=user.id, role=data_dict["role"], appointed_by=_acting(context), until=until)
        model.Session.add(term)
    elif until != term.until:
        term.until = until
        fields = {"user.target.id": user.id, "govdata.role": term.role, "govdata.until": str(until or "")}
        journal.change("officer-term-changed", _acting(context), fields)
    _commit_or_refuse()
    return _as_dict(term, user.name)


@validate(schema.officer)
def govdata_officer_dismiss(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a user's term of office; the register keeps it.

    :param user: name or id of the user
    :param role: `authority` or `operator`
    :returns: the term, with `ended_at` and `ended_by`
    """
    tk.check_access("govdata_officer_dismiss", context, data_dict)
    user = _user(data_dict["user"], active=False)
    term = _term(user, data_dict["role"])
    if term is None:
        message = tk._("This user does not hold this office. The list of officers tells who does.")
        raise tk.ValidationError({"user": [message]})
    term.ended_at, term.ended_by = now(), _acting(context)
    model.Session.commit()
    return _as_dict(term, user.name)


@tk.side_effect_free
@validate(schema.officer_list)
def govdata_officer_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The officers of authority and operator, in the order of appointment.

    :param ended: whether terms that have ended are listed too; otherwise only those in office
    :returns: the terms
    """
    tk.check_access("govdata_officer_list", context, data_dict)
    terms = sa.select(Officer, model.User.name).outerjoin(model.User, model.User.id == Officer.user_id)
    if not data_dict["ended"]:
        terms = terms.where(Officer.ended_at.is_(None))
    return [_as_dict(term, name) for term, name in model.Session.execute(terms.order_by(Officer.appointed_at))]


def _until(day: datetime.date | None) -> datetime.date | None:
    """The last day, which lies neither in the past nor more than ten years ahead."""
    today = datetime.datetime.now(_SHANGHAI).date()
    if day is not None and not today <= day <= today + _LONGEST_TERM:
        message = tk._("The last day lies in the past, or more than ten years ahead.")
        raise tk.ValidationError({"until": [message]})
    return day


def _user(reference: str, active: bool) -> model.User:
    user = model.User.get(reference)
    if user is None or (active and user.state != model.State.ACTIVE):
        message = tk._("There is no active user with this name. Check the name, or have the account made first.")
        raise tk.ValidationError({"user": [message]})
    return user


def _term(user: model.User, role: str) -> Officer | None:
    terms = sa.select(Officer).where(Officer.user_id == user.id, Officer.role == role, Officer.ended_at.is_(None))
    return model.Session.scalars(terms.with_for_update()).first()


def _commit_or_refuse() -> None:
    try:
        model.Session.commit()
    except IntegrityError as error:
        model.Session.rollback()
        message = tk._("Somebody else appointed this user at the same moment. Look at the list of officers.")
        raise tk.ValidationError({"user": [message]}) from error


def _acting(context: Context) -> str:
    """The id of whoever acts; on the command line that is CKAN's site user."""
    name = str(context.get("user") or "")
    user = context.get("auth_user_obj") or model.User.by_name(name)
    return user.id if user else name


def _as_dict(term: Officer, name: str | None) -> dict[str, Any]:
    return {
        "id": term.id,
        "user_id": term.user_id,
        "name": name,
        "role": term.role,
        "until": term.until.isoformat() if term.until else None,
        "appointed_by": term.appointed_by,
        "appointed_at": term.appointed_at.isoformat() + "Z",
        "ended_at": term.ended_at.isoformat() + "Z" if term.ended_at else None,
        "ended_by": term.ended_by,
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_officer_appoint": govdata_officer_appoint,
    "govdata_officer_dismiss": govdata_officer_dismiss,
    "govdata_officer_list": govdata_officer_list,
}
