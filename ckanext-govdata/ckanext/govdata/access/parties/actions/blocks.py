"""Actions of blocking: notice, reply, decision, appeal, lifting (LYG-40)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .... import config
from ....columns import now
from .. import blocking, history, schema
from ..blocking import BlockFacts, BlockState
from ..domain import State
from ..model import Block, Party
from ..standing import living_member
from . import shown
from .common import acting, commit, locked, refuse, short


@validate(schema.propose_block)
def govdata_party_block_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a party notice that it is to be blocked, and time to reply; in danger, block it at once.

    A second person decides afterwards. A block imposed in danger lapses after 15 days unless confirmed.

    :param id: the party's id
    :param breach: `harm_to_others`, `agreement_duties`, `unlawful_gain`, `attack`, `security_duties` or `other_law`
    :param reason: what happened; the party reads it
    :param basis: the clause or law that it rests on
    :param until: the block's last day
    :param danger: whether waiting for the reply would do harm
    :returns: the block
    """
    tk.check_access("govdata_party_block_propose", context, data_dict)
    officer, party = acting(context), locked(data_dict["id"])
    if not State(party.state).living or living_member(party.id, officer):
        refuse("id", tk._("The party has ended, or you belong to it yourself. Another officer does this."))
    row = Block(party_id=party.id, breach=data_dict["breach"], danger=data_dict["danger"], proposed_by=officer)
    row.reason, row.basis = short("reason", data_dict["reason"]), data_dict["basis"].strip()[:500]
    row.until, row.reply_until = _end_of_day(data_dict["until"]), now() + config.parties_reply()
    _stop(blocking.refuse_end(row.until, now()), "until")
    row.state = BlockState.IN_FORCE.value if row.danger else BlockState.NOTICED.value
    row.in_force_at = now() if row.danger else None
    model.Session.add(row)
    model.Session.flush()
    event = "blocked-in-danger" if row.danger else "block-noticed"
    history.record(party.id, event, officer, row.reason, block=row.id, breach=row.breach, until=row.until.isoformat())
    commit()
    return shown.block(row)


def _end_of_day(day: datetime.datetime) -> datetime.datetime:
    """24:00 in Shanghai of a day, in UTC without a zone."""
    return datetime.datetime.combine(day.date(), datetime.time()) + datetime.timedelta(hours=16)


def _stop(found: blocking.Refusal | None, field: str = "id") -> None:
    if found is not None:
        refuse(field, tk._(found.message))


def _block(block_id: str) -> tuple[Block, BlockFacts]:
    """The block, with its party held."""
    found = model.Session.get(Block, block_id)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such block."))
    locked(found.party_id)
    row = model.Session.get_one(Block, block_id, populate_existing=True)
    return row, _facts(row)


def _facts(row: Block) -> BlockFacts:
    return BlockFacts(
        state=BlockState(row.state),
        danger=row.danger,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reply_until=row.reply_until,
        until=row.until,
        replied=row.replied_at is not None,
        decided_by=row.decided_by,
        appealed=row.appealed_at is not None,
        appeal_decided=row.appeal_decided_at is not None,
        lift_proposed_by=row.lift_proposed_by,
    )


def _refuse_own(row: Block, officer: str) -> None:
    if living_member(row.party_id, officer) is not None:
        refuse("id", tk._("You belong to this party. Another officer decides."))


