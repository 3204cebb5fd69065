"""Who is meant by a recipient: `user:ID`, `party:ID`, `agency:ID` or `office:authority`, as the persons of that moment."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ..access.parties.standing import people_of
from ..roles.actors import officers_of, people_of_agency
from .domain import NoticeTextError, distinct

_FINDERS = {
    "user": lambda reference: [reference],
    "party": people_of,
    "agency": people_of_agency,
    "office": officers_of,
}


def user(user_id: str) -> str:
    return f"user:{user_id}"


def party(party_id: str) -> str:
    """All living members of a party, and of the one that it was merged into."""
    return f"party:{party_id}"


def agency(agency_id: str) -> str:
    """An agency's publishers and deciders."""
    return f"agency:{agency_id}"


AUTHORITY, OPERATOR = "office:authority", "office:operator"


def persons(recipients: Iterable[str]) -> list[model.User]:
    """The active users behind the recipients, each once. Raises NoticeTextError for a word that is no recipient."""
    ids: list[str] = []
    for recipient in recipients:
        kind, _, reference = recipient.partition(":")
        if kind not in _FINDERS or not reference:
            raise NoticeTextError(f"{recipient!r} is no recipient: user:ID, party:ID, agency:ID or office:ROLE.")
        ids += _FINDERS[kind](reference)
    # The portal's own user makes organisations on the command line and so is in them, but reads nothing.
    nobody = str(tk.config["ckan.site_id"])
    active = sa.select(model.User).where(
        model.User.id.in_(distinct(ids)), model.User.state == model.State.ACTIVE, model.User.name != nobody
    )
    found = {one.id: one for one in model.Session.scalars(active)}
    return [found[one] for one in distinct(ids) if one in found]
