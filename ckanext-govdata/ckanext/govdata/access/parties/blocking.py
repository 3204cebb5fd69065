"""When a party is blocked and when it is not any more: notice, reply, a second person, appeal (LYG-40). Pure."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum

from ...msgids import N_


class Breach(str, Enum):
    """What a data user is blocked for, by the kinds of LYG-40."""

    HARM_TO_OTHERS = "harm_to_others"
    AGREEMENT_DUTIES = "agreement_duties"
    UNLAWFUL_GAIN = "unlawful_gain"
    ATTACK = "attack"
    SECURITY_DUTIES = "security_duties"
    OTHER_LAW = "other_law"


class BlockState(str, Enum):
    NOTICED = "noticed"
    IN_FORCE = "in_force"
    DROPPED = "dropped"
    LIFTED = "lifted"


# A block that one person imposed because of danger lapses unless a second one confirms it within this time.
PROVISIONAL = datetime.timedelta(days=15)


@dataclass(frozen=True)
class BlockFacts:
    """A block as far as decisions on it depend on it; moments in UTC without a zone."""

    state: BlockState
    danger: bool
    proposed_by: str
    proposed_at: datetime.datetime
    reply_until: datetime.datetime
    until: datetime.datetime
    replied: bool = False
    decided_by: str | None = None
    appealed: bool = False
    appeal_decided: bool = False
    lift_proposed_by: str | None = None


@dataclass(frozen=True)
class Refusal:
    """Why something is not done: a stable code and words (a msgid)."""

    code: str
    message: str


_WORDS = {
    "not_future": N_("The block needs an end in the future. Give a later day."),
    "same_person": N_("You took part in this before. A second person decides."),
    "already_decided": N_("This has been decided already. Look at the party's page."),
    "reply_awaited": N_("The party has not replied yet, and its time to reply still runs."),
    "too_late": N_("This block has ended or was decided already, so there is nothing to reply to."),
    "not_in_force": N_("This block is not in force."),
    "not_decided": N_("This block waits for a second person's decision. Reply to it now; appeal once it is decided."),
    "appealed": N_("There is an appeal already. It is decided once."),
    "no_appeal": N_("Nobody has appealed, or the appeal is decided already."),
}


def _refuse(code: str) -> Refusal:
    return Refusal(code, _WORDS[code])


def in_force(block: BlockFacts, now: datetime.datetime) -> bool:
    """Whether the block holds now: by a second person's word until its end, or provisionally in danger."""
    if block.state is not BlockState.IN_FORCE or block.until <= now:
        return False
    return block.decided_by is not None or block.proposed_at + PROVISIONAL > now


def refuse_end(until: datetime.datetime, now: datetime.datetime) -> Refusal | None:
    """A block has an end, and it lies ahead."""
    return None if until > now else _refuse("not_future")


def refuse_decision(block: BlockFacts, decider: str, now: datetime.datetime) -> Refusal | None:
    """A second person decides, after the reply or its time; where there is danger, at any time."""
    if block.state not in (BlockState.NOTICED, BlockState.IN_FORCE) or block.decided_by is not None:
        return _refuse("already_decided")
    if decider == block.proposed_by:
        return _refuse("same_person")
    if block.state is BlockState.NOTICED and not block.replied and block.reply_until > now:
        return _refuse("reply_awaited")
    return None


def refuse_reply(block: BlockFacts, now: datetime.datetime) -> Refusal | None:
    """The party replies as often as it likes until the decision."""
    open_states = (BlockState.NOTICED, BlockState.IN_FORCE)
    if block.state not in open_states or block.decided_by is not None or block.until <= now:
        return _refuse("too_late")
    return None


def refuse_appeal(block: BlockFacts, now: datetime.datetime) -> Refusal | None:
    """An appeal is made once, against a decided block in force."""
    if not in_force(block, now):
        return _refuse("not_in_force")
    if block.decided_by is None:
        return _refuse("not_decided")
    return _refuse("appealed") if block.appealed else None


def refuse_appeal_decision(block: BlockFacts, decider: str) -> Refusal | None:
    """Somebody who neither proposed nor decided the block decides the appeal."""
    if block.state is not BlockState.IN_FORCE or not block.appealed or block.appeal_decided:
        return _refuse("no_appeal")
    return _refuse("same_person") if decider in (block.proposed_by, block.decided_by) else None


def refuse_lift(block: BlockFacts, officer: str, now: datetime.datetime) -> Refusal | None:
    """Two officers lift a block before its end; this refuses the second when they are the first."""
    if not in_force(block, now):
        return _refuse("not_in_force")
    return _refuse("same_person") if officer == block.lift_proposed_by else None
