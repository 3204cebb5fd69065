"""A document and its steps, in the caller's transaction; each is recorded in the ledger, and told to whoever listens.

    document = present(facts, by)             made, with its PDF; nobody has signed
    mark_read(document.id, user_id)           a signer has read it to its end
    sign_agreed(document.id, user_id, ...)    L1, sealed by the portal; waits where there is no timestamp
    prepare(...) / embed(...)                 L2, by the signer's own certificate (see external.py)
    seal(document.id, user_id, ...)           the agency's: L3 where a seal provider has its seal, else L1
    try_again()                               what waits for a service

Guarantee: a document is `signed` or `sealed` only with a whole signature and its timestamp in the file; sealing puts the whole
file's digests into the ledger in the same transaction.
"""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

import rfc8785
import sqlalchemy as sa
from ckan import model

from .. import config
from ..access.parties.standing import may_sign
from ..columns import new_id, now
from ..confirming import Confirmation
from ..ledger import journal
from ..msgids import N_
from . import listening
from .documents.domain import Facts, compose, read, sha256
from .documents.glyphs import Fonts, fonts
from .documents.setting import set_agreement
from .errors import NotSignable, SealMissing, ServiceDown, SignatureRefused
from .model import Act, Document, Reading
from .sealing import level_of, put_signature
from .signing.levels import Field, Level
from .signing.pades import with_fields
from .verification.verify import digests

_NEXT = {Field.USER: ("presented", "signed"), Field.AGENCY: ("signed", "sealed")}
_NAME_LENGTH = 60


def present(facts: Facts, by: str, application: str | None = None, document_id: str = "") -> Document:
    """Make the document that both sides are to sign; `document_id` where it is to have the id of something else's.

    Raises AgreementError (GlyphMissing, TooLong), IntakeUnavailable.
    """
    canonical = compose(facts)
    pdf = with_fields(set_agreement(canonical, printable()))
    row = Document(
        id=document_id or new_id(), number=facts.number, text_key=facts.text_key, text_version=facts.text_version
    )
    row.step, row.reason = "presented", ""
    row.agency, row.party, row.dataset = facts.agency.id, facts.user.id, facts.subject.id
    row.application, row.supersedes = application, facts.supersedes or None
    row.canonical, row.content_sha256, row.presented_by = canonical, sha256(canonical), by
    _put_file(row, pdf)
    model.Session.add(row)
    _record(row, by, {})
    return row


def printable() -> Fonts:
    """The fonts of this portal."""
    return fonts(config.agreements_fonts())


def next_number(at: datetime.datetime) -> str:
    """A number that no other agreement has, such as GD-2026-000017."""
    drawn = model.Session.scalar(sa.text("SELECT nextval('govdata_agreement_number')"))
    return f"GD-{at.year}-{int(drawn or 0):06d}"


def get(document_id: str) -> Document | None:
    """A document by its id."""
    return model.Session.get(Document, document_id, populate_existing=True)