@validate(schema.words)
def govdata_party_block_reply(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Reply to the notice of a block, for the party. Then, or when the time to reply is over, it is decided.

    :param id: the block's id
    :param text: the reply
    :returns: the block
    """
    tk.check_access("govdata_party_block_reply", context, data_dict)
    user_id = acting(context)
    row, facts = _block(data_dict["id"])
    _stop(blocking.refuse_reply(facts, now()))
    row.reply, row.replied_by, row.replied_at = short("text", data_dict["text"]), user_id, now()
    history.record(row.party_id, "block-replied", user_id, row.reply, block=row.id)
    commit()
    return shown.block(row)


@validate(schema.decide)
def govdata_party_block_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide, as the second person: impose the block (or confirm it), or drop it.

    :param id: the block's id
    :param accept: true to impose it
    :param reason: why; the party reads it
    :returns: the block
    """
    tk.check_access("govdata_party_block_decide", context, data_dict)
    officer = acting(context)
    row, facts = _block(data_dict["id"])
    _refuse_own(row, officer)
    _stop(blocking.refuse_decision(facts, officer, now()))
    if data_dict["accept"]:
        _stop(blocking.refuse_end(row.until, now()))
    row.decided_by, row.decided_at, row.decision = officer, now(), short("reason", data_dict["reason"])
    row.state = BlockState.IN_FORCE.value if data_dict["accept"] else BlockState.DROPPED.value
    if data_dict["accept"]:
        row.in_force_at = row.in_force_at or now()
    event = "blocked" if data_dict["accept"] else "block-dropped"
    history.record(row.party_id, event, officer, row.decision, block=row.id, until=row.until.isoformat())
    commit()
    return shown.block(row)


@validate(schema.words)
def govdata_party_block_appeal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Appeal against a block, for the party, once. Somebody who had no part in it decides.

    The ways of administrative reconsideration and of the courts stay open beside this.

    :param id: the block's id
    :param text: why the block is wrong
    :returns: the block
    """
    tk.check_access("govdata_party_block_appeal", context, data_dict)
    user_id = acting(context)
    row, facts = _block(data_dict["id"])
    _stop(blocking.refuse_appeal(facts, now()))
    row.appeal, row.appealed_by, row.appealed_at = short("text", data_dict["text"]), user_id, now()
    history.record(row.party_id, "block-appealed", user_id, row.appeal, block=row.id)
    commit()
    return shown.block(row)


@validate(schema.decide)
def govdata_party_block_appeal_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide an appeal, as somebody who neither proposed nor decided the block.

    :param id: the block's id
    :param accept: true to lift the block
    :param reason: why; the party reads it
    :returns: the block
    """
    tk.check_access("govdata_party_block_appeal_decide", context, data_dict)
    officer = acting(context)
    row, facts = _block(data_dict["id"])
    _refuse_own(row, officer)
    _stop(blocking.refuse_appeal_decision(facts, officer))
    row.appeal_decided_by, row.appeal_decided_at = officer, now()
    row.appeal_decision = short("reason", data_dict["reason"])
    if data_dict["accept"]:
        row.state, row.lifted_by, row.lifted_at = BlockState.LIFTED.value, officer, now()
        row.lift_proposed_by = None
    event = "block-lifted-on-appeal" if data_dict["accept"] else "block-appeal-refused"
    history.record(row.party_id, event, officer, row.appeal_decision, block=row.id)
    commit()
    return shown.block(row)


@validate(schema.words)
def govdata_party_block_lift(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Lift a block before its end. The first officer's call proposes it, the call of a second one does it.

    :param id: the block's id
    :param text: why
    :returns: the block; `state` is `lifted` once it is done
    """
    tk.check_access("govdata_party_block_lift", context, data_dict)
    officer, reason = acting(context), short("text", data_dict["text"])
    row, facts = _block(data_dict["id"])
    _refuse_own(row, officer)
    _stop(blocking.refuse_lift(facts, officer, now()))
    second = row.lift_proposed_by is not None
    row.lift_reason = reason
    if second:
        row.state, row.lifted_by, row.lifted_at = BlockState.LIFTED.value, officer, now()
    else:
        row.lift_proposed_by = officer
    history.record(row.party_id, "block-lifted" if second else "block-lift-proposed", officer, reason, block=row.id)
    commit()
    return shown.block(row)


@tk.side_effect_free
@validate(schema.page)
def govdata_party_block_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Blocks for officers, newest first.

    :param state: `noticed`, `in_force`, `dropped`, `lifted`; all unless given
    :param q: part of the party's name
    :param limit: at most 100, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count` and `results`: the blocks, each with its `party`
    """
    tk.check_access("govdata_party_block_list", context, data_dict)
    wanted = sa.select(Block, Party).join(Party, Party.id == Block.party_id)
    if data_dict.get("state"):
        wanted = wanted.where(Block.state == data_dict["state"])
    if data_dict.get("q"):
        wanted = wanted.where(Party.name.icontains(str(data_dict["q"]), autoescape=True))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(wanted.with_only_columns(Block.id).subquery()))
    page = wanted.order_by(Block.proposed_at.desc(), Block.id).limit(data_dict["limit"]).offset(data_dict["offset"])
    found = [(row, party) for row, party in model.Session.execute(page)]
    return {"count": count, "results": [{**shown.block(row), "party": shown.brief(party)} for row, party in found]}


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_party_block_propose,
        govdata_party_block_reply,
        govdata_party_block_decide,
        govdata_party_block_appeal,
        govdata_party_block_appeal_decide,
        govdata_party_block_lift,
        govdata_party_block_list,
    )
}
