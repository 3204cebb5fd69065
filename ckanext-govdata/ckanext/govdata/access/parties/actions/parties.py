"""Actions on parties themselves: register, show, list, correct, close, join two that are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from .. import history, numbers, schema
from ..auth import party_of
from ..documents import documents
from ..domain import Act, Kind, MemberRole, State, may
from ..errors import KeysMissing, NumberRefused
from ..model import Member, Party, Verification
from ..standing import living_member, may_sign, parties_of, standing_of
from . import shown
from .common import (
    NAME_LENGTH,
    acting,
    at_the_same_moment,
    commit,
    keys_missing,
    locked,
    number_refused,
    refuse,
    short,
)

MOST_PARTIES = 20


@tk.side_effect_free
def govdata_party_document_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The documents by which parties are identified (ZB-12, YZ-17).

    :returns: `key`, `kind` (`person` or `enterprise`), `zh`, `en`, and `issuer`: whether the issuing state is asked for
    """
    tk.check_access("govdata_party_document_list", context, data_dict)
    return [
        {"key": one.key, "kind": one.kind.value, "zh": one.zh, "en": one.en, "issuer": one.issuer}
        for one in documents().values()
    ]


@validate(schema.register)
def govdata_party_register(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Register a party: yourself as a person, or an enterprise. Nothing is proven by that yet.

    A number is needed only once an application asks for it. It is kept sealed and shown masked.

    :param kind: `person` or `enterprise`
    :param name: the name as the document has it
    :param role: what you are in an enterprise, `legal_representative` or `member` (unless given)
    :param document: optional, the kind of document, see `govdata_party_document_list`
    :param number: optional, its number
    :param issuer: for passports the issuing state, three letters
    :returns: the party
    """
    tk.check_access("govdata_party_register", context, data_dict)
    user_id = acting(context)
    kind, name = Kind(data_dict["kind"]), short("name", data_dict["name"], NAME_LENGTH)
    _refuse_too_many(user_id)
    party = Party(kind=kind.value, name=name, created_by=user_id)
    model.Session.add(party)
    model.Session.flush()
    role = MemberRole.SELF if kind is Kind.PERSON else MemberRole(data_dict.get("role") or "member")
    _add_founder(party, user_id, role)
    history.record(party.id, "registered", user_id, kind=kind.value)
    _claim(party, data_dict, user_id)
    commit()
    return _show(party, user_id)


def _refuse_too_many(user_id: str) -> None:
    if len({ref.id for ref in parties_of(user_id)}) >= MOST_PARTIES:
        refuse(
            "kind", tk._("You belong to {most} parties, which is the most. Leave one first.").format(most=MOST_PARTIES)
        )


def _add_founder(party: Party, user_id: str, role: MemberRole) -> None:
    model.Session.add(Member(party_id=party.id, user_id=user_id, role=role.value, manages=True))
    try:
        model.Session.flush()
    except IntegrityError as error:
        model.Session.rollback()
        message = tk._("You are registered as a person already. Look under my parties.")
        raise tk.ValidationError({"kind": [message]}) from error


def _claim(party: Party, data_dict: DataDict, user_id: str) -> None:
    """Keep the number that was given, if one was."""
    given = str(data_dict.get("number") or "").strip()
    if not given:
        return
    document = str(data_dict.get("document") or "")
    try:
        numbers.claim(party, document, given, str(data_dict.get("issuer") or ""), user_id)
    except NumberRefused as error:
        model.Session.rollback()
        raise number_refused(error) from None
    except KeysMissing as error:
        model.Session.rollback()
        raise keys_missing(error) from error
    except IntegrityError as error:
        raise at_the_same_moment() from error
    history.record(party.id, "number-claimed", user_id, document=document)


@tk.side_effect_free
def govdata_party_mine(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The parties that you belong to, with your role in each.

    :returns: the parties, each with `role`, `confirmed`, `may_sign`
    """
    tk.check_access("govdata_party_mine", context, data_dict)
    user_id = acting(context)
    terms = (
        sa.select(Party, Member)
        .join(Member, Member.party_id == Party.id)
        .where(Member.user_id == user_id, Member.ended_at.is_(None))
        .order_by(Party.created_at)
    )
    return [
        {
            **shown.brief(party),
            "role": member.role,
            "confirmed": member.confirmed_at is not None,
            "may_sign": may_sign(party.id, user_id).allowed,
        }
        for party, member in model.Session.execute(terms)
    ]


@tk.side_effect_free
@validate(schema.page)
def govdata_party_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Parties by name, for officers.

    :param q: part of the name
    :param state: `unverified`, `verified`, `closed` or `merged`
    :param limit: at most 100, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count` and `results`
    """
    tk.check_access("govdata_party_list", context, data_dict)
    wanted = sa.select(Party)
    if data_dict.get("q"):
        wanted = wanted.where(Party.name.icontains(str(data_dict["q"]), autoescape=True))
    if data_dict.get("state"):
        wanted = wanted.where(Party.state == data_dict["state"])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery()))
    page = wanted.order_by(Party.created_at.desc(), Party.id).limit(data_dict["limit"]).offset(data_dict["offset"])
    return {"count": count, "results": shown.all_of(model.Session.scalars(page))}


@tk.side_effect_free
@validate(schema.by_id)
def govdata_party_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A party with its people, numbers (masked), verifications, blocks and history.

    :param id: the party's id
    :returns: the party; `rights` says what you may do with it
    """
    tk.check_access("govdata_party_show", context, data_dict)
    return _show(party_of(data_dict), acting(context))


def _show(party: Party, user_id: str) -> dict[str, Any]:
    asked = sa.select(Verification).where(Verification.party_id == party.id).order_by(Verification.asked_at.desc())
    mine, standing = living_member(party.id, user_id), standing_of(party, user_id)
    return {
        **shown.brief(party),
        "numbers": [shown.number(row) for row in numbers.of_party(party.id, "verified", "claimed")],
        "members": shown.members(party.id),
        "invitations": shown.invitations(party.id),
        "verifications": [shown.verification(row) for row in model.Session.scalars(asked)],
        "blocks": shown.blocks(party.id),
        "history": history.events(party.id),
        "member_id": mine.id if mine else None,
        "rights": {act.value: may(standing, act).allowed for act in Act},
        "may_sign": may_sign(party.id, user_id).allowed,
    }


@tk.side_effect_free
@validate(schema.by_id)
def govdata_party_may_sign(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Whether your signature binds this party now (LYG-19).

    :param id: the party's id
    :returns: `allowed`, `reason` (a code), `message` (what to do)
    """
    tk.check_access("govdata_party_may_sign", context, data_dict)
    decision = may_sign(party_of(data_dict).id, acting(context))
    message = tk._(decision.message) if decision.message else ""
    return {"allowed": decision.allowed, "reason": decision.reason, "message": message}


@validate(schema.update)
def govdata_party_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Correct the name of a party that is not verified yet, or give its number. A new number counts once it is verified.

    :param id: the party's id
    :param name: optional
    :param document: with `number`, the kind of document
    :param number: optional
    :param issuer: for passports the issuing state, three letters
    :returns: the party
    """
    tk.check_access("govdata_party_update", context, data_dict)
    user_id, party = acting(context), locked(data_dict["id"])
    if _pending(party.id):
        refuse("id", tk._("A verification is under way. Take it back first, then change name or number."))
    name = str(data_dict.get("name") or "").strip()
    if name and name != party.name:
        if party.state != State.UNVERIFIED.value:
            refuse("name", tk._("The name is verified. The operator changes it; ask with the proof of the new one."))
        party.name = short("name", name, NAME_LENGTH)
        history.record(party.id, "renamed", user_id)
    _claim(party, data_dict, user_id)
    commit()
    return _show(party, user_id)


def _pending(party_id: str) -> bool:
    asked = sa.select(Verification.id).where(Verification.party_id == party_id, Verification.state == "pending")
    return model.Session.scalars(asked.where(Verification.kind == "identity")).first() is not None


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_party_document_list,
        govdata_party_register,
        govdata_party_mine,
        govdata_party_list,
        govdata_party_show,
        govdata_party_may_sign,
        govdata_party_update,
    )
}
