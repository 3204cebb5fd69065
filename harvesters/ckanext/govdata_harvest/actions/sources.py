"""Sources: made, changed, trusted, shown, ended. Secrets go in and never out."""

from __future__ import annotations

from dataclasses import MISSING, fields
from random import SystemRandom
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
from ..jobs.domain import OPEN, SourceState, is_overdue, next_due
from ..jobs.planning import asked_for
from ..kinds import kind_of, kinds
from ..kinds.protocol import settings_of
from ..readers import ListError
from ..sealing import names, seal
from ..source_model import HarvestJob, HarvestMapping, HarvestSource
from .shared import acting, agency_title, language, recorded, refuse, refuse_list_error, shown_time, source_of

# Kinds that read the portal's own machine are the operator's.
_OPERATORS = ("folder",)


@tk.side_effect_free
def govdata_harvest_kind_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The kinds of sources that lists can come from.

    :returns: `name`, `label`, `settings` (`name`, `label`, `needed`), `remote`, `secrets`
    """
    tk.check_access("govdata_harvest_kind_list", context, data_dict)
    said = language()
    return [
        {
            "name": name,
            "label": kind.label[said],
            "remote": kind.can.remote,
            "secrets": kind.can.secrets,
            "settings": [
                {"name": one.name, "label": one.metadata.get(said, one.name), "needed": one.default is MISSING}
                for one in fields(kind.settings)
            ],
        }
        for name, kind in kinds().items()
    ]


@validate(schema.source)
def govdata_harvest_source_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make a source. Without an agency, the list's own words name them; that is the operator's.

    :param name: by which its list is known, in small letters
    :param title: how people call it
    :param kind: a kind of `govdata_harvest_kind_list`
    :param agency: id or name of the agency
    :param settings: of this kind
    :param secrets: headers that are sent along, sealed and never shown
    :param every_hours: how often it is asked; 0 for never by itself
    :param takes_data: fetch the files that the list names, and hold them here
    :param quiet_from: with `quiet_to` the hours (Shanghai) in which it is not asked
    :returns: the source
    """
    tk.check_access("govdata_harvest_source_create", context, data_dict)
    name = data_dict["name"]
    if model.Session.scalar(sa.select(HarvestSource.id).where(HarvestSource.name == name)):
        refuse("name_taken", "name", name=name)
    group = model.Group.get(data_dict["agency"]) if data_dict.get("agency") else None
    if data_dict.get("agency") and (group is None or not group.is_organization or group.state != "active"):
        refuse("agency_unknown", "agency")
    source = HarvestSource(
        name=name,
        title=data_dict.get("title") or name,
        kind=data_dict["kind"],
        agency_id=group.id if group else None,
        settings={},
        created_by=acting(context),
        **{"secrets": "", "mapping": {}, "seen": {}},
    )
    model.Session.add(source)
    model.Session.flush()
    _change(source, context, data_dict)
    recorded("list-source-made", context, source.id, kind=source.kind, agency=source.agency_id)
    model.Session.commit()
    return _as_dict(source)


@validate(schema.source_change)
def govdata_harvest_source_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a source's title, settings, secrets, schedule or state (`active`, `paused`); what is not given stays.

    :param id: id or name of the source
    :returns: the source
    """
    tk.check_access("govdata_harvest_source_update", context, data_dict)
    source = source_of(data_dict["id"])
    state = data_dict.get("state")
    if state and state not in (SourceState.ACTIVE.value, SourceState.PAUSED.value):
        refuse("state_unknown", "state")
    source.state = state or source.state
    _change(source, context, data_dict)
    recorded("list-source-changed", context, source.id, state=source.state)
    model.Session.commit()
    return _as_dict(source)


def _change(source: HarvestSource, context: Context, given: dict[str, Any]) -> None:
    try:
        kind = kind_of(source.kind)
        if "settings" in given or not source.settings:
            asked = given.get("settings") or {}
            if not isinstance(asked, dict):
                refuse("not_an_object", "settings")
            settings_of(kind, asked)
            source.settings, source.seen = {name: str(value).strip() for name, value in asked.items()}, {}
    except ListError as error:
        refuse_list_error(error, "settings")
    if source.kind in _OPERATORS and not permits(actor_of_context(context), Permission.IMPORT_RUN).allowed:
        refuse("kind_of_operator", "kind")
    if "secrets" in given:
        source.secrets = _sealed(source, given["secrets"], kind.can.secrets)
    source.title = given.get("title") or source.title
    for name in ("every_hours", "quiet_from", "quiet_to", "takes_data"):
        if given.get(name) is not None:
            setattr(source, name, given[name])
    if any(hour is not None and hour > 23 for hour in (source.quiet_from, source.quiet_to)):
        refuse("hour_unknown", "quiet_from")
    if source.every_hours and not kind.can.remote:
        refuse("kind_not_remote", "every_hours")
    chance = SystemRandom().random()
    source.due_at = next_due(now(), source.every_hours, chance, (source.quiet_from, source.quiet_to))


def _sealed(source: HarvestSource, given: Any, taken: bool) -> str:
    headers = given or {}
    plain = isinstance(headers, dict) and all(
        isinstance(value, str) and value.isprintable() and str(name).isprintable() for name, value in headers.items()
    )
    if not plain:
        refuse("not_an_object", "secrets")
    if headers and not taken:
        refuse("kind_without_secrets", "secrets")
    return seal(source.id, headers)


@validate(schema.flag)
def govdata_harvest_source_trust(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Trust a source, so that its plans are applied at once where the city's rule asks nobody; or trust it no more.

    :param id: id or name of the source
    :param trusted: true or false
    :returns: the source
    """
    tk.check_access("govdata_harvest_source_trust", context, data_dict)
    source = source_of(data_dict["id"])
    source.trusted = data_dict["trusted"]
    recorded("list-source-trusted" if source.trusted else "list-source-distrusted", context, source.id)
    model.Session.commit()
    return _as_dict(source)


