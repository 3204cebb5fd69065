"""The register of units and persons in charge, as it stands: posts, CKAN's members without a post, offices, training."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ..roles import offices
from .model import Post, Training, Unit

COLUMNS = ("agency", "unit", "phone", "name", "fullname", "capacity", "duty", "since", "until", "ended", "trained")


def rows(agency_id: str = "", ended: bool = False) -> list[dict[str, Any]]:
    """A row for each person in each agency, by agency and name."""
    found = [_of_post(post, user, group) for post, user, group in _posts(agency_id, ended)]
    held = {(one["agency_id"], one["user_id"]) for one in found if not one["ended"]}
    found += [one for one in _members(agency_id) if (one["agency_id"], one["user_id"]) not in held]
    found += [] if agency_id else list(_offices(ended))
    _with_units_and_training(found)
    return sorted(found, key=lambda one: (one["agency"], one["name"], one["ended"]))


def _posts(agency_id: str, ended: bool) -> Any:
    query = (
        sa.select(Post, model.User, model.Group)
        .outerjoin(model.User, model.User.id == Post.user_id)  # type: ignore[arg-type]
        .join(model.Group, model.Group.id == Post.agency_id)
    )
    query = query.where(Post.agency_id == agency_id) if agency_id else query
    return model.Session.execute(query if ended else query.where(Post.ended_at.is_(None)))


def _of_post(post: Post, user: model.User | None, group: model.Group) -> dict[str, Any]:
    return {
        "id": post.id,
        "agency_id": group.id,
        "agency": group.title or group.name,
        "user_id": post.user_id,
        "name": user.name if user else "",
        "fullname": (user.fullname or "") if user else "",
        "capacity": post.capacity,
        "duty": post.duty,
        "since": post.appointed_at.date().isoformat(),
        "until": post.until.isoformat() if post.until else "",
        "ended": post.ended_at.date().isoformat() if post.ended_at else "",
    }


def _members(agency_id: str) -> list[dict[str, Any]]:
    """Members whom CKAN's own page made: without a duty and without an end."""
    member: Any = model.Member
    query = (
        sa.select(model.Group, model.User, member.capacity)
        .join(member, member.group_id == model.Group.id)
        .join(model.User, model.User.id == member.table_id)  # type: ignore[arg-type]
        .where(member.table_name == "user", member.state == "active", model.Group.is_organization.is_(True))
        .where(model.Group.state == "active", model.User.state == "active")
        # The portal's own account makes organisations and is nobody.
        .where(model.User.name != str(tk.config["ckan.site_id"]))
    )
    query = query.where(model.Group.id == agency_id) if agency_id else query
    return [
        {
            **dict.fromkeys(("id", "duty", "since", "until", "ended"), ""),
            "agency_id": group.id,
            "agency": group.title or group.name,
            "user_id": user.id,
            "name": user.name,
            "fullname": user.fullname or "",
            "capacity": capacity,
        }
        for group, user, capacity in model.Session.execute(query)
    ]


def _offices(ended: bool) -> Iterator[dict[str, Any]]:
    """The officers of authority and operator; `capacity` is their office, and they belong to no agency of the portal."""
    names = {"authority": tk._("Authority"), "operator": tk._("Operator")}
    for term, user in offices.terms(ended):
        yield {
            **dict.fromkeys(("id", "agency_id", "duty"), ""),
            "agency": names[term.role],
            "user_id": term.user_id,
            "name": user.name if user else "",
            "fullname": (user.fullname or "") if user else "",
            "capacity": term.role,
            "since": term.appointed_at.date().isoformat(),
            "until": term.until.isoformat() if term.until else "",
            "ended": term.ended_at.date().isoformat() if term.ended_at else "",
        }


def _with_units_and_training(found: list[dict[str, Any]]) -> None:
    units = {one.agency_id: one for one in model.Session.scalars(sa.select(Unit))}
    last: dict[tuple[str, str], str] = {}
    for one in model.Session.scalars(sa.select(Training).order_by(Training.held_on)):
        last[one.agency_id, one.user_id] = one.held_on.isoformat()
    for row in found:
        unit = units.get(row["agency_id"])
        row["unit"], row["phone"] = (unit.unit, unit.phone) if unit else ("", "")
        row["trained"] = last.get((row["agency_id"], row["user_id"]), "")


def as_csv(found: list[dict[str, Any]], heads: list[str]) -> bytes:
    """The register as a table for spreadsheets; a cell that begins like a formula is made plain text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_plain(str(row[name])) for name in COLUMNS] for row in found)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
