"""Plans: shown as differences, sent, commented, accepted in part, sent back (LYG-12, ZB-10, YZ-10)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ckanext.govdata.columns import now
from ckanext.govdata.roles.actors import actor_of_context
from ckanext.govdata.roles.domain import Permission, permits

from .. import schema
from ..jobs import queue
from ..jobs.domain import WAITING, JobState, PlannedState, next_reviewer
from ..jobs.ending import ended
from ..jobs.planning import asked_for, sent
from ..source_model import HarvestPlanned, HarvestReview, HarvestSource
from ..words import say
from .shared import acting, job_of, language, person, recorded, refuse, shown_time
from .shown import as_dict, turn_of, words_of


@tk.side_effect_free
@validate(schema.plan_page)
def govdata_harvest_plan_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The plan of a run, step by step, with the fields before and after, and what the reviewers said.

    :param id: id of the run
    :param act: only steps of this kind: `added`, `changed`, `returned`, `withdrawn`, `unchanged` (which ask for a looser tier)
    :returns: `count`, `results`, `acts` (how many of each kind), `reviewers`, `turn`, `reviews`
    """
    tk.check_access("govdata_harvest_plan_show", context, data_dict)
    job = job_of(data_dict["id"])
    own = sa.select(HarvestPlanned).where(HarvestPlanned.job_id == job.id)
    acts = model.Session.execute(
        sa.select(HarvestPlanned.act, sa.func.count())
        .where(HarvestPlanned.job_id == job.id)
        .group_by(HarvestPlanned.act)
    )
    if data_dict.get("act"):
        own = own.where(HarvestPlanned.act == data_dict["act"])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(own.subquery()))
    page = own.order_by(HarvestPlanned.n).limit(min(data_dict["limit"], 500)).offset(data_dict["offset"])
    source = model.Session.get(HarvestSource, job.source_id)
    reviews = model.Session.scalars(
        sa.select(HarvestReview).where(HarvestReview.job_id == job.id).order_by(HarvestReview.made_at)
    )
    return {
        "count": count,
        "results": [_step(planned) for planned in model.Session.scalars(page)],
        "acts": {str(act): int(number) for act, number in acts.tuples().all()},
        "reviewers": list(asked_for(source)) if source else [],
        "turn": turn_of(job),
        "reviews": [_review(review) for review in reviews],
    }


def _review(review: HarvestReview) -> dict[str, Any]:
    return {
        "reviewer": review.reviewer,
        "accepted": review.accepted,
        "note": review.note,
        "left_out": review.left_out,
        "by": person(review.made_by),
        "at": shown_time(review.made_at),
    }


# What a difference is not shown of: the software's own marks.
_MARKS = ("list_key", "list_hash")


def _step(planned: HarvestPlanned) -> dict[str, Any]:
    if planned.act == "added":
        shown = [
            {"field": name, "before": "", "after": value}
            for name, value in planned.entry.items()
            if value not in ("", [], None)
        ]
    else:
        shown = [found for found in planned.differences if found["field"] not in _MARKS]
    return {
        "n": planned.n,
        "act": planned.act,
        "state": planned.state,
        "row": planned.row,
        "sheet": planned.sheet,
        "title": planned.title,
        "agency": planned.agency,
        "dataset": planned.package_id,
        "tier_before": planned.tier_before,
        "tier": planned.tier,
        "asked_tier": planned.asked_tier,
        "looser": planned.looser,
        "causes": planned.causes,
        "cause_texts": [say("causes", cause, language()) for cause in planned.causes],
        "note": planned.note,
        "differences": shown,
    }


