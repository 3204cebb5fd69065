"""What another portal says it has withdrawn: read strictly, matched with what is held from that portal alone. Pure.

Guarantees: a list that cannot be read changes nothing; what is no longer named opens nothing.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = "govdata-tombstones/1"
ACTION = "govdata_withdrawn_list"
PAGE = 1000


class UnreadableTombstones(ValueError):
    """The answer is no list of tombstones."""


@dataclass(frozen=True)
class Tombstone:
    """A dataset that is shut at its portal; `name` is empty where the entry is gone there."""

    id: str
    name: str
    withdrawn_at: datetime.datetime


@dataclass(frozen=True)
class Opened:
    """A dataset that its portal opened again."""

    id: str
    opened_at: datetime.datetime


@dataclass(frozen=True)
class Page:
    """One page of the answer: how many tombstones there are in all, those of this page, and what was opened again."""

    count: int
    shut: tuple[Tombstone, ...]
    opened: tuple[Opened, ...]


@dataclass(frozen=True)
class Notices:
    """The whole answer of a portal."""

    shut: tuple[Tombstone, ...] = ()
    opened: tuple[Opened, ...] = ()


def page_of(answer: bytes) -> Page:
    """One page. Raises UnreadableTombstones for whatever is not of this format, down to the last entry."""
    try:
        result = json.loads(answer)["result"]
        if result["format"] != FORMAT:
            raise UnreadableTombstones(str(result["format"])[:60])
        shut = tuple(
            Tombstone(_id(one), str(one.get("name") or ""), _moment(one["withdrawn_at"])) for one in result["results"]
        )
        opened = tuple(Opened(_id(one), _moment(one["opened_at"])) for one in result["opened"])
        return Page(int(result["count"]), shut, opened)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableTombstones(type(error).__name__) from None


def _id(one: Mapping[str, Any]) -> str:
    found = one["id"]
    if not isinstance(found, str) or not found.strip():
        raise UnreadableTombstones("id")
    return found


def _moment(said: str) -> datetime.datetime:
    """A moment in UTC, without a zone, as the database keeps it."""
    moment = datetime.datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise UnreadableTombstones("moment without a zone")
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)


@dataclass(frozen=True)
class Kept:
    """A tombstone that was obeyed; `ours` says that it was this tombstone that shut the dataset here."""

    remote_id: str
    package_id: str
    withdrawn_at: datetime.datetime
    ours: bool
    proposed: bool


@dataclass(frozen=True)
class ToShut:
    tombstone: Tombstone
    package_id: str


@dataclass(frozen=True)
class ToPropose:
    """What the portal opened again, and a person here may open too."""

    opened: Opened
    package_id: str


def decide(
    notices: Notices, by_id: Mapping[str, str], by_name: Mapping[str, str], kept: Iterable[Kept]
) -> tuple[Sequence[ToShut], Sequence[ToPropose]]:
    """What is shut, and what is proposed to be opened. `by_id`, `by_name`: this source's datasets, as its portal names them.

    A tombstone is obeyed once: what two persons opened here afterwards stays open, until the portal withdraws it anew.
    """
    obeyed = {one.remote_id: one for one in kept}
    shut_now = {one.id for one in notices.shut}
    to_shut = []
    for one in notices.shut:
        package_id = by_id.get(one.id) or (by_name.get(one.name) if one.name else None)
        before = obeyed.get(one.id)
        if package_id and (before is None or one.withdrawn_at > before.withdrawn_at):
            to_shut.append(ToShut(one, package_id))
    to_propose = []
    for one in notices.opened:
        before = obeyed.get(one.id)
        if before is None or not before.ours or before.proposed or one.id in shut_now:
            continue
        if one.opened_at > before.withdrawn_at:
            to_propose.append(ToPropose(one, before.package_id))
    return to_shut, to_propose
