"""Actions on agreements' documents: seeing, reading to the end, signing, sealing, verifying."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from flask import has_request_context

from ..access.parties.standing import parties_of
from ..catalogue.record import acting
from ..confirming import Confirmation, ConfirmationNeeded, demand_confirmation
from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from . import external, keeping, schema, shown
from .auth import readable
from .model import Document
from .verifying import verdict_of
from .words import refused

_PURPOSE = "sign_agreement"


@tk.side_effect_free
@validate(schema.page)
def govdata_agreement_document_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Agreements' documents, the newest first: of one's own parties, of one's agencies, and all for the officers.

    :param dataset: id of a dataset, for its agreements alone
    :param step: `presented`, `signed`, `sealed` or `void`
    :param limit: how many, at most 1000
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_agreement_document_list", context, data_dict)
    found = _visible(context)
    for name in ("dataset", "step"):
        if data_dict.get(name):
            found = found.where(getattr(Document, name) == data_dict[name])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = found.order_by(Document.presented_at.desc()).limit(min(data_dict["limit"], 1000))
    return {
        "count": count,
        "results": [shown.brief(row) for row in model.Session.scalars(page.offset(data_dict["offset"]))],
    }


def _visible(context: Context) -> Any:
    actor = actor_of_context(context)
    if permits(actor, Permission.AGREEMENT_READ).allowed:
        return sa.select(Document)
    seen = [agency for agency in actor.agencies if permits(actor, Permission.AGREEMENT_READ, agency).allowed]
    own = [party.id for party in parties_of(actor.user_id or "")]
    return sa.select(Document).where(sa.or_(Document.party.in_(own), Document.agency.in_(seen)))


@tk.side_effect_free
@validate(schema.by_id)
def govdata_agreement_document_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An agreement's document: its text as it is signed, its signatures with their levels, and what comes next (LYG-19).

    :param id: the document's id
    :returns: `document` (the canonical JSON), `step`, `signatures`, `sha256` and `sm3` of the file, `own` (how you stand to it)
    """
    tk.check_access("govdata_agreement_document_show", context, data_dict)
    return shown.whole(readable(context, data_dict["id"]), _user(context))


@validate(schema.by_id)
def govdata_agreement_document_read(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say that you have read the agreement to its end; without it you cannot sign.

    :param id: the document's id
    :returns: the document
    """
    tk.check_access("govdata_agreement_document_read", context, data_dict)
    keeping.mark_read(data_dict["id"], acting(context))
    model.Session.commit()
    return shown.whole(readable(context, data_dict["id"]), _user(context))


@validate(schema.sign)
def govdata_agreement_document_sign(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Sign for your party by agreed signature (L1, LYG-19): the portal seals the file with the evidence of how you signed.

    Needs a fresh confirmation by a second factor. Where the timestamp service is down, the signature waits: the document is not
    signed yet, `signatures` says what it waits for, and the portal tries again by itself.

    :param id: the document's id
    :param name: your name, as the portal knows it
    :returns: the document
    """
    tk.check_access("govdata_agreement_document_sign", context, data_dict)
    confirmation, user = _confirmed(), _user(context)
    with refused():
        row = keeping.get(data_dict["id"])
        expected = shown.signer_name(row, user) if row else ""
        keeping.sign_agreed(data_dict["id"], acting(context), data_dict["name"], expected, confirmation)
    model.Session.commit()
    return shown.whole(readable(context, data_dict["id"]), user)


@validate(schema.sign)
def govdata_agreement_document_prepare(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Prepare a signature by your own certificate (L2): you sign `to_sign` outside, as a detached CMS with SHA-256.

    :param id: the document's id
    :param name: your name, as the portal knows it
    :returns: the document, with `to_sign` in base 64
    """
    tk.check_access("govdata_agreement_document_prepare", context, data_dict)
    confirmation, user = _confirmed(), _user(context)
    with refused():
        row = keeping.get(data_dict["id"])
        expected = shown.signer_name(row, user) if row else ""
        row, signed = external.prepare(data_dict["id"], acting(context), data_dict["name"], expected, confirmation)
    model.Session.commit()
    return {**shown.whole(row, user), "to_sign": shown.text_of(signed)}


@validate(schema.embed)
def govdata_agreement_document_embed(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand in the signature that was made outside; the portal checks it and gives it its timestamp.

    :param id: the document's id
    :param signature: the detached CMS in DER, in base 64
    :returns: the document
    """
    tk.check_access("govdata_agreement_document_embed", context, data_dict)
    with refused():
        external.embed(data_dict["id"], acting(context), _bytes(data_dict["signature"], "signature"))
    model.Session.commit()
    return shown.whole(readable(context, data_dict["id"]), _user(context))


@validate(schema.by_id)
def govdata_agreement_document_seal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Seal an agreement for its agency, after the user has signed: by its electronic seal (L3), or by agreed signature (L1).

    :param id: the document's id
    :returns: the document
    """
    tk.check_access("govdata_agreement_document_seal", context, data_dict)
    confirmation, user = _confirmed(), _user(context)
    with refused():
        name = str(user.fullname or user.name) if user else ""
        keeping.seal(data_dict["id"], acting(context), name, confirmation)
    model.Session.commit()
    return shown.whole(readable(context, data_dict["id"]), user)


@tk.side_effect_free
@validate(schema.verify)
def govdata_agreement_verify(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Check the file of an agreement: each check's result, in Chinese and English. Nothing of the file is kept.

    :param file: the PDF, as an uploaded file or in base 64
    :returns: `holds` (every check was made and holds), `conclusion`, `checks`, `signers`, `number`
    """
    tk.check_access("govdata_agreement_verify", context, data_dict)
    return verdict_of(_file(data_dict["file"]))


def _confirmed() -> Confirmation:
    """The second factor that was shown. On the command line nobody is asked; whoever comes by the web has to show one."""
    found = demand_confirmation(_PURPOSE)
    if has_request_context() and not found.kind:
        raise ConfirmationNeeded(_PURPOSE)
    return found


def _user(context: Context) -> Any:
    user_id = actor_of_context(context).user_id
    return model.User.get(user_id) if user_id else None


_MOST = 30_000_000


def _file(given: Any) -> bytes:
    stream = getattr(given, "stream", None) or getattr(given, "file", None)
    data = stream.read(_MOST + 1) if stream is not None else _bytes(str(given), "file")
    if not data or len(data) > _MOST:
        raise tk.ValidationError({"file": [tk._("Choose the PDF of an agreement, of at most 30 MB.")]})
    return bytes(data)


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise tk.ValidationError({field: [tk._("This is no base 64.")]}) from error


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_agreement_document_list": govdata_agreement_document_list,
    "govdata_agreement_document_show": govdata_agreement_document_show,
    "govdata_agreement_document_read": govdata_agreement_document_read,
    "govdata_agreement_document_sign": govdata_agreement_document_sign,
    "govdata_agreement_document_prepare": govdata_agreement_document_prepare,
    "govdata_agreement_document_embed": govdata_agreement_document_embed,
    "govdata_agreement_document_seal": govdata_agreement_document_seal,
    "govdata_agreement_verify": govdata_agreement_verify,
}
