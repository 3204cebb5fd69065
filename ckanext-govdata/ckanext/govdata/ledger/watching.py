"""Changes that are recorded wherever they are made, page, API or command: rows of certain tables, as the session writes them.

The entry is written by the connection that writes the row, so both commit or neither does. Statements that go past the
session are not seen; the rooms that use such record by `journal.change`.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from flask import g, has_request_context
from sqlalchemy import event

from .entry import Entry, compose
from .intake import record_all
from .reading import run_in

logger = logging.getLogger(__name__)

# What a row's change is called, who made it, and which of its fields the entry names; None where it is no decision.
Told = tuple[str, str | None, dict[str, Any]] | None
_SECRET = ("secret", "password", "token", "key", "pass")
_LONGEST_VALUE = 2000
# What CKAN writes for its own bookkeeping.
_NO_SETTINGS = frozenset({"ckan.config_update", "ckan.site_id"})


def _of_officer(row: Any, was: Mapping[str, Any] | None) -> Told:
    fields = {"user.target.id": row.user_id, "govdata.role": row.role}
    if was is None:
        return "officer-appointed", row.appointed_by, fields
    return ("officer-dismissed", row.ended_by, fields) if "ended_at" in was else None


def _of_tier_change(row: Any, was: Mapping[str, Any] | None) -> Told:
    if was is not None and "status" not in was:
        return None
    fields = {
        "govdata.dataset.id": row.package_id,
        "govdata.tier_change.from": row.from_tier,
        "govdata.tier_change.to": row.to_tier,
    }
    return f"tier-change-{row.status.replace('_', '-')}", row.decided_by or row.proposed_by, {**fields, **_named(row)}


def _of_review(row: Any, was: Mapping[str, Any] | None) -> Told:
    fields = {"govdata.dataset.id": row.package_id, "govdata.reviewer": row.reviewer, "govdata.accepted": row.accepted}
    return ("entry-reviewed", row.decided_by, {**fields, **_named(row)}) if was is None else None


def _of_member(row: Any, was: Mapping[str, Any] | None) -> Told:
    """A user's role in an agency, or in a group."""
    if row.table_name != "user" or (was is not None and not {"state", "capacity"} & set(was)):
        return None
    fields = {"user.target.id": row.table_id, "govdata.agency.id": row.group_id, "govdata.role": row.capacity}
    return f"member-{'set' if row.state == 'active' else 'removed'}", None, fields


def _of_user(row: Any, was: Mapping[str, Any] | None) -> Told:
    fields = {"user.target.id": row.id, "govdata.role": "administrator" if row.sysadmin else "user"}
    if was is None:
        return "account-made", None, fields
    if "sysadmin" in was:
        return f"administrator-{'appointed' if row.sysadmin else 'dismissed'}", None, fields
    return (f"account-{'opened' if row.state == 'active' else 'closed'}", None, fields) if "state" in was else None


def _of_package(row: Any, was: Mapping[str, Any] | None) -> Told:
    """A dataset that goes over to another agency, which has its data from then on."""
    before = next(iter((was or {}).get("owner_org", ())), None)
    if not before:
        return None
    fields = {"govdata.dataset.id": row.id, "govdata.agency.id": row.owner_org, "govdata.agency.before": before}
    return "dataset-agency-changed", None, fields


def _of_setting(row: Any, was: Mapping[str, Any] | None) -> Told:
    if row.key in _NO_SETTINGS:
        return None
    secret = any(part in row.key.lower() for part in _SECRET)
    value = _keyed_digest(str(row.value)) if secret else str(row.value)[:_LONGEST_VALUE]
    return "setting-changed", None, {"govdata.setting.key": row.key, "govdata.setting.value": value}


_WATCHED: Mapping[str, Callable[[Any, Mapping[str, Any] | None], Told]] = {
    "govdata_officer": _of_officer,
    "govdata_tier_change": _of_tier_change,
    "govdata_review": _of_review,
    "member": _of_member,
    "package": _of_package,
    "user": _of_user,
    "system_info": _of_setting,
}


def _named(row: Any) -> dict[str, Any]:
    """Which row it was, and what it said as one text, which the entry commits to: there may be people's names in it."""
    said = {column.key: str(getattr(row, column.key)) for column in sa.inspect(row).mapper.columns}
    return {"govdata.record.id": row.id, "govdata.record.words": json.dumps(said, sort_keys=True, ensure_ascii=False)}


def _keyed_digest(secret: str) -> str:
    """Tells one secret from another to whoever holds the portal's key, and to nobody who guesses."""
    return hmac.new(str(tk.config["SECRET_KEY"]).encode(), f"govdata.setting\0{secret}".encode(), "sha256").hexdigest()


def _changed(row: Any) -> dict[str, Any]:
    """The fields that this flush changes, with what they were."""
    state = sa.inspect(row)
    histories = {column.key: state.attrs[column.key].history for column in state.mapper.column_attrs}
    return {
        name: list(history.deleted)
        for name, history in histories.items()
        if history.has_changes() and list(history.added) != list(history.deleted)
    }


def _entries(session: Any) -> Iterator[Entry]:
    actor = _acting()
    for rows, new in ((session.new, True), (session.dirty, False)):
        for row in rows:
            tell = _WATCHED.get(_table_of(row))
            was = None if new or not tell else _changed(row)
            told = tell(row, was) if tell and (new or was) else None
            if told:
                action, by, fields = told
                yield compose(action, fields=_given({"user.id": by or actor, **fields}))
    for row in session.deleted:
        if _table_of(row) == "system_info":
            yield compose("setting-removed", fields={"govdata.setting.key": row.key})


def _table_of(row: Any) -> str:
    return str(getattr(sa.inspect(row).mapper.local_table, "name", ""))


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _acting() -> str | None:
    """The user of the request; None for commands and jobs, which whoever holds the machine starts.

    Only one who is already known: recognising a token commits, and that within a flush.
    """
    user = g.get("userobj") if has_request_context() else None
    identity = sa.inspect(user, raiseerr=True).identity if isinstance(user, model.User) else None
    return str(identity[0]) if identity else None


def _record_what_changes(session: Any, *_: Any) -> None:
    entries = list(_entries(session))
    if entries and _has_ledger(session):
        record_all(entries, session)


_known: set[str] = set()


def _has_ledger(session: Any) -> bool:
    """Before the first migration there is no ledger: the account that installs the portal is made without one."""
    database = str(session.get_bind().url)
    if database not in _known:
        if run_in(session)("SELECT to_regclass('govdata_ledger.intake')", ())[0][0] is None:
            logger.warning("There is no ledger yet, so a change is not recorded. Run: ckan db upgrade -p govdata")
            return False
        _known.add(database)
    return True


def watch() -> None:
    """Watch CKAN's session from now on; watching twice is watching once."""
    if not event.contains(model.Session, "after_flush", _record_what_changes):
        event.listen(model.Session, "after_flush", _record_what_changes)
