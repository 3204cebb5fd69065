"""What an agreement is made from, taken as it stands now: the dataset from CKAN, the sides, the model text in force.

facts = facts_of(package_dict, party_id, use, starts_at, ends_at)
document = keeping.present(facts, by)
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ..access.parties import numbers
from ..access.parties.errors import PartyError
from ..access.parties.model import Party
from ..ledger.reading import Reader, run_in
from ..msgids import N_
from . import keeping
from .documents.domain import Facts, Side, Subject, Use
from .errors import NotSignable
from .model import Text
from .texts.domain import read_text
from .texts.vocabulary import read_conditions


def facts_of(
    package: Mapping[str, Any],
    party_id: str,
    use: Use,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    *,
    items: Collection[str] = (),
    conditions: Sequence[str] | None = None,
    text_key: str = "standard",
    supersedes: str = "",
) -> Facts:
    """The facts of an agreement with this party on this dataset, a dictionary as `package_show` gives it.

    `items` are names of data items, empty for all. `conditions` are use codes (`report_use:6`); those that the dataset
    publishes unless given. `supersedes` is the number of the agreement that this one renews or amends. Moments have a zone.
    Raises NotSignable without a party or a model text in force, ConditionUnknown.
    """
    text = in_force(text_key)
    made_at = datetime.datetime.now(datetime.timezone.utc)
    codes = package.get("use_codes") or () if conditions is None else conditions
    return Facts(
        number=keeping.next_number(made_at),
        agency=_agency(str(package["owner_org"])),
        user=_user(party_id),
        subject=_subject(package, items),
        use=use,
        starts_at=starts_at,
        ends_at=ends_at,
        text=read_text(text.body),
        text_key=text.key,
        text_version=text.version,
        portal=str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"]),
        address=str(tk.config.get("ckan.site_url") or ""),
        made_at=made_at,
        conditions=read_conditions(codes),
        supersedes=supersedes,
        checkpoint=_checkpoint(),
    )


def in_force(key: str = "standard") -> Text:
    """The model text that is in force. Raises NotSignable where the authority has put none in force."""
    row = model.Session.scalars(sa.select(Text).where(Text.key == key, Text.state == "in_force")).first()
    if row is None:
        message = N_("No model text is in force, so no agreement can be made. The authority puts one in force.")
        raise NotSignable("text", message)
    return row


def _agency(agency_id: str) -> Side:
    group = model.Group.get(agency_id)
    if group is None:
        raise NotSignable("agency", N_("The dataset has no agency that could sign."))
    return Side(group.id, group.title or group.name)


def _user(party_id: str) -> Side:
    party = model.Session.get(Party, party_id)
    if party is None or party.state != "verified":
        raise NotSignable("party", N_("This party is not verified yet. Hand in its proof of identity first."))
    return Side(party.id, party.name, party.kind, _number(party_id))


def _number(party_id: str) -> str:
    """The party's number, masked; left out where the keys for it are not there."""
    try:
        return next((numbers.masked(row) for row in numbers.of_party(party_id, "verified")), "")
    except PartyError:
        return ""


def _subject(package: Mapping[str, Any], items: Collection[str]) -> Subject:
    listed = [item for item in package.get("data_items") or () if not items or item.get("name") in items]
    return Subject(
        id=str(package["id"]),
        name=str(package["name"]),
        title=str(package.get("title") or package["name"]),
        items=[(str(item.get("name") or ""), str(item.get("title") or item.get("name") or "")) for item in listed],
        files=[str(resource["id"]) for resource in package.get("resources") or ()],
        published_conditions=str(package.get("open_conditions") or ""),
        grading=str(package.get("grading") or ""),
    )


def _checkpoint() -> str:
    """The text of the ledger's newest signed checkpoint: printed into an agreement, it witnesses the ledger outside of it."""
    note = Reader(run_in(model.Session)).checkpoint()
    return note.split("\n\n")[0] + "\n" if note else ""
