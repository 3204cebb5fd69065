"""Actions by which the operator decides what was handed in: look at the proof, decide with a reason."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ....columns import now
from .. import history, numbers, schema
from ..domain import MemberRole, State
from ..model import Evidence, Member, Number, Party, Verification
from ..standing import living_member
from . import shown
from .common import acting, at_the_same_moment, commit, locked, pending, refuse, short


@validate(schema.by_id)
def govdata_party_number_reveal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The number of a waiting case in the clear, for the operator who compares it with the proof. It is recorded who saw it.

    :param id: the case's id
    :returns: `document`, `number`
    """
    tk.check_access("govdata_party_number_reveal", context, data_dict)
    officer, row = acting(context), pending(data_dict["id"])
    _refuse_own(row, officer)
    number = model.Session.get(Number, row.number_id) if row.number_id else None
    if number is None:
        refuse("id", tk._("No number belongs to this case."))
    history.record(row.party_id, "number-revealed", officer, verification=row.id)
    commit()
    return {"document": number.document, "number": numbers.revealed(number)}


@validate(schema.by_id)
def govdata_party_evidence_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A file of evidence, for the operator. It is recorded who saw it.

    :param id: the file's id
    :returns: `media_type`, `size`, `data` (base64)
    """
    tk.check_access("govdata_party_evidence_show", context, data_dict)
    officer = acting(context)
    row = model.Session.get(Evidence, data_dict["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such file. It may be deleted after its term."))
    _refuse_own_party(row.party_id, officer)
    plain = numbers.open_evidence(row)
    history.record(row.party_id, "evidence-seen", officer, evidence=row.id, verification=row.verification_id)
    commit()
    return {"media_type": row.media_type, "size": row.size, "data": base64.b64encode(plain).decode()}


@validate(schema.decide)
def govdata_party_verification_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide a case as the operator, with a reason that stays on record. Nobody decides on their own party.

    :param id: the case's id
    :param accept: true or false
    :param reason: by which proof, or what is lacking
    :returns: the case
    """
    tk.check_access("govdata_party_verification_decide", context, data_dict)
    officer, reason = acting(context), short("reason", data_dict["reason"])
    row = pending(data_dict["id"])
    _refuse_own(row, officer)
    row.state, row.decided_by, row.decided_at = "accepted" if data_dict["accept"] else "refused", officer, now()
    row.reason = reason
    if data_dict["accept"]:
        _take_effect(row, officer)
    details = {"verification": row.id, "kind": row.kind, "member": row.member_id}
    history.record(row.party_id, f"verification-{row.state}", officer, reason, **details)
    commit()
    return shown.verification(row)


def _refuse_own(row: Verification, officer: str) -> None:
    if row.asked_by == officer:
        refuse("id", tk._("You handed this in yourself. Another officer decides."))
    _refuse_own_party(row.party_id, officer)


def _refuse_own_party(party_id: str, officer: str) -> None:
    if living_member(party_id, officer) is not None:
        refuse("id", tk._("You belong to this party. Another officer decides."))


def _take_effect(row: Verification, officer: str) -> None:
    """What an accepted case changes; a rule of the database that stands against it refuses the decision."""
    party, member = locked(row.party_id), model.Session.get(Member, row.member_id)
    if member is None or member.ended_at is not None:
        refuse("id", tk._("Who handed this in has left the party. Refuse it."))
    try:
        if row.kind == "identity":
            _verify_party(party, member, row, officer)
        elif row.kind == "representative":
            make_representative(party.id, member)
        else:
            member.role, member.confirmed_at, member.authorised_until = row.role, now(), row.authorised_until
        model.Session.flush()
    except IntegrityError as error:
        raise at_the_same_moment() from error


def _verify_party(party: Party, member: Member, row: Verification, officer: str) -> None:
    number = model.Session.get(Number, row.number_id) if row.number_id else None
    if number is None or number.state == "retired":
        refuse("id", tk._("The number has been changed since. Refuse the case; it can be handed in again."))
    check_number(number)
    numbers.verify(number)
    party.state, party.verified_at, party.verified_by = State.VERIFIED.value, now(), officer
    if member.role == MemberRole.SELF.value:
        member.confirmed_at = now()
    elif row.role == MemberRole.LEGAL_REPRESENTATIVE.value:
        make_representative(party.id, member)


def check_number(number: Number) -> None:
    """Refuse a number that another party has, or that belongs to a blocked one (LYG-40)."""
    found = numbers.obstacle(number)
    if found == "blocked":
        model.Session.rollback()
        refuse(
            "id",
            tk._("A party with this number is blocked. It does not come back by registering anew: refuse the case."),
        )
    if found == "taken":
        model.Session.rollback()
        refuse(
            "id",
            tk._("Another party with this number is verified. Refuse the case, or join this party to that one."),
        )


def make_representative(party_id: str, member: Member) -> None:
    """Make a member the verified legal representative; the former one becomes a plain member."""
    former = sa.update(Member).where(
        Member.party_id == party_id, Member.role == "legal_representative", Member.id != member.id
    )
    model.Session.execute(former.where(Member.ended_at.is_(None)).values(role="member", confirmed_at=None))
    member.role, member.confirmed_at, member.authorised_until = "legal_representative", now(), None
    member.manages = True


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (govdata_party_number_reveal, govdata_party_evidence_show, govdata_party_verification_decide)
}
