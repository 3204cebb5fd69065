"""Actions on posts: invite, take up, end, hand over; the register; training and units in charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..catalogue.record import acting
from ..columns import now
from ..ledger import journal
from . import posts, register, schema
from .domain import is_mail, problem_of_day
from .model import Post, Training, Unit


@validate(schema.invitation)
def govdata_post_invite(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Offer a post in an agency by mail (ZB-6). The answer is the same whether the address has an account or not.

    :param agency: name or id of the agency
    :param mail: the address
    :param capacity: `member`, `editor` or `admin`
    :param duty: what they are in charge of, such as chief data officer
    :param until: last day of the post, YYYY-MM-DD; empty for none
    :returns: `id` and `expires_at` of the invitation
    """
    tk.check_access("govdata_post_invite", context, data_dict)
    group = _agency(data_dict)
    errors: dict[str, Any] = {}
    if not is_mail(data_dict["mail"]):
        errors["mail"] = [tk._("This is no mail address.")]
    problem = problem_of_day(data_dict["until"], posts.today())
    if problem:
        errors["until"] = [tk._("The last day lies in the past, or more than ten years ahead.")]
    if errors:
        raise tk.ValidationError(errors)
    mail, capacity, duty = data_dict["mail"], data_dict["capacity"], data_dict["duty"]
    row = posts.invite(group, mail, capacity, duty, data_dict["until"], acting(context))
    return {"id": row.id, "expires_at": row.expires_at.isoformat() + "Z"}


@validate(schema.token)
def govdata_post_accept(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take up the post of an invitation, as whoever is signed in.

    :param token: the invitation's, from the mailed link
    :returns: `id`, `agency_id` and `capacity` of the post
    """
    tk.check_access("govdata_post_accept", context, data_dict)
    user = model.User.get(str(context.get("user") or ""))
    row = posts.offered(data_dict["token"]) if user is not None and user.is_active else None
    if row is None or user is None:
        raise tk.ObjectNotFound(
            tk._("This link is out of date or was used. Ask your agency's administrator for a new one.")
        )
    post = posts.accept(row, user)
    return {"id": post.id, "agency_id": post.agency_id, "capacity": post.capacity}


@validate(schema.ending)
def govdata_post_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a post, and hand it over where a successor is named: they get its capacity, duty and last day, in the same transaction.

    Sessions and tokens of whoever held it end at once.

    :param id: id of the post
    :param reason: why it ends
    :param successor: name or id of the user who takes it over; empty for nobody
    :returns: `id` of the ended post and `successor`, the id of the new one or nothing
    """
    tk.check_access("govdata_post_end", context, data_dict)
    row = model.Session.get(Post, data_dict["id"], with_for_update=True, populate_existing=True)
    if row is None or row.ended_at is not None:
        raise tk.ValidationError({"id": [tk._("This post has ended already, or there is none.")]})
    by, heir = acting(context), _successor(data_dict["successor"], row)
    new = posts.end_and_hand_over(row, heir, by, data_dict["reason"] or ("handed_over" if heir else "ended"))
    return {"id": row.id, "successor": new.id if new else None}


def _successor(name: str, row: Post) -> model.User | None:
    if not name:
        return None
    user = model.User.get(name)
    if user is None or not user.is_active or user.id == row.user_id:
        words = tk._("There is no other active user with this name. Invite them by mail first.")
        raise tk.ValidationError({"successor": [words]})
    return user


@tk.side_effect_free
@validate(schema.agency)
def govdata_post_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The register of units and persons in charge (ZB-6, LYG-35, GY-c1).

    :param agency: name or id of one agency; empty for all, which operator and authority see
    :param ended: whether posts that ended are listed too
    :returns: a row for each person: agency, unit, phone, name, fullname, capacity, duty, since, until, ended, trained
    """
    tk.check_access("govdata_post_list", context, data_dict)
    return register.rows(_agency(data_dict).id if data_dict["agency"] else "", data_dict["ended"])


@validate(schema.training)
def govdata_training_record(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Record that an officer was trained (ZB-6).

    :param agency: name or id of the agency
    :param user: name or id of the officer
    :param subject: in what
    :param held_on: the day, YYYY-MM-DD
    :returns: the id
    """
    tk.check_access("govdata_training_record", context, data_dict)
    group, user = _agency(data_dict), model.User.get(data_dict["user"])
    if user is None:
        raise tk.ValidationError({"user": [tk._("There is no active user with this name. Check the name.")]})
    row = Training(agency_id=group.id, user_id=user.id, recorded_by=acting(context))
    row.subject, row.held_on = data_dict["subject"], data_dict["held_on"]
    model.Session.add(row)
    fields = {"user.target.id": user.id, "govdata.agency.id": group.id, "govdata.day": row.held_on.isoformat()}
    journal.change("training-recorded", row.recorded_by, fields)
    model.Session.commit()
    return {"id": row.id}


@validate(schema.unit)
def govdata_unit_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Name the unit in charge of an agency's data and its telephone (ZB-6).

    :param agency: name or id of the agency
    :param unit: the unit
    :param phone: where it is reached
    :returns: `agency_id`, `unit`, `phone`
    """
    tk.check_access("govdata_unit_update", context, data_dict)
    group, by = _agency(data_dict), acting(context)
    row = model.Session.get(Unit, group.id) or Unit(agency_id=group.id)
    row.unit, row.phone, row.changed_by, row.changed_at = data_dict["unit"], data_dict["phone"], by, now()
    model.Session.add(row)
    journal.change("unit-named", by, {"govdata.agency.id": group.id}, {"govdata.unit": row.unit[:200]})
    model.Session.commit()
    return {"agency_id": group.id, "unit": row.unit, "phone": row.phone}


def _agency(data_dict: DataDict) -> model.Group:
    group = model.Group.get(str(data_dict["agency"]))
    if group is None or not group.is_organization or group.state != model.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    return group


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_post_accept": govdata_post_accept,
    "govdata_post_end": govdata_post_end,
    "govdata_post_invite": govdata_post_invite,
    "govdata_post_list": govdata_post_list,
    "govdata_training_record": govdata_training_record,
    "govdata_unit_update": govdata_unit_update,
}
