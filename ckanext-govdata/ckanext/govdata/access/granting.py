"""How a grant comes to be and changes: in the caller's transaction, each step on record in the ledger.

There is no action that makes an agreement's grant: it follows from a signed agreement alone, by `grant_under_agreement`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection

import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import IntegrityError

from ..columns import now
from ..ledger import journal
from . import endings
from .domain import Kind, Mode, State
from .model import Grant, GrantStep


def grant_under_agreement(
    package_id: str,
    party_id: str,
    agreement: str,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    by: str,
    *,
    modes: Collection[Mode] = tuple(Mode),
    items: Collection[str] = (),
    files: Collection[str] = (),
    addresses: Collection[str] = (),
    quota: int | None = None,
) -> Grant:
    """Give a party a dataset's data under an agreement (LYG-19), in the caller's transaction.

    `items` are names of data items and `files` ids of resources, empty for all; `addresses` are addresses or networks, empty
    for anywhere; `quota` is deliveries a day. Moments are UTC without a zone. Raises IntakeUnavailable.
    """
    row = Grant(
        kind=Kind.AGREEMENT.value,
        package_id=package_id,
        party_id=party_id,
        agreement=agreement,
        modes=sorted(mode.value for mode in modes),
        items=sorted(items),
        files=sorted(files),
        addresses=sorted(addresses),
        quota=quota,
        starts_at=starts_at,
        ends_at=ends_at,
        state=State.RUNNING.value,
        asked_by=by,
    )
    model.Session.add(row)
    record_step(row, by, "")
    return row


def grant_by_sharing(
    package_id: str,
    agency_id: str,
    application: str,
    ends_at: datetime.datetime,
    by: str,
    *,
    modes: Collection[Mode] = tuple(Mode),
    items: Collection[str] = (),
) -> Grant:
    """Give an agency another agency's data, as its supplied application says (YZ-22), from now on, in the caller's transaction.

    The database refuses one without such an application. Raises IntakeUnavailable.
    """
    row = Grant(kind=Kind.SHARING.value, package_id=package_id, agency_id=agency_id, agreement=application)
    row.modes, row.items = sorted(mode.value for mode in modes), sorted(items)
    row.files, row.addresses, row.starts_at, row.ends_at = [], [], now(), ends_at
    row.state, row.asked_by = State.RUNNING.value, by
    model.Session.add(row)
    record_step(row, by, "")
    return row


def request_inspection(package_id: str, user_id: str, reason: str, ends_at: datetime.datetime) -> Grant:
    """Ask for leave to look into a dataset's data; it gives nothing until a second person has agreed."""
    row = Grant(
        kind=Kind.INSPECTION.value,
        package_id=package_id,
        user_id=user_id,
        agreement="",
        modes=sorted(mode.value for mode in Mode),
        items=[],
        files=[],
        addresses=[],
        starts_at=min(now(), ends_at - datetime.timedelta(minutes=1)),
        ends_at=ends_at,
        state=State.REQUESTED.value,
        reason=reason,
        asked_by=user_id,
    )
    model.Session.add(row)
    record_step(row, user_id, reason)
    return row


def suspend_all(package_id: str, by: str, reason: str) -> list[str]:
    """Suspend every running grant of a dataset (LYG-40) in the caller's transaction; answers their ids."""
    running = (
        sa.select(Grant).where(Grant.package_id == package_id, Grant.state == State.RUNNING.value).with_for_update()
    )
    found = list(model.Session.scalars(running.order_by(Grant.id).execution_options(populate_existing=True)))
    for row in found:
        row.state = State.SUSPENDED.value
        record_step(row, by, reason)
    return [row.id for row in found]


def resume(ids: Collection[str], kinds: Collection[Kind], by: str, reason: str) -> None:
    """Let grants of these kinds go on that are suspended, in the caller's transaction.

    One that is over stays so, and one whose agreement is itself suspended waits for the agreement.
    """
    for grant_id in ids:
        row = model.Session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
        if row is not None and row.state == State.SUSPENDED.value and row.ends_at > now() and Kind(row.kind) in kinds:
            _resume(row, by, reason)


def _resume(row: Grant, by: str, reason: str) -> None:
    # Whether its agreement is in force is the database's to say; it is asked here and not at the end, where all would fail.
    now_, later = (sa.text(f"SET CONSTRAINTS govdata_grant_agreement {when}") for when in ("IMMEDIATE", "DEFERRED"))
    try:
        with model.Session.begin_nested():
            row.state = State.RUNNING.value
            model.Session.flush()
            model.Session.execute(now_)
            model.Session.execute(later)
    except IntegrityError:
        model.Session.refresh(row)
        return
    record_step(row, by, reason)


def record_step(row: Grant, by: str, reason: str) -> None:
    """Put a grant's present state on record, here and in the ledger, which commits to the reason and does not show it."""
    model.Session.flush()
    endings.note(row)
    taken = GrantStep(grant_id=row.id, state=row.state, reason=reason, done_by=by)
    model.Session.add(taken)
    model.Session.flush()
    fields = {
        "govdata.grant.id": row.id,
        "govdata.grant.step": taken.id,
        "govdata.grant.kind": row.kind,
        "govdata.grant.until": row.ends_at.isoformat() + "Z",
        "govdata.dataset.id": row.package_id,
        "govdata.party.id": row.party_id,
        "govdata.agreement.id": row.agreement or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    journal.change(f"grant-{row.state}", by, given, journal.in_words(reason))
