"""Actions of verification: hand in proofs, the operator's queue, the decision (YZ-17, ZB-12, LYG-19)."""

from __future__ import annotations

import base64
import datetime
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
from ..auth import party_of
from ..domain import Act, Kind, MemberRole, State, may, may_act
from ..errors import KeysMissing
from ..evidence import Refused, files_of, keep
from ..model import Evidence, Member, Party, Verification
from ..standing import living_member, standing_of, today
from . import shown
from .common import acting, at_the_same_moment, commit, keys_missing, locked, refuse, short


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
    user_id, row = acting(context), _pending(data_dict["id"])
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


def _pending(case_id: str) -> Verification:
    """A case that waits, with its party held."""
    found = model.Session.get(Verification, case_id)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    locked(found.party_id)
    row = model.Session.get(Verification, case_id, populate_existing=True)
    if row is None or row.state != "pending":
        refuse("id", tk._("This has been decided or taken back already. Look at the party's page."))
    return row


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
        number = model.Session.get(numbers.Number, row.number_id) if row.number_id else None
        if number is not None:
            shown_case |= {"number": shown.number(number), "same_number": shown.all_of(numbers.others_with(number))}
        people = {one["id"]: one for one in shown.members(party.id)}
        shown_case["member"] = people.get(row.member_id)
    return shown_case


@validate(schema.by_id)
def govdata_party_number_reveal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The number of a waiting case in the clear, for the operator who compares it with the proof. It is recorded who saw it.

    :param id: the case's id
    :returns: `document`, `number`
    """
    tk.check_access("govdata_party_number_reveal", context, data_dict)
    officer, row = acting(context), _pending(data_dict["id"])
    _refuse_own(row, officer)
    number = model.Session.get(numbers.Number, row.number_id) if row.number_id else None
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
    row = _pending(data_dict["id"])
    _refuse_own(row, officer)
    row.state, row.decided_by, row.decided_at = "accepted" if data_dict["accept"] else "refused", officer, now()
    row.reason = reason
    if data_dict["accept"]:
        _take_effect(row, officer)
    history.record(row.party_id, f"verification-{row.state}", officer, reason, verification=row.id, kind=row.kind)
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
    number = model.Session.get(numbers.Number, row.number_id) if row.number_id else None
    if number is None or number.state == "retired":
        refuse("id", tk._("The number has been changed since. Refuse the case; it can be handed in again."))
    check_number(number)
    numbers.verify(number)
    party.state, party.verified_at, party.verified_by = State.VERIFIED.value, now(), officer
    if member.role == MemberRole.SELF.value:
        member.confirmed_at = now()
    elif row.role == MemberRole.LEGAL_REPRESENTATIVE.value:
        make_representative(party.id, member)


def check_number(number: numbers.Number) -> None:
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
    for function in (
        govdata_party_verification_ask,
        govdata_party_verification_take_back,
        govdata_party_verification_list,
        govdata_party_verification_show,
        govdata_party_verification_decide,
        govdata_party_number_reveal,
        govdata_party_evidence_show,
    )
}
