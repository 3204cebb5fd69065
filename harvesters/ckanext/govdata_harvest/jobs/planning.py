"""Planning a run: read the list, compare it with the catalogue, keep what it would do, and say who is asked."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.columns import now
from ckanext.govdata.config import reviewers

from ..data.naming import FilesNamed
from ..importing import Importing
from ..mapping.correction import GUARDED, Correction
from ..planning import Act
from ..source_model import HarvestJob, HarvestPlanned, HarvestSource, HarvestWord
from .domain import JobState, WordState, reviewers_of_plan, tier_fields_touched
from .ending import ended, said_of_tombstones
from .lease import Beat
from .plan_store import PlanStore
from .rows import the
from .storing import discard, waiting_file

# So many grants of an entry are looked at.
_GRANTS = 1000
_DOES = (Act.ADD.value, Act.CHANGE.value, Act.RETURN.value, Act.WITHDRAW.value)


def plan(job_id: str, beat: Beat) -> None:
    """Make the plan anew, in one transaction. Raises ListError, Stopped."""
    job, source = both(job_id)
    user = acting_user(job.started_by)
    path, digest, name = waiting_file(job.file_digest), job.file_digest, job.file_name
    correction = correction_of(source)
    files = FilesNamed(job_id, source.id) if source.takes_data and not job.dry else None
    store = PlanStore(job_id, user, beat, files)
    agency = slug_of(source.agency_id)
    importing = Importing(
        path, user, agency, writing=False, list_id=source.name, agreed=job.agreed, correction=correction, keeper=store
    )
    report = importing.run()
    beat.check()
    report |= {"file": name, "held_words": store.held_words, "origin": dict(job.fetched.get("origin") or {})}
    report["problems"] = [*report["problems"], *said_of_tombstones(job)]
    hold_granted(job_id)
    job.report, job.columns, job.mapping_version = report, store.columns, source.mapping_version
    job.total, job.attempts, job.not_before = report["read"], 0, None
    job.detail = {**job.detail, "secrets": store.has_secrets, "files": files.count if files else None}
    model.Session.commit()
    if store.has_secrets:
        discard(digest)
    go_on(job_id)


def go_on(job_id: str) -> None:
    """From a plan that was made to who acts next: nobody, the agency, the reviewers, or the worker."""
    job, source = both(job_id)
    if job.dry or not _does_something(job_id):
        ended(job_id, JobState.FINISHED)
        return
    # A person who started the run looks at the plan first, and sends it.
    job.state = _next_state(source).value if job.scheduled else JobState.PLANNED.value
    model.Session.commit()


def sent(job_id: str) -> JobState:
    """The agency has sent the plan: to the reviewers, or to the worker where nobody is asked."""
    job, source = both(job_id)
    job.state = _next_state(source).value
    model.Session.commit()
    return JobState(job.state)


def _next_state(source: HarvestSource) -> JobState:
    return JobState.IN_REVIEW if asked_for(source) else JobState.APPLYING


def asked_for(source: HarvestSource) -> tuple[str, ...]:
    """Who has to agree to the source's plans. A mapping that gives a column a say in the tier is never trusted alone."""
    touched = tier_fields_touched(source.mapping, GUARDED) and not source.seen.get("tier_mapping_seen")
    return reviewers_of_plan(reviewers(), source.trusted and not touched)


def correction_of(source: HarvestSource) -> Correction:
    """The source's mapping, with the words that hold for it."""
    words = model.Session.execute(
        sa.select(HarvestWord.word, HarvestWord.tier)
        .where(HarvestWord.source_id == source.id, HarvestWord.state == WordState.HOLDS.value)
        .order_by(HarvestWord.decided_at)
    )
    return Correction.of(source.mapping, {str(word): str(tier) for word, tier in words.tuples().all()})


def _does_something(job_id: str) -> bool:
    planned = sa.select(HarvestPlanned.id).where(HarvestPlanned.job_id == job_id, HarvestPlanned.act.in_(_DOES))
    return model.Session.scalar(planned.limit(1)) is not None


def hold_granted(job_id: str) -> None:
    """What somebody uses under a running grant is not withdrawn by a list: a person puts it back into the plan."""
    leaving = model.Session.scalars(
        sa.select(HarvestPlanned).where(
            HarvestPlanned.job_id == job_id,
            HarvestPlanned.act == Act.WITHDRAW.value,
            HarvestPlanned.tier == "conditional",
        )
    )
    for planned in leaving.all():
        if is_granted(planned.package_id):
            planned.state, planned.causes = "left_out", ["running_grant"]
    model.Session.flush()


def is_granted(package_id: str | None) -> bool:
    """Whether somebody has a grant of the entry that runs, or would go on; with more grants than are looked at, it counts so."""
    found: dict[str, Any] = tk.get_action("govdata_grant_list")(
        {"ignore_auth": True, "user": _site_user()}, {"id": package_id, "limit": _GRANTS, "offset": 0}
    )
    moment = f"{now().isoformat()}Z"
    running = (grant["state"] in ("running", "suspended") and grant["ends_at"] > moment for grant in found["results"])
    return found["count"] > _GRANTS or any(running)


def _site_user() -> str:
    return str(tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def acting_user(user_id: str) -> model.User:
    found = model.User.get(user_id)
    if found is None or found.state != "active":
        found = model.User.get(_site_user())
    if found is None:
        raise LookupError("the portal's own user")
    return found


def slug_of(agency_id: str | None) -> str:
    group = model.Group.get(agency_id) if agency_id else None
    return group.name if group else ""


def both(job_id: str) -> tuple[HarvestJob, HarvestSource]:
    model.Session.expire_all()
    job = the(HarvestJob, job_id)
    source = the(HarvestSource, job.source_id)
    return job, source
