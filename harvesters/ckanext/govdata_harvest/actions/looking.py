"""Looking at lists: revisions and what lies between two of them, reports in words and as a workbook, the bureau's glance."""

from __future__ import annotations

import base64
import datetime
from collections import Counter
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ckanext.govdata.columns import now
from ckanext.govdata.roles.actors import actor_of_context
from ckanext.govdata.roles.domain import Permission, permits

from .. import history, schema
from ..file_model import HarvestFile
from ..merging import merged
from ..model import HarvestRun, HarvestStep
from ..report_book import workbook
from ..source_model import HarvestJob, HarvestSource, HarvestWord
from ..twins import twins
from ..words import lines, say
from .merging import as_dict as shown_merge
from .shared import agency_title, job_of, language, person, refuse, shown_time, source_of
from .shown import as_dict
from .sources import govdata_harvest_source_list

_MOST_COMPARED = 500
_TREND = 12


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_revision_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The revisions of a source's list, newest first: when, by whom, from what file, with what result.

    :param id: id or name of the source
    """
    tk.check_access("govdata_harvest_revision_list", context, data_dict)
    found = history.runs(source_of(data_dict["id"]).name, 200)
    return [{**run, "user": person(run["user"])} for run in found]


@tk.side_effect_free
@validate(schema.compare)
def govdata_harvest_revision_compare(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What changed between two revisions of a list: each entry once, with its fields then and now.

    :param id: id or name of the source
    :param older: number of the older revision
    :param newer: number of the newer revision
    :returns: `count`, and `results` (at most 500): `dataset`, `title`, `act`, `differences`
    """
    tk.check_access("govdata_harvest_revision_compare", context, data_dict)
    source = source_of(data_dict["id"])
    older, newer = sorted((data_dict["older"], data_dict["newer"]))
    steps = model.Session.execute(
        sa.select(HarvestStep.package_id, HarvestStep.act, HarvestStep.differences)
        .join(HarvestRun, HarvestRun.id == HarvestStep.run_id)
        .where(
            HarvestRun.list_id == source.name,
            HarvestRun.revision > older,
            HarvestRun.revision <= newer,
            HarvestRun.state != "undone",
        )
        .order_by(HarvestStep.id)
    )
    net = net_changes([tuple(step) for step in steps])
    shown = []
    for package_id, found in list(net.items())[:_MOST_COMPARED]:
        package = model.Session.get(model.Package, package_id)
        shown.append({"dataset": package_id, "title": package.title if package else "", **found})
    return {"count": len(net), "results": shown}


def net_changes(steps: list[Any]) -> dict[str, dict[str, Any]]:
    """What is left of steps one after another: of each entry the first state and the last; what came and went is left out."""
    found: dict[str, dict[str, Any]] = {}
    for package_id, act, differences in steps:
        entry = found.setdefault(package_id, {"first": act, "act": act, "fields": {}})
        entry["act"] = act
        for one in differences:
            before = entry["fields"].get(one["field"], {"before": one["before"]})["before"]
            entry["fields"][one["field"]] = {"before": before, "after": one["after"]}
    shown: dict[str, dict[str, Any]] = {}
    for package_id, entry in found.items():
        differences = [
            {"field": name, **values} for name, values in entry["fields"].items() if values["before"] != values["after"]
        ]
        act = entry["act"]
        if entry["first"] == "added":
            act = "" if entry["act"] == "withdrawn" else "added"
        elif not differences:
            act = ""
        if act:
            shown[package_id] = {"act": act, "differences": differences}
    return shown


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_report_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The report of a run in words: problems grouped by cause, with counts and examples, and how runs before it went.

    :param id: id of the run
    :returns: `lines`, `problems` (with `text` and `level_text`), `trend`
    """
    tk.check_access("govdata_harvest_report_show", context, data_dict)
    job = job_of(data_dict["id"])
    if not job.report:
        return {"lines": [], "problems": [], "trend": []}
    said = language()
    problems = [
        {
            **problem,
            "text": say("causes", problem["cause"], said),
            "level_text": say("levels", problem["level"], said),
        }
        for problem in job.report["problems"]
    ]
    before = model.Session.scalars(
        sa.select(HarvestJob)
        .where(HarvestJob.source_id == job.source_id, HarvestJob.state == "finished", HarvestJob.dry.is_(False))
        .order_by(HarvestJob.created_at.desc())
        .limit(_TREND)
    )
    trend = [{"at": shown_time(one.created_at), **as_dict(one)["counts"]} for one in before]
    return {"lines": list(lines(job.report, said)), "problems": problems, "trend": trend}


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_report_export(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The report of a run as a workbook in which the agency's rows are marked.

    :param id: id of the run
    :returns: `name` and `data`, an XLSX in base64
    """
    tk.check_access("govdata_harvest_report_export", context, data_dict)
    job = job_of(data_dict["id"])
    if not job.report:
        refuse("report_missing", "id")
    name = f"{(job.file_name or 'list').rsplit('.', 1)[0]}-report.xlsx"
    return {"name": name, "data": base64.b64encode(workbook(job, language())).decode()}


