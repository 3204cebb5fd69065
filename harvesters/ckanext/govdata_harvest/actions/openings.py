"""Looser tiers that a list asks for: proposed by the agency, decided by the authority, who is shown the entries first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ckanext.govdata.catalogue.domain import tier_of
from ckanext.govdata.catalogue.tier_change import refuse_proposal

from .. import schema
from ..jobs.domain import WordState
from ..source_model import HarvestOpening, HarvestPlanned
from ..words import say
from .decisions import second
from .shared import acting, job_of, language, person, recorded, refuse, shown_time


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_opening_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The looser tiers that a run's list asks for, entry by entry, and what was proposed and decided about them.

    :param id: id of the run
    :returns: `entries` (`dataset`, `title`, `row`, `sheet`, `tier`, `asked_tier`) and `openings`, the newest first
    """
    tk.check_access("govdata_harvest_opening_list", context, data_dict)
    job = job_of(data_dict["id"])
    entries = [
        {
            "dataset": planned.package_id,
            "title": planned.title,
            "row": planned.row,
            "sheet": planned.sheet,
            "tier": planned.tier_before,
            "asked_tier": planned.asked_tier,
        }
        for planned in _looser(job.id)
    ]
    found = sa.select(HarvestOpening).where(HarvestOpening.job_id == job.id)
    openings = model.Session.scalars(found.order_by(HarvestOpening.proposed_at.desc()))
    return {"entries": entries, "openings": [_opening_as_dict(opening) for opening in openings]}


def _opening_as_dict(opening: HarvestOpening) -> dict[str, Any]:
    return {
        "id": opening.id,
        "state": opening.state,
        "reason": opening.reason,
        "proof_kind": opening.proof_kind,
        "proof": opening.proof,
        "proposed_by": person(opening.proposed_by),
        "proposed_by_id": opening.proposed_by,
        "proposed_at": shown_time(opening.proposed_at),
        "decided_by": person(opening.decided_by),
        "decided_at": shown_time(opening.decided_at),
        "decision_reason": opening.decision_reason,
    }


def _looser(job_id: str) -> list[HarvestPlanned]:
    found = sa.select(HarvestPlanned).where(HarvestPlanned.job_id == job_id, HarvestPlanned.looser.is_(True))
    return list(model.Session.scalars(found.order_by(HarvestPlanned.n)))


@validate(schema.opening)
def govdata_harvest_opening_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose, for the agency, the looser tiers that a list asks for; the authority decides (LYG-7, YZ-29).

    :param id: id of the run
    :param reason: why
    :param proof_kind: `desensitised` or `consent`, needed where one of the entries is not open
    :param proof: the document that proves it
    :returns: `id`, `state` and `entries`
    """
    tk.check_access("govdata_harvest_opening_propose", context, data_dict)
    job = job_of(data_dict["id"])
    looser = _looser(job.id)
    if not looser:
        refuse("nothing_looser", "id")
    proof_kind, proof = str(data_dict.get("proof_kind") or ""), str(data_dict.get("proof") or "")
    for planned in looser:
        new = tier_of(planned.asked_tier)
        if new is not None:
            refuse_for_tier(refuse_proposal(tier_of(planned.tier_before), new, data_dict["reason"], proof_kind, proof))
    opening = HarvestOpening(
        job_id=job.id,
        reason=data_dict["reason"],
        proof_kind=proof_kind,
        proof=proof,
        state=WordState.PENDING.value,
        proposed_by=acting(context),
    )
    model.Session.add(opening)
    model.Session.flush()
    recorded("list-opening-proposed", context, job.source_id, run=job.id, count=len(looser))
    found = {"id": opening.id, "state": opening.state, "entries": len(looser)}
    model.Session.commit()
    return found


def refuse_for_tier(refusal: Any) -> None:
    """Refuse by the catalogue's own codes for changes of tier."""
    if refusal is not None:
        refuse(refusal.code, refusal.field)


@validate(schema.opening_second)
def govdata_harvest_opening_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide, for the authority, on the looser tiers that an agency proposed from its list; not the proposer.

    :param id: id of the proposal
    :param accept: true or false
    :param reason: why
    :param entries: how many entries are opened, as they were shown; needed to accept
    :returns: `state`, and `opened`, the datasets whose tier was changed
    """
    tk.check_access("govdata_harvest_opening_decide", context, data_dict)
    opening = model.Session.get(HarvestOpening, data_dict["id"], with_for_update=True)
    if opening is None:
        raise tk.ObjectNotFound(say("refusals", "decision_missing", language()))
    job, looser = job_of(opening.job_id), _looser(opening.job_id)
    if data_dict["accept"] and data_dict["entries"] != len(looser):
        # What opens entries is decided by somebody who was shown which they are.
        refuse("entries_not_seen", "entries")
    second(opening, context, data_dict)
    step = "list-opening-accepted" if data_dict["accept"] else "list-opening-refused"
    recorded(step, context, job.source_id, run=job.id)
    opening_id, state, reason = opening.id, opening.state, str(data_dict.get("reason") or "")
    steps = [(planned.package_id, planned.tier_before, planned.asked_tier) for planned in looser]
    words = (opening.reason, opening.proof_kind, opening.proof, opening.proposed_by)
    model.Session.commit()
    opened = [_open(one, words, acting(context), reason) for one in steps] if data_dict["accept"] else []
    return {"id": opening_id, "state": state, "opened": [one for one in opened if one]}


def _open(step: tuple[str, str, str], words: tuple[str, str, str, str], second: str, reason: str) -> str:
    """One entry opened by the catalogue's own way for two persons; nothing where its tier has moved since."""
    package_id, before, after = step
    package = model.Package.get(package_id)
    if package is None or (package.extras or {}).get("open_tier", "") != before:
        return ""
    why, proof_kind, proof, first = words
    proposed = tk.get_action("govdata_tier_change_propose")(
        _in_name_of(first),
        {"id": package_id, "open_tier": after, "reason": why, "proof_kind": proof_kind, "proof": proof},
    )
    tk.get_action("govdata_tier_change_decide")(
        _in_name_of(second), {"id": proposed["id"], "accept": True, "reason": reason}
    )
    return package_id


def _in_name_of(user_id: str) -> Context:
    user = model.User.get(user_id)
    return {"ignore_auth": True, "user": user.name if user else "", "auth_user_obj": user}  # pyright: ignore


ALL = (govdata_harvest_opening_list, govdata_harvest_opening_propose, govdata_harvest_opening_decide)
