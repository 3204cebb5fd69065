"""Agreements and parties for tests: made by the machine's own steps, without a paper."""

from __future__ import annotations

import datetime
from typing import Any

from ckan import model

from ckanext.govdata.access.domain import Mode
from ckanext.govdata.access.parties.model import Member, Party
from ckanext.govdata.agreements.life import steps
from ckanext.govdata.agreements.life.machine import AGENCY, PORTAL, USER
from ckanext.govdata.agreements.life.model import Agreement
from ckanext.govdata.columns import new_id, now
from ckanext.govdata.workflow import cases


def make_party(user_id: str, kind: str = "enterprise", name: str = "江海数据有限公司", state: str = "verified") -> str:
    """A party with this user as the one who signs for it; answers its id."""
    row = Party(kind=kind, name=name, state=state, created_by=user_id)
    model.Session.add(row)
    model.Session.flush()
    role = "self" if kind == "person" else "legal_representative"
    model.Session.add(Member(party_id=row.id, user_id=user_id, role=role, confirmed_at=now()))
    model.Session.commit()
    return row.id


def presented(
    package_id: str, party_id: str, starts_at: datetime.datetime, ends_at: datetime.datetime, **terms: Any
) -> Agreement:
    """An agreement that waits for its signature; not committed."""
    row = Agreement(package_id=package_id, party_id=party_id, starts_at=starts_at, ends_at=ends_at)
    row.title, row.modes = "公共停车场名录", [mode.value for mode in Mode]
    row.clauses, row.conditions, row.document = ["breach", "security"], [], f"no-paper-{new_id()}"
    for name, value in terms.items():
        setattr(row, name, value)
    package = model.Session.get(model.Package, package_id)
    steps.present(row, package.owner_org if package else None, "decider-of-tests", AGENCY)
    return row


def agreed(package_id: str, party_id: str, starts_at: datetime.datetime, ends_at: datetime.datetime) -> str:
    """An effective agreement without its grant, for tests that make grants themselves; answers its id."""
    row = presented(package_id, party_id, starts_at, ends_at)
    cases.take(row.id, "sign", "signer-of-tests", USER)
    cases.take(row.id, "seal", "decider-of-tests", AGENCY)
    cases.take(row.id, "take-effect", PORTAL, PORTAL)
    model.Session.refresh(row)
    return row.id