@validate(schema.one)
def govdata_harvest_plan_send(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Send a plan: to the reviewers whom the city's rule names, or to be applied where it names nobody.

    Where a decider of the agency sends it, that is the agency's word.

    :param id: id of the run
    :returns: the run
    """
    tk.check_access("govdata_harvest_plan_send", context, data_dict)
    job = job_of(data_dict["id"], lock=True)
    if job.state != JobState.PLANNED.value:
        refuse("plan_not_to_send", "id")
    job_id, source_id = job.id, job.source_id
    source = model.Session.get(HarvestSource, source_id)
    asked = asked_for(source) if source else ()
    recorded("list-plan-sent", context, source_id, run=job_id)
    decider = permits(actor_of_context(context), Permission.LIST_REVIEW_AGENCY, source.agency_id if source else None)
    if "agency" in asked and decider.allowed:
        model.Session.add(_word(job_id, "agency", True, "", context))
        recorded("list-plan-accepted", context, source_id, run=job_id, reviewer="agency")
    model.Session.flush()
    state = sent(job_id)
    if state is JobState.IN_REVIEW and next_reviewer(asked, words_of(job_id)) is None:
        _apply(job_id)
    elif state is JobState.APPLYING:
        queue.put(job_id)
    return _run(context, job_id)


@validate(schema.leave_out)
def govdata_harvest_plan_leave_out(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Leave steps out of a plan that waits, or put them back: so it is accepted in part.

    :param id: id of the run
    :param steps: the numbers (`n`) of the steps
    :param out: false puts them back
    :returns: `left_out`, how many of the plan are left out now
    """
    tk.check_access("govdata_harvest_plan_leave_out", context, data_dict)
    job = job_of(data_dict["id"], lock=True)
    if job.state not in [state.value for state in WAITING]:
        refuse("plan_not_waiting", "id")
    given = data_dict["steps"] if isinstance(data_dict["steps"], list) else str(data_dict["steps"]).split(",")
    if not all(str(number).strip().isdigit() for number in given):
        refuse("step_unknown", "steps")
    before, after = PlannedState.PLANNED.value, PlannedState.LEFT_OUT.value
    if not data_dict["out"]:
        before, after = after, before
    model.Session.execute(
        sa.update(HarvestPlanned)
        .where(
            HarvestPlanned.job_id == job.id,
            HarvestPlanned.state == before,
            HarvestPlanned.n.in_([int(number) for number in given]),
        )
        .values(state=after)
    )
    if job.state == JobState.IN_REVIEW.value:
        # What is agreed to has changed: whoever agreed is asked again.
        model.Session.execute(
            sa.update(HarvestReview)
            .where(HarvestReview.job_id == job.id, HarvestReview.accepted.is_(True))
            .values(accepted=None)
        )
    recorded("list-plan-changed", context, job.source_id, run=job.id, count=len(given))
    left_out = _left_out(job.id)
    model.Session.commit()
    return {"id": job.id, "left_out": left_out}


def _left_out(job_id: str) -> int:
    found = sa.select(sa.func.count()).where(
        HarvestPlanned.job_id == job_id, HarvestPlanned.state == PlannedState.LEFT_OUT.value
    )
    return int(model.Session.scalar(found) or 0)


@validate(schema.comment)
def govdata_harvest_plan_comment(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say something on a plan, for everybody who sees it.

    :param id: id of the run
    :param note: what to say
    """
    tk.check_access("govdata_harvest_plan_comment", context, data_dict)
    job = job_of(data_dict["id"])
    model.Session.add(_word(job.id, "comment", None, data_dict["note"], context))
    model.Session.commit()
    return {"id": job.id}


@validate(schema.decision)
def govdata_harvest_plan_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Agree to a plan, without what is left out of it, or send it back; each reviewer when it is their turn.

    :param id: id of the run
    :param reviewer: in which capacity: `agency`, `operator` or `authority`
    :param accept: true or false
    :param note: what has to be mended; needed when it is sent back
    :returns: the run
    """
    tk.check_access("govdata_harvest_plan_decide", context, data_dict)
    job = job_of(data_dict["id"], lock=True)
    note = str(data_dict.get("note") or "")
    turn = turn_of(job)
    if turn is None:
        refuse("plan_not_in_review", "id")
    if data_dict["reviewer"] != turn:
        refuse("not_your_turn", "reviewer", turn=turn)
    if not data_dict["accept"] and not note.strip():
        refuse("note_missing", "note")
    job_id, source_id = job.id, job.source_id
    model.Session.add(_word(job_id, turn, data_dict["accept"], note, context))
    recorded(
        "list-plan-accepted" if data_dict["accept"] else "list-plan-sent-back",
        context,
        source_id,
        run=job_id,
        reviewer=turn,
        left_out=_left_out(job_id),
    )
    model.Session.flush()
    source = model.Session.get(HarvestSource, source_id)
    outstanding = next_reviewer(asked_for(source), words_of(job_id)) if source else None
    model.Session.commit()
    if not data_dict["accept"]:
        ended(job_id, JobState.SENT_BACK)
    elif outstanding is None:
        _apply(job_id)
    return _run(context, job_id)


def _apply(job_id: str) -> None:
    job = job_of(job_id)
    job.state = JobState.APPLYING.value
    job.total, job.done = job.report.get("read", 0), 0
    model.Session.commit()
    queue.put(job_id)


def _word(job_id: str, reviewer: str, accepted: bool | None, note: str, context: Context) -> HarvestReview:
    return HarvestReview(
        job_id=job_id,
        reviewer=reviewer,
        accepted=accepted,
        note=note,
        left_out=_left_out(job_id),
        made_by=acting(context),
        made_at=now(),
    )


def _run(context: Context, job_id: str) -> dict[str, Any]:
    return as_dict(job_of(job_id))


ALL = (
    govdata_harvest_plan_show,
    govdata_harvest_plan_send,
    govdata_harvest_plan_leave_out,
    govdata_harvest_plan_comment,
    govdata_harvest_plan_decide,
)