@validate(schema.one)
def govdata_harvest_source_delete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a source. Its runs and entries stay; its secrets are forgotten.

    :param id: id or name of the source
    """
    tk.check_access("govdata_harvest_source_delete", context, data_dict)
    source = source_of(data_dict["id"])
    running = sa.select(HarvestJob.id).where(
        HarvestJob.source_id == source.id, HarvestJob.state.in_([state.value for state in OPEN])
    )
    if model.Session.scalar(running):
        refuse("run_open", "id")
    source.state, source.secrets = SourceState.DELETED.value, ""
    recorded("list-source-ended", context, source.id)
    model.Session.commit()
    return {"id": source.id, "state": source.state}


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_source_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A source with its last runs; of its secrets the names alone.

    :param id: id or name of the source
    :returns: the source, with `mappings` (the versions of its mapping)
    """
    tk.check_access("govdata_harvest_source_show", context, data_dict)
    source = source_of(data_dict["id"])
    versions = model.Session.scalars(
        sa.select(HarvestMapping).where(HarvestMapping.source_id == source.id).order_by(HarvestMapping.version.desc())
    )
    mappings = [
        {"version": one.version, "mapping": one.mapping, "reason": one.reason, "made_at": shown_time(one.made_at)}
        for one in versions
    ]
    return {**_as_dict(source), "mapping": source.mapping, "mappings": mappings}


@tk.side_effect_free
@validate(schema.page)
def govdata_harvest_source_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The sources of the asker's agencies, or all of them for those who supervise.

    :returns: `count` and `results`, each with its last run
    """
    tk.check_access("govdata_harvest_source_list", context, data_dict)
    found = sa.select(HarvestSource).where(HarvestSource.state != SourceState.DELETED.value)
    actor = actor_of_context(context)
    if not permits(actor, Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        found = found.where(HarvestSource.agency_id.in_(actor.agencies))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = found.order_by(HarvestSource.title).limit(min(data_dict["limit"], 500)).offset(data_dict["offset"])
    return {"count": count, "results": [_as_dict(source) for source in model.Session.scalars(page).all()]}


def _as_dict(source: HarvestSource) -> dict[str, Any]:
    kind = kinds().get(source.kind)
    return {
        "id": source.id,
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "kind_label": kind.label[language()] if kind else source.kind,
        "remote": kind.can.remote if kind else False,
        "agency_id": source.agency_id,
        "agency_title": agency_title(source.agency_id),
        "settings": source.settings,
        "secrets": names(source.id, source.secrets),
        "trusted": source.trusted,
        "takes_data": source.takes_data,
        "state": source.state,
        "every_hours": source.every_hours,
        "quiet_from": source.quiet_from,
        "quiet_to": source.quiet_to,
        "due_at": shown_time(source.due_at),
        "overdue": source.state == "active" and is_overdue(source.due_at, source.every_hours, now()),
        "failures": source.failures,
        "mapping_version": source.mapping_version,
        "reviewers": list(asked_for(source)),
        "last_run": _last_run(source.id),
    }


def _last_run(source_id: str) -> dict[str, Any] | None:
    from .runs import as_dict

    last = sa.select(HarvestJob).where(HarvestJob.source_id == source_id).order_by(HarvestJob.created_at.desc())
    job = model.Session.scalar(last.limit(1))
    return as_dict(job) if job else None


ALL = (
    govdata_harvest_kind_list,
    govdata_harvest_source_create,
    govdata_harvest_source_update,
    govdata_harvest_source_trust,
    govdata_harvest_source_delete,
    govdata_harvest_source_show,
    govdata_harvest_source_list,
)
