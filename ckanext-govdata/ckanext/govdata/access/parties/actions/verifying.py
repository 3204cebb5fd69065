"""Actions of verification: hand in proofs, the operator's queue, the decision (YZ-17, ZB-12, LYG-19)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ....columns import now
from .. import history, numbers, schema
from ..auth import party_of
from ..domain import Act, Kind, MemberRole, State, may, may_act
from ..errors import KeysMissing
from ..evidence import Refused, files_of, keep
from ..model import Evidence, Member, Number, Party, Verification
from ..standing import living_member, standing_of, today
from . import shown
from .common import acting, commit, keys_missing, locked, pending, refuse


@validate(schema.ask)
def govdata_party_verification_ask(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand in the proof of who the party is, that you are its legal representative, or that you sign for it.

    The proof is a PDF, JPEG or PNG file, up to three of them (`evidence`, `evidence_2`, `evidence_3`, sent as a form). They
    are sealed, seen by the operator alone, and deleted some time after the decision.

    :param id: the party's id
    :param kind: `identity` (the party and its number), `representative` or `authorisation` (yourself)
    :param authorised_until: for `authorisation`, the last day on which you may sign
    :param note: optional, a word to the operator
    :param evidence: a file
    :returns: the case
    """
    tk.check_access("govdata_party_verification_ask", context, data_dict)
    user_id, party = acting(context), locked(data_dict["id"])
    kind, member = data_dict["kind"], _asker(party, user_id, data_dict["kind"])
    row = Verification(
        party_id=party.id, kind=kind, member_id=member.id, asked_by=user_id, note=data_dict["note"][:1000]
    )
    row.role, row.authorised_until = _what_for(kind, member), _term(kind, data_dict.get("authorised_until"))
    if kind == "identity":
        row.number_id = _claimed(party)
    _refuse_second(party.id, kind, member.id)
    model.Session.add(row)
    model.Session.flush()
    try:
        keep(row, files_of(data_dict), user_id)
    except Refused as error:
        model.Session.rollback()
        refuse(error.field, error.message)
    except KeysMissing as error:
        raise keys_missing(error) from error
    history.record(party.id, "verification-asked", user_id, verification=row.id, kind=kind)
    commit()
    return {**shown.verification(row), "evidence": shown.evidence(row.id)}


def _asker(party: Party, user_id: str, kind: str) -> Member:
    """Whoever asks: a manager for the party, any member of an enterprise for themselves; nobody who is blocked."""
    standing = standing_of(party, user_id)
    decision = may(standing, Act.MANAGE) if kind == "identity" else may_act(standing)
    if not decision.allowed:
        raise tk.NotAuthorized(tk._(decision.message))
    member = living_member(party.id, user_id)
    if member is None:
        raise tk.NotAuthorized()
    if kind != "identity" and (party.kind != Kind.ENTERPRISE.value or party.state != State.VERIFIED.value):
        refuse("kind", tk._("This is verified for verified enterprises. Hand in the enterprise's identity first."))
    return member


def _what_for(kind: str, member: Member) -> str:
    asked = {"representative": MemberRole.LEGAL_REPRESENTATIVE.value, "authorisation": MemberRole.SIGNER.value}
    return asked.get(kind, member.role)


def _term(kind: str, given: datetime.datetime | None) -> datetime.date | None:
    if kind != "authorisation":
        return None
    if given is None or given.date() < today():
        refuse("authorised_until", tk._("Give the last day of the authorisation, today or later."))
    return given.date()


def _claimed(party: Party) -> str:
    """The number to be verified: the newest claim, or once more the verified one."""
    found = numbers.of_party(party.id, "claimed") or numbers.of_party(party.id, "verified")
    if not found:
        refuse("number", tk._("Give the party's number first; it is what is verified."))
    return found[0].id


def _refuse_second(party_id: str, kind: str, member_id: str) -> None:
    """One case of a kind at a time: one identity for the party, one role for a member."""
    waiting = sa.select(Verification.id).where(
        Verification.party_id == party_id, Verification.kind == kind, Verification.state == "pending"
    )
    if kind != "identity":
        waiting = waiting.where(Verification.member_id == member_id)
    if model.Session.scalars(waiting).first():
        refuse("kind", tk._("This is handed in already and waits for the operator. Take it back to change it."))


@validate(schema.by_id)
def govdata_party_verification_take_back(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take back what you handed in and nobody has decided; its files are deleted.

    :param id: the case's id
    :returns: the case
    """
    tk.check_access("govdata_party_verification_take_back", context, data_dict)
    user_id, row = acting(context), pending(data_dict["id"])
    if (
        row.asked_by != user_id
        and not may(standing_of(party_of(data_dict, "verification"), user_id), Act.ANSWER).allowed
    ):
        raise tk.NotAuthorized(tk._("Only who handed it in, or a manager of the party, takes it back."))
    row.state, row.decided_by, row.decided_at = "taken_back", user_id, now()
    model.Session.execute(sa.delete(Evidence).where(Evidence.verification_id == row.id))
    history.record(row.party_id, "verification-taken-back", user_id, verification=row.id)
    commit()
    return shown.verification(row)


@tk.side_effect_free
@validate(schema.page)
def govdata_party_verification_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The operator's queue, longest waiting first.

    :param state: `pending` unless given, `accepted`, `refused`, `taken_back`
    :param q: part of the party's name
    :param limit: at most 100, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count` and `results`: the cases, each with its `party`
    """
    tk.check_access("govdata_party_verification_list", context, data_dict)
    state = data_dict.get("state") or "pending"
    wanted = sa.select(Verification, Party).join(Party, Party.id == Verification.party_id)
    wanted = wanted.where(Verification.state == state)
    if data_dict.get("q"):
        wanted = wanted.where(Party.name.icontains(str(data_dict["q"]), autoescape=True))
    count = model.Session.scalar(
        sa.select(sa.func.count()).select_from(wanted.with_only_columns(Verification.id).subquery())
    )
    order = Verification.asked_at if state == "pending" else Verification.decided_at.desc()
    page = wanted.order_by(order, Verification.id).limit(data_dict["limit"]).offset(data_dict["offset"])
    found = [(row, party) for row, party in model.Session.execute(page)]
    return {
        "count": count,
        "results": [{**shown.verification(row), "party": shown.brief(party)} for row, party in found],
    }


@tk.side_effect_free
@validate(schema.by_id)
def govdata_party_verification_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A case with its party, masked number and list of files; for officers also who else claims the number.

    :param id: the case's id
    :returns: the case
    """
    tk.check_access("govdata_party_verification_show", context, data_dict)
    row = model.Session.get(Verification, data_dict["id"])
    party = party_of(data_dict, "verification")
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    shown_case = {**shown.verification(row), "party": shown.brief(party), "evidence": shown.evidence(row.id)}
    if living_member(party.id, acting(context)) is None:
        shown_case |= {"number": None, "same_number": []}
        number = model.Session.get(Number, row.number_id) if row.number_id else None
        if number is not None:
            shown_case |= {"number": shown.number(number), "same_number": shown.all_of(numbers.others_with(number))}
        people = {one["id"]: one for one in shown.members(party.id)}
        shown_case["member"] = people.get(row.member_id)
    return shown_case


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_party_verification_ask,
        govdata_party_verification_take_back,
        govdata_party_verification_list,
        govdata_party_verification_show,
    )
}
