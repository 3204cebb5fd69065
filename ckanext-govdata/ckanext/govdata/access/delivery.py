"""One delivery through the gate: judged, counted against the quota and recorded, and only then let out.

Guarantee: conditional data leaves only after its entry stands in the ledger's intake (LYG-21); where the ledger takes
nothing, it does not leave. Unconditional data goes on, and the gap is counted.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ckan import model
from flask import g, has_request_context

from ..catalogue.domain import OpenTier
from ..catalogue.standing import standing_of
from ..ledger import journal
from ..roles.actors import actor_of_user
from .domain import Mode, Reason, Verdict
from .gate import Asking, asking, mode_of_request, once, verdict_for
from .grants import grant_of, take_one

_JOURNAL_MODE = {
    Mode.DOWNLOAD: journal.Mode.DOWNLOAD,
    Mode.API: journal.Mode.API,
    Mode.VIEW: journal.Mode.PREVIEW,
}


class Denied(Exception):
    """The gate's no. `verdict` has the reason; `status` is the answer's HTTP status."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.reason.value)

    @property
    def status(self) -> int:
        return {Reason.SIGN_IN_REQUIRED: 401, Reason.LEDGER: 503, Reason.QUOTA: 429}.get(self.verdict.reason, 403)


@dataclass
class Delivery:
    """What is about to leave: of which resource, to whom, by which verdict. `number` is the ledger's, once recorded."""

    resource_id: str
    question: Asking
    verdict: Verdict
    data: journal.Data
    who: journal.Visitor
    number: uuid.UUID | None = None
    settled: bool = field(default=False)

    @property
    def items(self) -> frozenset[str]:
        """The data items that may leave; empty for all."""
        return self.verdict.items

    @property
    def is_closed(self) -> bool:
        """Whether this is other than unconditional data: watched while it leaves, never cached, never unrecorded."""
        return self.data.tier != journal.UNCONDITIONAL

    def settle(
        self,
        *,
        sha256: str | None = None,
        columns: Iterable[str] = (),
        rows: int | None = None,
        own: tuple[str, str] | None = None,
    ) -> None:
        """Count and record the delivery, once; call it when the answer is ready and nothing of it has left.

        `sha256` is the source file's; `own` the digests of the holder's marked file and of its content, where it has one.

        Raises Denied: the day's quota is used up, or the ledger takes no entry for data that is not unconditional.
        """
        if self.settled:
            return
        self.data = replace(self.data, sha256=sha256, columns=tuple(columns), rows=rows, own=own)
        self._count()
        if self.is_closed or self.data.mode is journal.Mode.DOWNLOAD:
            self._record()
        self.settled = True

    def _count(self) -> None:
        grant = grant_of(self.verdict.grant) if self.verdict.grant else None
        if grant is not None and grant.quota is not None and not take_one(grant.id, grant.quota):
            raise self._denied(Reason.QUOTA)

    def _record(self) -> None:
        try:
            self.number = journal.delivery(self.data, self.who)
        except journal.IntakeUnavailable as error:
            raise self._denied(Reason.LEDGER) from error

    def deny(self, reason: Reason) -> Denied:
        """A denial that only shows when the answer is made, such as a file that cannot be cut; recorded."""
        return self._denied(reason)

    def _denied(self, reason: Reason) -> Denied:
        verdict = Verdict(False, reason, self.verdict.grant)
        _record_denial(self.data, self.who, verdict)
        return _remember(Denied(verdict))

    def still_allowed(self) -> bool:
        """Ask the gate again, as of this moment: for what is already leaving."""
        found = self.question.verdict()
        return found is not None and self.goes_on_under(found)

    def goes_on_under(self, verdict: Verdict) -> bool:
        """Whether a later verdict lets this delivery go on; the quota that it has used up itself does not stop it."""
        own_quota = verdict.reason is Reason.QUOTA and verdict.grant == self.verdict.grant
        return own_quota or (verdict.allowed and _covers(verdict.items, self.verdict.items))


def _covers(now: frozenset[str], then: frozenset[str]) -> bool:
    return not now or (bool(then) and then <= now)


def open_delivery(resource: model.Resource, user: Any) -> Delivery:
    """Ask the gate for a resource's data in the way of the present request; raises Denied.

    Several questions about one resource in one request, as a dump asks page by page, are one delivery; each is judged.
    """
    package = resource.package
    question = asking(package, user, resource.id)
    verdict = verdict_for(package, user, question)
    known: dict[Any, Delivery] = once("deliveries")
    key = (resource.id, question.user_id, question.mode)
    if key in known and known[key].settled and known[key].goes_on_under(verdict):
        return known[key]
    data, who = _words(resource, package, user, question, verdict)
    if not verdict.allowed:
        _record_denial(data, who, verdict)
        raise _remember(Denied(verdict))
    known[key] = Delivery(resource.id, question, verdict, data, who)
    return known[key]


def is_open_delivery(resource_id: str, user: Any) -> bool:
    """Whether the gate has said yes to this resource's data in the present request, in the way of the request."""
    key = (resource_id, actor_of_user(user).user_id, mode_of_request() if has_request_context() else Mode.API)
    return key in once("deliveries")


def _words(
    resource: model.Resource, package: model.Package, user: Any, question: Asking, verdict: Verdict
) -> tuple[journal.Data, journal.Visitor]:
    grant = grant_of(verdict.grant) if verdict.grant else None
    tier = standing_of(package).tier
    data = journal.Data(
        dataset_id=package.id,
        tier=tier.value if tier else "none",
        mode=_JOURNAL_MODE[question.mode or Mode.API],
        agency_id=package.owner_org,
        resource_id=resource.id,
        version=_version(resource),
        grant_id=grant.id if grant else None,
        agreement_id=grant.agreement or None if grant else None,
        granted_until=grant.ends_at if grant else None,
    )
    party_id = grant.party_id if grant else None
    if question.bearer is None:
        return data, journal.visitor(user if question.user_id else None, party_id)
    holder = model.User.get(question.bearer.user_id)
    return data, journal.visitor(holder, party_id, question.bearer.client)


def _version(resource: model.Resource) -> str:
    """The state of the resource: the moment of its last change."""
    changed: datetime.datetime | None = resource.last_modified or resource.metadata_modified or resource.created
    return changed.isoformat(timespec="microseconds") + "Z" if changed else ""


def _record_denial(data: journal.Data, who: journal.Visitor, verdict: Verdict) -> None:
    """Denials of conditional data, and of any that is shut, are on record (LYG-21)."""
    if data.tier == OpenTier.CONDITIONAL.value or verdict.reason is Reason.SHUT:
        journal.denial(data, who, verdict.reason.value)


def _remember(denied: Denied) -> Denied:
    """For the API's answer, which CKAN words by itself: views.py adds the codes."""
    if has_request_context():
        g.govdata_denied = denied
    return denied
