"""What the other rooms record: a delivery before its bytes leave, its end, a denial, a change with its own transaction.

The one door into the ledger for rooms outside of it. Fields are named after ECS; whatever points at a person (name, address,
program) goes in as a salted commitment, and its value into the table that is purged.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ckan import model
from flask import g, has_request_context, request

from .. import config
from . import intake
from .clear import is_clear
from .entry import Entry, compose
from .errors import IntakeUnavailable

__all__ = (
    "Data",
    "IntakeUnavailable",
    "Mode",
    "Visitor",
    "change",
    "delivery",
    "delivery_end",
    "denial",
    "digest",
    "in_words",
    "visitor",
)

UNCONDITIONAL = "unconditional"


class Mode(str, Enum):
    """By which kind of access data is taken."""

    DOWNLOAD = "download"
    ROWS = "rows"
    PREVIEW = "preview"
    API = "api"
    VIEW = "view"


@dataclass(frozen=True)
class Data:
    """What is taken, or asked for: of which dataset, in which tier (`unconditional`, `conditional`, `not_open`), by which mode.

    `version` names the state of the resource and `sha256` its bytes, in hex. `columns` and `rows` are those that go out. Under
    a grant, `granted_until` is its end, and the names and addresses of its deliveries are kept for years after it. `own` are
    the digests of a file that is marked for its holder, and of its content.
    """

    dataset_id: str
    tier: str
    mode: Mode
    agency_id: str | None = None
    resource_id: str | None = None
    version: str | None = None
    sha256: str | None = None
    columns: tuple[str, ...] = ()
    rows: int | None = None
    grant_id: str | None = None
    agreement_id: str | None = None
    granted_until: datetime.datetime | None = None
    own: tuple[str, str] | None = None


@dataclass(frozen=True)
class Visitor:
    """Who takes it. `user_id` is CKAN's own; `client` the API client or token; name, address and agent are committed to."""

    user_id: str | None = None
    party_id: str | None = None
    name: str | None = None
    address: str | None = None
    agent: str | None = None
    client: str | None = None
    request_id: str | None = None


def visitor(user: Any = None, party_id: str | None = None, client: str | None = None) -> Visitor:
    """The visitor of the request that is being answered; outside of requests, the user alone."""
    who = {"user_id": getattr(user, "id", None), "name": getattr(user, "name", None) or None}
    if not has_request_context():
        return Visitor(party_id=party_id, client=client, **who)
    agent = (request.user_agent.string or "")[:500] or None
    return Visitor(
        party_id=party_id, client=client, address=request.remote_addr, agent=agent, request_id=_request_id(), **who
    )


def delivery(data: Data, who: Visitor) -> uuid.UUID | None:
    """Record a delivery; call it before the first byte leaves (LYG-21). Returns the delivery's number, the entry's id.

    Where the intake takes nothing: raises IntakeUnavailable for all data but unconditional, which must then not be handed
    out; for unconditional data returns None, and the gap is counted.
    """
    entry = _use(data, who, "success", {})
    if data.tier == UNCONDITIONAL:
        return entry.id if intake.record_or_count(entry) else None
    return intake.record(entry, kept_until=_term(data))


def delivery_end(number: uuid.UUID, data: Data, who: Visitor, bytes_sent: int, whole: bool) -> None:
    """Record how a delivery ended: all bytes sent, or cut off, by the visitor or because the grant ended meanwhile."""
    more = {"govdata.delivery.id": str(number), "http.response.bytes": bytes_sent}
    entry = compose("dataset-delivered", "success" if whole else "failure", {**_fields(data, who), **more})
    intake.record_or_count(entry)


def denial(data: Data, who: Visitor, reason: str) -> uuid.UUID | None:
    """Record that data was denied, with the gate's reason code (LYG-21); a denial that cannot be recorded is counted."""
    entry = _use(data, who, "failure", {"event.reason": reason})
    return entry.id if intake.record_or_count(entry) else None


def change(
    action: str,
    by: str | None,
    fields: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
    session: Any = None,
    outcome: str = "success",
) -> uuid.UUID:
    """Record a decision or change in the transaction that makes it: both are there, or neither is.

    `action` is lower case with hyphens (`grant-suspended`), `by` the id of the user who acts, `fields` go by ECS names or below
    `govdata.`; text in them that is no code is committed to and kept apart. `session` is CKAN's unless given. Raises
    IntakeUnavailable: then the change must not be made either.
    """
    who = {"user.id": by} if by else {}
    entry = compose(action, outcome, {**who, **fields}, personal)
    return intake.record(entry, session=session or model.Session)


def in_words(reason: str, basis: str = "") -> dict[str, str]:
    """Reason and basis that a person wrote, for `personal`: they may name people, so the entry commits to them and their text
    can be purged."""
    return {name: text for name, text in (("govdata.reason", reason), ("govdata.basis", basis)) if text}


def event(action: str, outcome: str, fields: Mapping[str, Any]) -> bool:
    """Record what happened beside any change, in a transaction of its own; where the intake takes nothing, a gap is counted."""
    return intake.record_or_count(compose(action, outcome, fields))


def digest(text: str) -> str:
    """What an entry says of a published text: its SHA-256, in hex. Not for words of a person, which could be guessed by it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _use(data: Data, who: Visitor, outcome: str, more: Mapping[str, Any]) -> Entry:
    personal = {"user.name": who.name, "source.ip": who.address, "user_agent.original": who.agent}
    given = {name: value for name, value in personal.items() if value}
    return compose(f"dataset-{data.mode.value}", outcome, {**_fields(data, who), **more}, given)


def _fields(data: Data, who: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = {
        "govdata.dataset.id": data.dataset_id,
        "govdata.agency.id": data.agency_id,
        "govdata.tier": data.tier,
        "govdata.mode": data.mode.value,
        "govdata.resource.id": data.resource_id,
        "govdata.resource.version": data.version,
        "file.hash.sha256": data.sha256,
        "govdata.columns": list(data.columns) or None,
        "govdata.rows": data.rows,
        "govdata.grant.id": data.grant_id,
        "govdata.agreement.id": data.agreement_id,
        "govdata.party.id": who.party_id,
        "govdata.client.id": who.client,
        "govdata.delivered.sha256": data.own[0] if data.own else None,
        "govdata.delivered.content_sha256": data.own[1] if data.own else None,
        "user.id": who.user_id,
        "http.request.id": who.request_id,
    }
    return {name: value for name, value in found.items() if value is not None}


def _term(data: Data) -> datetime.datetime:
    """Until when the person's values are kept: for conditional data years from the grant's end, or from now without one."""
    end = data.granted_until or datetime.datetime.now(datetime.timezone.utc)
    end = end if end.tzinfo else end.replace(tzinfo=datetime.timezone.utc)
    least = datetime.datetime.now(datetime.timezone.utc) + config.ledger_retention()
    return max(least, end + config.ledger_conditional_retention())


def _request_id() -> str:
    """One for all entries of a request: the web server's own, where it gives one, else made here."""
    if "govdata_request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        # The visitor may write into it what he likes, but no words.
        g.govdata_request_id = given if 8 <= len(given) <= 64 and is_clear(given) else str(uuid.uuid4())
    return str(g.govdata_request_id)