def locked(document_id: str) -> Document:
    """The document, held until the transaction ends. Raises NotSignable where there is none."""
    row = model.Session.get(Document, document_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotSignable("id", N_("There is no such agreement."))
    return row


def mark_read(document_id: str, user_id: str) -> None:
    """Note that somebody has the text read to its end; the first time counts."""
    if get(document_id) is not None and model.Session.get(Reading, (document_id, user_id)) is None:
        model.Session.add(Reading(document=document_id, by=user_id))
        model.Session.flush()


def sign_agreed(document_id: str, user_id: str, typed: str, expected: str, confirmation: Confirmation) -> Document:
    """The user's agreed signature (L1, LYG-19): read to the end, second factor shown, name typed as it is known.

    `expected` is the signer's name. Where the timestamp service is down the signature waits: `act_of(document, field)` says so.
    Raises NotSignable, SignatureRefused.
    """
    row = _at_step(document_id, Field.USER)
    read = _read_by(row, user_id)
    demand_right(row, user_id)
    _demand_name(typed, expected)
    evidence = _evidence(row, user_id, Level.AGREED, typed.strip(), confirmation, read)
    return _ask(row, Field.USER, Level.AGREED, user_id, evidence)


def begin_own(
    document_id: str, user_id: str, typed: str, expected: str, confirmation: Confirmation
) -> tuple[Document, bytes]:
    """The document and the evidence for a signature by the user's own certificate (L2). Raises as `sign_agreed`."""
    row = _at_step(document_id, Field.USER)
    read_at = _read_by(row, user_id)
    demand_right(row, user_id)
    _demand_name(typed, expected)
    return row, _evidence(row, user_id, Level.OWN_CERTIFICATE, typed.strip(), confirmation, read_at)


def names_on_certificate(row: Document, act: Act) -> list[str]:
    """Whom a certificate may name for the user's signature: the party, or the signer as they typed their name."""
    return [read(row.canonical)["parties"]["user"]["name"], json.loads(act.evidence)["signer"]["name"]]


def seal(document_id: str, user_id: str, name: str, confirmation: Confirmation) -> Document:
    """The agency's signature, by the officer who keeps its agreements: L3 by a seal provider, or L1 where it has no seal."""
    row = _at_step(document_id, Field.AGENCY)
    level = level_of(row.agency)
    evidence = _evidence(row, user_id, level, name, confirmation, None)
    return _ask(row, Field.AGENCY, level, user_id, evidence)


def void(document_id: str, by: str, reason: str) -> Document:
    """Give up a document that is not sealed yet; it stays, and is nobody's to sign any more."""
    row = locked(document_id)
    if row.step not in ("presented", "signed"):
        raise NotSignable("id", N_("This agreement is sealed, or was given up already."))
    for act in model.Session.scalars(sa.select(Act).where(Act.document == row.id, Act.state == "waiting")):
        act.state = "dropped"
    row.step, row.void_at, row.reason = "void", now(), reason
    _record(row, by, {})
    return row


def act_of(document_id: str, field: Field) -> Act | None:
    """The signature that stands or waits in a field."""
    rows = sa.select(Act).where(Act.document == document_id, Act.field == field.value, Act.state != "dropped")
    return model.Session.scalars(rows).first()


def try_again() -> int:
    """Complete the signatures that wait for a service, each in a transaction of its own; returns how many are whole now."""
    waiting = sa.select(Act.id).where(Act.state == "waiting", Act.level != Level.OWN_CERTIFICATE.value)
    done = 0
    for act_id in list(model.Session.scalars(waiting.order_by(Act.asked_at))):
        act = model.Session.get(Act, act_id, populate_existing=True)
        row = locked(act.document) if act else None
        if act and row and act.state == "waiting" and row.step == _NEXT[Field(act.field)][0]:
            done += _complete(row, act)
        model.Session.commit()
    return done


def finish(row: Document, act: Act, pdf: bytes) -> None:
    """Put a whole signature's file in place, record the step and tell it."""
    field = Field(act.field)
    act.state, act.done_at, act.trouble = "done", now(), ""
    _put_file(row, pdf)
    row.step = _NEXT[field][1]
    if field is Field.USER:
        row.signed_at, row.evidence = now(), act.evidence
    else:
        row.sealed_at = now()
    _record(row, act.by, {"govdata.agreement.level": act.level})


def new_act(row: Document, field: Field, level: Level, user_id: str, evidence: bytes) -> Act:
    """Keep what somebody has asked for. Raises NotSignable where a signature waits in the field already."""
    if act_of(row.id, field) is not None:
        message = N_(
            "This signature is on its way already. The portal completes it by itself; look again in some minutes."
        )
        raise NotSignable("id", message)
    act = Act(id=new_id(), document=row.id, field=field.value, level=level.value, by=user_id, evidence=evidence)
    act.tries, act.trouble, act.state = 0, "", "waiting"
    model.Session.add(act)
    model.Session.flush()
    return act


def _ask(row: Document, field: Field, level: Level, user_id: str, evidence: bytes) -> Document:
    _complete(row, new_act(row, field, level, user_id, evidence))
    return row


def _complete(row: Document, act: Act) -> bool:
    """Try to make a signature whole; where a service is down it goes on waiting, with the trouble noted."""
    act.tries += 1
    try:
        pdf = put_signature(row, act)
    except ServiceDown as error:
        act.trouble = error.field
        model.Session.flush()
        return False
    except SealMissing as error:
        # What was asked for cannot be had: the officer asks anew, for the signature that there is.
        act.state, act.trouble = "dropped", error.field
        model.Session.flush()
        return False
    finish(row, act, pdf)
    return True


def _at_step(document_id: str, field: Field) -> Document:
    row = locked(document_id)
    if row.step != _NEXT[field][0]:
        message = {
            Field.USER: N_("This agreement does not wait for the user's signature. Look at where it stands."),
            Field.AGENCY: N_("This agreement does not wait for the agency's seal: the user signs first."),
        }[field]
        raise NotSignable("id", message)
    return row


def _read_by(row: Document, user_id: str) -> datetime.datetime:
    found = model.Session.get(Reading, (row.id, user_id))
    if found is None:
        raise NotSignable("id", N_("Read the agreement to its end first."))
    return found.read_at


def demand_right(row: Document, user_id: str) -> None:
    """Raises SignatureRefused where this user's signature does not bind the party now."""
    decision = may_sign(row.party, user_id)
    if not decision.allowed:
        raise SignatureRefused("id", decision.message or N_("Your signature does not bind this party."))


def _demand_name(typed: str, expected: str) -> None:
    given = " ".join(typed.split())
    if not given or len(given) > _NAME_LENGTH or given != " ".join(expected.split()):
        raise SignatureRefused("name", N_("Type your name as the portal knows it: {name}."), name=expected)


def _evidence(
    row: Document, user_id: str, level: Level, name: str, confirmation: Confirmation, read: datetime.datetime | None
) -> bytes:
    """How a signature came about, as canonical JSON; it goes into the file with the user's signature."""
    document: dict[str, Any] = {
        "format": "govdata-evidence/1",
        "number": row.number,
        "content_sha256": row.content_sha256,
        "level": f"{level.short} {level.value}",
        "signer": {"user": user_id, "name": name, "party": row.party if read else row.agency},
        "second_factor": {
            "kind": confirmation.kind or "none",
            "at": confirmation.at.isoformat(timespec="seconds") if confirmation.at else None,
        },
        "asked_at": now().isoformat(timespec="seconds") + "Z",
    }
    if read:
        document["read_to_end_at"] = read.isoformat(timespec="seconds") + "Z"
    return rfc8785.dumps(document)


def _put_file(row: Document, pdf: bytes) -> None:
    row.pdf = pdf
    row.sha256, row.sm3 = digests(pdf)


def _record(row: Document, by: str, more: dict[str, Any]) -> uuid.UUID:
    """The step's entry, with the digests of the file as it now stands."""
    fields = {
        "file.hash.sha256": row.sha256,
        "govdata.agreement.id": row.id,
        "govdata.agreement.number": row.number,
        "govdata.agreement.content": row.content_sha256,
        "govdata.agreement.sm3": row.sm3,
        "govdata.agreement.evidence": sha256(row.evidence) if row.evidence else None,
        "govdata.agency.id": row.agency,
        "govdata.dataset.id": row.dataset,
        "govdata.party.id": row.party,
        **more,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    personal = {"govdata.reason": row.reason} if row.reason else None
    # The row goes out in one piece: a sealed one names its entry.
    with model.Session.no_autoflush:
        entry = journal.change(f"agreement-{row.step}", by, given, personal)
        if row.step == "sealed":
            row.entry = entry
    model.Session.flush()
    listening.tell(row)
    return entry
