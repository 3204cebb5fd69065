"""The paper of an agreement: made when it is presented, void when that ends before its effect, followed in its signatures."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...columns import now
from ...msgids import N_
from ...workflow import cases
from .. import keeping
from ..applications.model import Application
from ..applications.vocabulary import purposes
from ..documents.domain import Use
from ..errors import NotSignable
from ..gathering import facts_of
from ..model import Document
from ..signing.levels import Field
from . import following, steps, telling
from .machine import AGENCY
from .model import Agreement


def document_of(row: Agreement, application: Application, by: str) -> Document:
    """Make the document that both sides are to sign, of the terms in `row`. Raises AgreementError, IntakeUnavailable."""
    package = tk.get_action("package_show")({"ignore_auth": True}, {"id": row.package_id})
    before = model.Session.get(Agreement, row.supersedes) if row.supersedes else None
    document = keeping.get(before.document) if before else None
    facts = facts_of(
        package,
        row.party_id,
        _use(row, application),
        _zoned(row.starts_at),
        _zoned(row.ends_at),
        items=row.items,
        conditions=row.conditions,
        supersedes=document.number if document else "",
    )
    return keeping.present(facts, by, application=application.id)


def _use(row: Agreement, application: Application) -> Use:
    content = application.content
    purpose = purposes()[content["purpose"]]
    label = {"zh_Hans_CN": purpose.label["zh"], "en": purpose.label["en"]}
    return Use(
        purpose.code,
        label,
        content["scenario"],
        content["security"],
        list(row.modes),
        application=application.id,
        quota=row.quota,
        addresses=list(row.addresses),
    )


def _zoned(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(tzinfo=datetime.timezone.utc)


def void(row: Agreement, by: str, reason: str) -> None:
    """Give up the paper of an agreement that does not take effect. A sealed or void one stays as it is."""
    document = keeping.get(row.document)
    if document is not None and document.step in ("presented", "signed"):
        keeping.void(document.id, by, reason)


def follow(step: str, document: Document) -> None:
    """Move the agreement with its document, in the transaction of the signature; a signature that waits moves nothing yet."""
    row = model.Session.scalars(sa.select(Agreement).where(Agreement.document == document.id)).first()
    if row is None or step not in ("signed", "sealed"):
        return
    agency = cases.locked(row.id).agency
    field = Field.USER if step == "signed" else Field.AGENCY
    act = keeping.act_of(document.id, field)
    by = act.by if act else document.presented_by
    facts: dict[str, Any] = {"document": document.id, "sha256": document.sha256, "level": act.level if act else ""}
    if step == "signed":
        steps.signed(row, agency, by, facts)
        telling.signed(row, agency)
        return
    if row.ends_at <= now():
        raise NotSignable("id", N_("The term is over already. Replace the agreement by one with a new term."))
    if following.beside(row):
        raise NotSignable(
            "id",
            N_(
                "There is an agreement of this party on this data in force already. Replace this one, and let the new one"
                " follow it."
            ),
        )
    steps.move(row, "seal", by, AGENCY, facts=facts)
    steps.move(row, "take-effect", by, AGENCY)
    telling.effective(row)
