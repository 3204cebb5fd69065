"""Actions that end a party or join it to another one, and the officers' correction of a verified name."""

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
from ..domain import Kind, MemberRole, State
from ..model import Block, Event, Invitation, Member, Party, Verification
from ..standing import living_member
from . import shown
from .common import NAME_LENGTH, acting, commit, locked, refuse, short

MERGE_TERM = datetime.timedelta(days=30)


@validate(schema.rename)
def govdata_party_rename(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change the name of a verified party, as the operator who has seen the proof.

    :param id: the party's id
    :param name: the new name
    :param reason: by which proof
    :returns: the party
    """
    tk.check_access("govdata_party_rename", context, data_dict)
    officer, party = acting(context), locked(data_dict["id"])
    if not State(party.state).living or living_member(party.id, officer):
        refuse("id", tk._("The party has ended, or you belong to it yourself. Another officer does this."))
    party.name = short("name", data_dict["name"], NAME_LENGTH)
    history.record(party.id, "renamed", officer, reason=short("reason", data_dict["reason"]))
    commit()
    return shown.brief(party)


@validate(schema.by_id)
def govdata_party_close(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Close a party for good. Name and numbers are purged after their term; what was done stays on record.

    A party that has notice of a block, or is blocked, cannot be closed.

    :param id: the party's id
    :returns: the party
    """
    tk.check_access("govdata_party_close", context, data_dict)
    user_id, party = acting(context), locked(data_dict["id"])
    _refuse_under_block(party)
    end_party(party, State.CLOSED, user_id)
    history.record(party.id, "closed", user_id)
    commit()
    return shown.brief(party)


def _refuse_under_block(party: Party) -> None:
    standing = sa.select(Block.id).where(Block.party_id == party.id, Block.state.in_(("noticed", "in_force")))
    if model.Session.scalars(standing.where(Block.until > now())).first():
        refuse("id", tk._("A block stands against this party, so it cannot end. Reply or appeal first."))


def end_party(party: Party, state: State, by: str) -> None:
    """End the party with all that hangs on it."""
    moment = now()
    party.state, party.ended_at = state.value, moment
    ended = {"ended_at": moment, "ended_by": by}
    _update(Member, Member.party_id == party.id, Member.ended_at.is_(None), **ended)
    _update(Invitation, Invitation.party_id == party.id, Invitation.revoked_at.is_(None), revoked_at=moment)
    given_up = {"state": "taken_back", "decided_by": by, "decided_at": moment}
    _update(Verification, Verification.party_id == party.id, Verification.state == "pending", **given_up)
    numbers.retire_all(party.id)


def _update(table: Any, *where: Any, **values: Any) -> None:
    model.Session.execute(sa.update(table).where(*where).values(**values))


@validate(schema.merge)
def govdata_party_merge(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Join a party to another one: a second registration of the same, or its legal successor. It takes two officers.

    The first call proposes, the same call by a second officer within 30 days does it. Its people come over as plain members;
    what was granted to it goes on under the successor, and blocks of either hold for both.

    :param id: the party that ends
    :param into: the verified party that goes on
    :param reason: why they are one
    :returns: `done` (false after the first call) and the party that ends
    """
    tk.check_access("govdata_party_merge", context, data_dict)
    officer, reason = acting(context), short("reason", data_dict["reason"])
    pair = {one: locked(one) for one in sorted({data_dict["id"], data_dict["into"]})}
    party, into = pair[data_dict["id"]], pair[data_dict["into"]]
    if party is into or party.kind != into.kind or not State(party.state).living:
        refuse("into", tk._("Name two different living parties of the same kind."))
    if into.state != State.VERIFIED.value:
        refuse("into", tk._("The party that goes on must be verified first."))
    if living_member(party.id, officer) or living_member(into.id, officer):
        refuse("id", tk._("You belong to one of them yourself. Another officer does this."))
    _refuse_under_block(party)
    done = _proposed_by_another(party.id, into.id, officer)
    if done:
        _merge(party, into, officer)
    history.record(party.id, "merged" if done else "merge-proposed", officer, reason=reason, into=into.id)
    commit()
    return {"done": done, "party": shown.brief(party)}


def _proposed_by_another(party_id: str, into: str, officer: str) -> bool:
    rows = sa.select(Event).where(
        Event.party_id == party_id, Event.event == "merge-proposed", Event.at > now() - MERGE_TERM, Event.by != officer
    )
    return any(row.details.get("into") == into for row in model.Session.scalars(rows))


def _merge(party: Party, into: Party, by: str) -> None:
    people = list(
        model.Session.scalars(sa.select(Member).where(Member.party_id == party.id, Member.ended_at.is_(None)))
    )
    party.merged_into = into.id
    end_party(party, State.MERGED, by)
    model.Session.flush()
    _update(Party, Party.merged_into == party.id, merged_into=into.id)
    role = MemberRole.SELF if into.kind == Kind.PERSON.value else MemberRole.MEMBER
    for one in people:
        if living_member(into.id, one.user_id) is None:
            confirmed = now() if role is MemberRole.SELF else None
            came = Member(party_id=into.id, user_id=one.user_id, role=role.value, confirmed_at=confirmed, invited_by=by)
            model.Session.add(came)
    model.Session.flush()


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (govdata_party_rename, govdata_party_close, govdata_party_merge)
}
