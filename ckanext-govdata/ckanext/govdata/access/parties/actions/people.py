"""Actions on a party's people: invite, join, hand over, remove, leave."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ....columns import now
from .. import history, schema
from ..domain import Kind, MemberRole, State
from ..model import Invitation, Member, Verification
from ..standing import living_member
from . import shown
from .common import acting, at_the_same_moment, commit, locked, refuse

INVITATION_TERM = datetime.timedelta(days=7)
MOST_INVITATIONS = 50


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


@validate(schema.invite)
def govdata_party_invite(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Invite somebody into an enterprise by a code that works once, for seven days. It is shown now and never again.

    :param id: the party's id
    :param note: whom it is for, for your own list
    :returns: `id`, `code`, `expires_at`
    """
    tk.check_access("govdata_party_invite", context, data_dict)
    user_id, party = acting(context), locked(data_dict["id"])
    if party.kind == Kind.PERSON.value:
        refuse("id", tk._("A person has no members. Register an enterprise to work together."))
    if len(shown.invitations(party.id)) >= MOST_INVITATIONS:
        refuse("id", tk._("Too many invitations wait. Take back those that are not needed."))
    code = secrets.token_urlsafe(24)
    row = Invitation(party_id=party.id, code_digest=_digest(code), created_by=user_id)
    row.note, row.expires_at = data_dict["note"][:200], now() + INVITATION_TERM
    model.Session.add(row)
    model.Session.flush()
    history.record(party.id, "invited", user_id, invitation=row.id)
    commit()
    return {"id": row.id, "code": code, "expires_at": row.expires_at.isoformat() + "Z"}


@validate(schema.by_id)
def govdata_party_invitation_revoke(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take back an invitation that nobody has used.

    :param id: the invitation's id
    :returns: `id`
    """
    tk.check_access("govdata_party_invitation_revoke", context, data_dict)
    user_id = acting(context)
    row = model.Session.get(Invitation, data_dict["id"], with_for_update=True, populate_existing=True)
    if row is None or row.used_at or row.revoked_at:
        refuse("id", tk._("This invitation is used or taken back already."))
    row.revoked_at = now()
    history.record(row.party_id, "invitation-revoked", user_id, invitation=row.id)
    commit()
    return {"id": row.id}


@validate(schema.join)
def govdata_party_join(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Join the enterprise that invited you, as a plain member.

    :param code: the invitation's code
    :returns: the party
    """
    tk.check_access("govdata_party_join", context, data_dict)
    user_id = acting(context)
    row = _invitation(data_dict["code"])
    party = locked(row.party_id)
    if not State(party.state).living:
        raise _no_invitation()
    if living_member(party.id, user_id) is not None:
        refuse("code", tk._("You belong to this party already."))
    row.used_by, row.used_at = user_id, now()
    came = Member(party_id=party.id, user_id=user_id, role=MemberRole.MEMBER.value, invited_by=row.created_by)
    model.Session.add(came)
    try:
        model.Session.flush()
    except IntegrityError as error:
        raise at_the_same_moment() from error
    history.record(party.id, "joined", user_id, member=came.id, invitation=row.id)
    commit()
    return shown.brief(party)


def _invitation(code: str) -> Invitation:
    """The open invitation behind a code, held; in the same words refused whatever is wrong with it."""
    rows = sa.select(Invitation).where(
        Invitation.code_digest == _digest(code.strip()),
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now(),
    )
    found = model.Session.scalars(rows.with_for_update()).first()
    if found is None:
        raise _no_invitation()
    return found


def _no_invitation() -> tk.ValidationError:
    message = tk._("This invitation is unknown, used, taken back or out of date. Ask for a new one.")
    return tk.ValidationError({"code": [message]})


@validate(schema.member_update)
def govdata_party_member_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Let a member manage the party, or not any more; end a member's authorisation to sign at once.

    :param id: the membership's id
    :param manages: optional
    :param end_authorisation: whether a signer becomes a plain member
    :returns: the party's members
    """
    tk.check_access("govdata_party_member_update", context, data_dict)
    user_id, row = acting(context), _term(data_dict["id"])
    if data_dict.get("manages") is not None and data_dict["manages"] != row.manages:
        row.manages = bool(data_dict["manages"])
        _refuse_headless(row.party_id)
        history.record(row.party_id, "member-manages", user_id, member=row.id, manages=row.manages)
    if data_dict["end_authorisation"] and row.role == MemberRole.SIGNER.value:
        row.role, row.confirmed_at, row.authorised_until = MemberRole.MEMBER.value, None, None
        history.record(row.party_id, "authorisation-ended", user_id, member=row.id)
    commit()
    return {"members": shown.members(row.party_id)}


@validate(schema.by_id)
def govdata_party_member_remove(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Remove a member; what they may do for the party ends at once. A verified legal representative is not removed so.

    :param id: the membership's id
    :returns: the party's members
    """
    tk.check_access("govdata_party_member_remove", context, data_dict)
    user_id, row = acting(context), _term(data_dict["id"])
    if row.role == MemberRole.LEGAL_REPRESENTATIVE.value and row.confirmed_at and row.user_id != user_id:
        refuse("id", tk._("The verified legal representative stays until another one is verified."))
    _end(row, user_id, "member-removed")
    return {"members": shown.members(row.party_id)}


@validate(schema.by_id)
def govdata_party_leave(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Leave an enterprise. Whoever manages it alone hands over first; the last one closes it.

    :param id: the party's id
    :returns: `id`
    """
    tk.check_access("govdata_party_leave", context, data_dict)
    user_id = acting(context)
    found = living_member(data_dict["id"], user_id)
    row = _term(found.id if found else "")
    if row.role == MemberRole.SELF.value:
        refuse("id", tk._("This party is you yourself. Close it, if you do not need it any more."))
    _end(row, user_id, "left")
    return {"id": row.party_id}


def _term(member_id: str) -> Member:
    """A living term, with its party held."""
    found = model.Session.get(Member, member_id)
    party = locked(found.party_id) if found else None
    row = model.Session.get(Member, member_id, populate_existing=True)
    if party is None or row is None or row.ended_at is not None:
        refuse("id", tk._("This membership has ended already."))
    return row


def _end(row: Member, by: str, event: str) -> None:
    row.ended_at, row.ended_by = now(), by
    given_up = {"state": "taken_back", "decided_by": by, "decided_at": now()}
    waiting = sa.update(Verification).where(Verification.member_id == row.id, Verification.state == "pending")
    model.Session.execute(waiting.values(**given_up))
    model.Session.flush()
    _refuse_headless(row.party_id)
    history.record(row.party_id, event, by, member=row.id)
    commit()


def _refuse_headless(party_id: str) -> None:
    """A party keeps somebody who manages it."""
    model.Session.flush()
    heads = sa.or_(Member.manages, sa.and_(Member.role == "legal_representative", Member.confirmed_at.is_not(None)))
    living = sa.select(Member.id).where(Member.party_id == party_id, Member.ended_at.is_(None), heads)
    if model.Session.scalars(living).first() is None:
        model.Session.rollback()
        refuse("id", tk._("Nobody would manage the party then. Let another member manage it first, or close it."))


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_party_invite,
        govdata_party_invitation_revoke,
        govdata_party_join,
        govdata_party_member_update,
        govdata_party_member_remove,
        govdata_party_leave,
    )
}
