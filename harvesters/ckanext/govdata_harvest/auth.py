"""Authorisation of harvesting's actions: by named permission over the source's agency; looked up before anything else is said."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.govdata.roles.actors import actor_of_context
from ckanext.govdata.roles.domain import Permission, permits

from .file_model import HarvestMerge
from .source_model import HarvestJob, HarvestOpening, HarvestSource, HarvestWord

_REVIEWS = {
    "agency": Permission.LIST_REVIEW_AGENCY,
    "operator": Permission.LIST_REVIEW_OPERATOR,
    "authority": Permission.LIST_REVIEW_AUTHORITY,
}


def _answer(context: Context, agency_id: str | None, *any_of: Permission) -> AuthResult:
    decisions = [permits(actor_of_context(context), permission, agency_id) for permission in any_of]
    if any(decision.allowed for decision in decisions):
        return {"success": True}
    return {"success": False, "msg": tk._(decisions[0].message)}


def _agency_of_source(reference: object) -> str | None:
    wanted = str(reference or "")
    found = sa.select(HarvestSource.agency_id).where(sa.or_(HarvestSource.id == wanted, HarvestSource.name == wanted))
    return model.Session.scalar(found)


def _agency_of_job(reference: object) -> str | None:
    job = model.Session.get(HarvestJob, str(reference or ""))
    return _agency_of_source(job.source_id) if job else None


def _agency(reference: object) -> str | None:
    group = model.Group.get(str(reference or "")) if reference else None
    return group.id if group else None


def create(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency(data_dict.get("agency")), Permission.IMPORT_RUN)


def change(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency_of_source(data_dict.get("id")), Permission.IMPORT_RUN)


def trust(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, None, Permission.LIST_REVIEW_OPERATOR, Permission.LIST_REVIEW_AUTHORITY)


def see_source(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency_of_source(data_dict.get("id")), Permission.CATALOGUE_READ_UNPUBLISHED)


def see_job(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency_of_job(data_dict.get("id")), Permission.CATALOGUE_READ_UNPUBLISHED)


def run_job(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency_of_job(data_dict.get("id")), Permission.IMPORT_RUN)


def officer(context: Context, data_dict: DataDict) -> AuthResult:
    """Somebody of an agency, or a supervisor; what each of them sees is narrowed by the action."""
    actor = actor_of_context(context)
    if actor.agencies:
        return {"success": True}
    return _answer(context, None, Permission.CATALOGUE_READ_UNPUBLISHED)


def review(context: Context, data_dict: DataDict) -> AuthResult:
    permission = _REVIEWS.get(str(data_dict.get("reviewer")), Permission.LIST_REVIEW_AUTHORITY)
    return _answer(context, _agency_of_job(data_dict.get("id")), permission)


def comment(context: Context, data_dict: DataDict) -> AuthResult:
    agency_id = _agency_of_job(data_dict.get("id"))
    return _answer(context, agency_id, Permission.IMPORT_RUN, *_REVIEWS.values())


def decide_word(context: Context, data_dict: DataDict) -> AuthResult:
    agency_id = _agency_of_job(data_dict.get("id"))
    return _answer(context, agency_id, Permission.TIER_PROPOSE, Permission.IMPORT_RUN)


def confirm_word(context: Context, data_dict: DataDict) -> AuthResult:
    word = model.Session.get(HarvestWord, str(data_dict.get("id") or ""))
    agency_id = _agency_of_source(word.source_id) if word else None
    return _answer(context, agency_id, Permission.TIER_APPROVE, Permission.LIST_REVIEW_AUTHORITY)


def propose_opening(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, _agency_of_job(data_dict.get("id")), Permission.TIER_PROPOSE)


def decide_opening(context: Context, data_dict: DataDict) -> AuthResult:
    opening = model.Session.get(HarvestOpening, str(data_dict.get("id") or ""))
    agency_id = _agency_of_job(opening.job_id) if opening else None
    return _answer(context, agency_id, Permission.LIST_REVIEW_AUTHORITY)


def merge_twins(context: Context, data_dict: DataDict) -> AuthResult:
    """An agency gives up its own entry; nobody gives up another's."""
    package = model.Package.get(str(data_dict.get("gone") or ""))
    return _answer(context, package.owner_org if package else None, Permission.CATALOGUE_PUBLISH)


def part_twins(context: Context, data_dict: DataDict) -> AuthResult:
    row = model.Session.get(HarvestMerge, str(data_dict.get("id") or ""))
    return _answer(context, row.agency_id if row else None, Permission.CATALOGUE_PUBLISH)


def everything(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, None, Permission.CATALOGUE_READ_UNPUBLISHED)


AUTH: dict[str, Callable[[Context, DataDict], AuthResult]] = {
    "govdata_harvest_source_create": create,
    "govdata_harvest_source_update": change,
    "govdata_harvest_source_trust": trust,
    "govdata_harvest_source_delete": change,
    "govdata_harvest_source_show": see_source,
    "govdata_harvest_source_list": officer,
    "govdata_harvest_kind_list": officer,
    "govdata_harvest_run_start": change,
    "govdata_harvest_run_show": see_job,
    "govdata_harvest_run_list": officer,
    "govdata_harvest_run_cancel": run_job,
    "govdata_harvest_run_undo": run_job,
    "govdata_harvest_plan_show": see_job,
    "govdata_harvest_plan_send": run_job,
    "govdata_harvest_plan_leave_out": comment,
    "govdata_harvest_plan_comment": comment,
    "govdata_harvest_plan_decide": review,
    "govdata_harvest_mapping_show": see_job,
    "govdata_harvest_mapping_save": change,
    "govdata_harvest_vocabulary_show": officer,
    "govdata_harvest_word_list": see_job,
    "govdata_harvest_word_decide": decide_word,
    "govdata_harvest_word_confirm": confirm_word,
    "govdata_harvest_opening_list": see_job,
    "govdata_harvest_opening_propose": propose_opening,
    "govdata_harvest_opening_decide": decide_opening,
    "govdata_harvest_revision_list": see_source,
    "govdata_harvest_revision_compare": see_source,
    "govdata_harvest_file_list": see_source,
    "govdata_harvest_report_show": see_job,
    "govdata_harvest_report_export": see_job,
    "govdata_harvest_overview": officer,
    "govdata_harvest_twin_merge": merge_twins,
    "govdata_harvest_twin_part": part_twins,
}