@tk.side_effect_free
@validate(schema.page)
def govdata_harvest_file_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The files that a source's list names as data, for a source whose data is held here; those with trouble first.

    :param id: id or name of the source
    :returns: `count`, `held`, `troubled`, and `results`: `dataset`, `title`, `row`, `named`, `version`, `taken_at`, `cause`,
        `text` (what is the matter, and what to do), `due_at`
    """
    tk.check_access("govdata_harvest_file_list", context, data_dict)
    source = source_of(data_dict["id"])
    own = (HarvestFile.source_id == source.id, HarvestFile.state == "wanted")
    counted = sa.select(
        sa.func.count(),
        sa.func.count().filter(HarvestFile.number > 0),
        sa.func.count().filter(HarvestFile.cause != ""),
    )
    count, held, troubled = model.Session.execute(counted.where(*own)).one()
    rows = (
        sa.select(HarvestFile)
        .where(*own)
        .order_by(HarvestFile.cause == "", HarvestFile.row, HarvestFile.id)
        .limit(min(data_dict["limit"], 200))
        .offset(data_dict["offset"])
    )
    found = [_file(source.name, row) for row in model.Session.scalars(rows)]
    return {"count": count, "held": held, "troubled": troubled, "results": found}


def _file(list_id: str, row: HarvestFile) -> dict[str, Any]:
    extras = model.package_table.c["extras"]
    asked = sa.select(model.package_table.c["id"], model.package_table.c["title"]).where(
        extras["list_id"].astext == list_id, extras["list_key"].astext == row.key
    )
    package = model.Session.execute(asked.limit(1)).first()
    text = say("errors", row.cause, language(), line=0, detail=row.detail) if row.cause else ""
    return {
        "dataset": package.id if package else "",
        "title": package.title if package else "",
        "row": row.row,
        "named": (row.address or row.file).partition("?")[0],
        "version": row.number,
        "taken_at": shown_time(row.taken_at),
        "cause": row.cause,
        "text": text,
        "due_at": shown_time(row.due_at),
    }


@tk.side_effect_free
@validate(schema.page)
def govdata_harvest_overview(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """All sources at a glance: which are overdue (LYG-15), what is held, what waits for whom, what changed this week (YZ-24).

    :returns: `sources`, `overdue`, `failing`, `waiting` (runs), `words` (decisions that wait), `week` (counts by agency),
        `twins` (pairs of entries of two agencies that are one dataset: DCF-15, YZ-16), `merged` (pairs that were merged)
    """
    tk.check_access("govdata_harvest_overview", context, data_dict)
    actor = actor_of_context(context)
    sources = govdata_harvest_source_list(context, {"limit": 500})["results"]
    ids = [source["id"] for source in sources]
    waiting = model.Session.scalars(
        sa.select(HarvestJob)
        .where(HarvestJob.source_id.in_(ids), HarvestJob.state.in_(["planned", "in_review"]))
        .order_by(HarvestJob.created_at)
    ).all()
    words = model.Session.scalars(
        sa.select(HarvestWord).where(HarvestWord.source_id.in_(ids), HarvestWord.state == "pending")
    ).all()
    last = [source["last_run"] for source in sources if source["last_run"]]
    return {
        "sources": sources,
        "overdue": [source for source in sources if source["overdue"]],
        "failing": [source for source in sources if source["failures"]],
        "waiting": [as_dict(job) for job in waiting],
        "held": sum(run["counts"]["held"] for run in last),
        "held_words": sum(run["held_words"] for run in last),
        "words": [{"id": word.id, "word": word.word, "tier": word.tier, "rows": word.rows} for word in words],
        "week": changed_this_week(ids),
        "merged": [shown_merge(row) for row in merged(_seen(actor))],
        "twins": twins(_seen(actor)),
    }


def _seen(actor: Any) -> Any:
    """The agencies whose entries somebody looks after; None for all."""
    return None if permits(actor, Permission.CATALOGUE_READ_UNPUBLISHED).allowed else actor.agencies


def changed_this_week(source_ids: list[str]) -> list[dict[str, Any]]:
    """Of each source what its runs of the last seven days added, changed and withdrew."""
    since = now() - datetime.timedelta(days=7)
    found: dict[str, Counter[str]] = {}
    jobs = model.Session.scalars(
        sa.select(HarvestJob).where(
            HarvestJob.source_id.in_(source_ids),
            HarvestJob.state == "finished",
            HarvestJob.dry.is_(False),
            HarvestJob.finished_at >= since,
        )
    )
    for job in jobs:
        counts = found.setdefault(job.source_id, Counter())
        counts.update({name: int(job.report.get(name) or 0) for name in ("added", "changed", "withdrawn")})
    shown = []
    for source_id, counts in found.items():
        source = model.Session.get(HarvestSource, source_id)
        if source is not None and sum(counts.values()):
            shown.append({"source": source.title, "agency": agency_title(source.agency_id), **counts})
    return shown


ALL = (
    govdata_harvest_revision_list,
    govdata_harvest_revision_compare,
    govdata_harvest_report_show,
    govdata_harvest_report_export,
    govdata_harvest_file_list,
    govdata_harvest_overview,
)
