"""What people decide about a list: its columns, and its words for the tier, of which those that open take two persons."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ckanext.govdata.columns import now

from .. import schema
from ..jobs import queue
from ..jobs.domain import WAITING, JobState, WordState, refuse_second, refuse_word
from ..jobs.rows import the
from ..mapping.columns import field_of
from ..mapping.correction import GUARDED, IGNORED, TOPICS, fields, mistakes
from ..mapping.vocabulary import folded, is_placeholder, raw
from ..source_model import HarvestJob, HarvestMapping, HarvestOpening, HarvestPlanned, HarvestReview, HarvestWord
from ..words import say
from .shared import acting, job_of, language, person, recorded, refuse, refuse_for, shown_time, source_of


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_mapping_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The columns of a run's list: which field each fills and why, with examples.

    :param id: id of the run
    :returns: `columns` (`column`, `field`, `by`, `examples`, `guarded`), `fields` that can be filled, `version`
    """
    tk.check_access("govdata_harvest_mapping_show", context, data_dict)
    job = job_of(data_dict["id"])
    columns = [{**one, "guarded": (field_of(one["column"]) or ("",))[0] in GUARDED} for one in job.columns]
    return {"columns": columns, "fields": [*fields(), IGNORED], "version": job.mapping_version}


@validate(schema.mapping)
def govdata_harvest_mapping_save(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Correct the mapping of a source: a new version. A plan that waits is made anew by it.

    :param id: id or name of the source
    :param columns: column -> field, or `-` to pass it by; what is not named stays
    :param words: topic (`update_cycle`, `formats`, `theme`, ...) -> word -> key
    :param reason: why
    :returns: `version`, and `run`, the plan that is made anew
    """
    tk.check_access("govdata_harvest_mapping_save", context, data_dict)
    source = source_of(data_dict["id"])
    mapping = _merged(source.mapping, data_dict)
    wrong = mistakes(mapping, field_of)
    if wrong:
        raise tk.ValidationError({name: [say("refusals", code, language())] for name, code in wrong.items()})
    version = source.mapping_version + 1
    source.mapping, source.mapping_version = mapping, version
    source.seen = {**source.seen, "tier_mapping_seen": False}
    model.Session.add(
        HarvestMapping(
            source_id=source.id,
            version=version,
            mapping=mapping,
            reason=str(data_dict.get("reason") or ""),
            made_by=acting(context),
        )
    )
    recorded("list-mapping-corrected", context, source.id, version=version)
    source_id = source.id
    model.Session.commit()
    return {"id": source_id, "version": version, "run": plan_anew(source_id)}


def _merged(before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    columns, words = given.get("columns") or {}, given.get("words") or {}
    if not isinstance(columns, dict) or not isinstance(words, dict):
        refuse("not_an_object", "columns")
    merged = {**(before.get("columns") or {}), **columns}
    topics = {**(before.get("words") or {})}
    for topic, listed in words.items():
        if not isinstance(listed, dict):
            refuse("not_an_object", "words")
        topics[topic] = {**topics.get(topic, {}), **listed}
    return {"columns": {column: field for column, field in merged.items() if field}, "words": topics}


def plan_anew(source_id: str) -> str | None:
    """Make the plan of a source anew that waits for people; what was agreed to is asked again."""
    waiting = sa.select(HarvestJob).where(
        HarvestJob.source_id == source_id, HarvestJob.state.in_([state.value for state in WAITING])
    )
    job = model.Session.scalar(waiting)
    if job is None:
        return None
    job.state, job.done = JobState.PLANNING.value, 0
    agreed = sa.update(HarvestReview).where(HarvestReview.job_id == job.id, HarvestReview.accepted.is_(True))
    model.Session.execute(agreed.values(accepted=None))
    job_id = job.id
    model.Session.commit()
    queue.put(job_id)
    return job_id


@tk.side_effect_free
def govdata_harvest_vocabulary_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The vocabularies that all sources share: names of columns, words for the tier, words of other columns.

    :returns: `columns`, `tiers`, and the topics (`update_cycle`, ...), each with key -> words
    """
    tk.check_access("govdata_harvest_vocabulary_show", context, data_dict)
    tiers = {tier: raw("tiers")[tier] for tier in ("unconditional", "conditional", "not_open")}
    return {"columns": raw("columns"), "tiers": tiers, **{topic: raw("words")[topic] for topic in TOPICS}}


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_word_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The words for the tier that nobody has decided in a run's list, with their rows, and what was decided for its source.

    :param id: id of the run
    :returns: `held` (`word`, `rows`, `examples`) and `decided`
    """
    tk.check_access("govdata_harvest_word_list", context, data_dict)
    job = job_of(data_dict["id"])
    held = [
        {"word": word, "rows": count, "examples": _examples(job.id, word)}
        for word, count in sorted((job.report.get("held_words") or {}).items(), key=lambda item: -item[1])
    ]
    decided = model.Session.scalars(
        sa.select(HarvestWord).where(HarvestWord.source_id == job.source_id).order_by(HarvestWord.proposed_at.desc())
    )
    return {"held": held, "decided": [_word_as_dict(word) for word in decided]}


def _examples(job_id: str, word: str) -> list[dict[str, Any]]:
    rows = model.Session.execute(
        sa.select(HarvestPlanned.row, HarvestPlanned.sheet, HarvestPlanned.title)
        .where(HarvestPlanned.job_id == job_id, HarvestPlanned.entry["tier_word"].astext == word)
        .order_by(HarvestPlanned.n)
        .limit(20)
    )
    return [{"row": row, "sheet": sheet, "title": title} for row, sheet, title in rows]


def _word_as_dict(word: HarvestWord) -> dict[str, Any]:
    return {
        "id": word.id,
        "word": word.word,
        "tier": word.tier,
        "reason": word.reason,
        "rows": word.rows,
        "state": word.state,
        "proposed_by": person(word.proposed_by),
        "proposed_by_id": word.proposed_by,
        "proposed_at": shown_time(word.proposed_at),
        "decided_by": person(word.decided_by),
        "decided_at": shown_time(word.decided_at),
        "decision_reason": word.decision_reason,
    }


@validate(schema.word)
def govdata_harvest_word_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide a word for the tier once for a source. One that opens rows waits for a second person.

    :param id: id of the run whose list has the word
    :param word: as the list has it
    :param tier: `unconditional`, `conditional` or `not_open`
    :param reason: why
    :param rows: how many rows have it, as they were shown; needed where rows are opened
    :returns: the decision, `holds` or `pending`
    """
    tk.check_access("govdata_harvest_word_decide", context, data_dict)
    job = job_of(data_dict["id"])
    word, tier = str(data_dict.get("word") or ""), data_dict["tier"]
    rows = int((job.report.get("held_words") or {}).get(word, 0))
    reason = str(data_dict.get("reason") or "")
    refuse_for(refuse_word(word, tier, is_placeholder(word), reason, data_dict["rows"], rows))
    _refuse_doubled(job.source_id, word)
    decision = HarvestWord(source_id=job.source_id, word=folded(word), tier=tier, reason=reason, rows=rows)
    holds = _propose(decision, context)
    source_id, decision_id = decision.source_id, decision.id
    model.Session.commit()
    if holds:
        plan_anew(source_id)
    return _word_as_dict(the(HarvestWord, decision_id))


def _propose(decision: HarvestWord, context: Context) -> bool:
    """Write a decision down; whether it holds at once, because it opens nothing."""
    holds, who = decision.tier == "not_open", acting(context)
    decision.proposed_by, decision.state = who, WordState.PENDING.value
    if holds:
        decision.state, decision.decided_by, decision.decided_at = WordState.HOLDS.value, who, now()
    model.Session.add(decision)
    model.Session.flush()
    event = "list-word-decided" if holds else "list-word-proposed"
    recorded(event, context, decision.source_id, word=decision.word, tier=decision.tier, rows=decision.rows)
    return holds


def _refuse_doubled(source_id: str, word: str) -> None:
    there = sa.select(HarvestWord.id).where(
        HarvestWord.source_id == source_id,
        HarvestWord.word == folded(word),
        HarvestWord.state.in_([WordState.PENDING.value, WordState.HOLDS.value]),
    )
    if model.Session.scalar(there):
        refuse("word_decided_already", "word")


@validate(schema.second)
def govdata_harvest_word_confirm(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Confirm or refuse, as the second person, a decision that opens rows.

    :param id: id of the decision
    :param accept: true or false
    :param reason: why
    :returns: the decision
    """
    tk.check_access("govdata_harvest_word_confirm", context, data_dict)
    word = model.Session.get(HarvestWord, data_dict["id"], with_for_update=True)
    if word is None:
        raise tk.ObjectNotFound(say("refusals", "decision_missing", language()))
    second(word, context, data_dict)
    recorded(
        "list-word-confirmed" if data_dict["accept"] else "list-word-refused",
        context,
        word.source_id,
        word=word.word,
        tier=word.tier,
        rows=word.rows,
    )
    source_id, word_id = word.source_id, word.id
    model.Session.commit()
    if data_dict["accept"]:
        plan_anew(source_id)
    found = the(HarvestWord, word_id)
    return _word_as_dict(found)


def second(decision: HarvestWord | HarvestOpening, context: Context, given: dict[str, Any]) -> None:
    """Put the second person's word on a decision. Raises ValidationError where it is the same person, or no reason is given."""
    who, reason = acting(context), str(given.get("reason") or "")
    refuse_for(refuse_second(decision.state, decision.proposed_by, who, reason))
    decision.state = (WordState.HOLDS if given["accept"] else WordState.REFUSED).value
    decision.decided_by, decision.decided_at, decision.decision_reason = who, now(), reason


ALL = (
    govdata_harvest_mapping_show,
    govdata_harvest_mapping_save,
    govdata_harvest_vocabulary_show,
    govdata_harvest_word_list,
    govdata_harvest_word_decide,
    govdata_harvest_word_confirm,
)
