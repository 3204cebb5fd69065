"""Word of a run to those in charge: its result by mail, in the portal's language, where there is something to do or to know."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk

from .jobs.domain import JobState
from .readers import ListError
from .source_model import HarvestJob, HarvestSource
from .words import error_text, language_of, lines, say

log = logging.getLogger(__name__)
_MOST_LINES = 60


def tell(job_id: str) -> None:
    """Put the mail to the workers; a run ends all the same where there is no mail."""
    job = model.Session.get(HarvestJob, job_id)
    if job is None or job.dry or not _is_worth_telling(job):
        return
    try:
        tk.enqueue_job(mail_report, [job_id], title=f"report of list {job_id[:8]}")
    except Exception:
        log.exception("no mail of run %s; its report stands on its page", job_id)


def _is_worth_telling(job: HarvestJob) -> bool:
    if job.state == JobState.FINISHED.value:
        report = job.report or {}
        return any(report.get(name) for name in ("added", "changed", "withdrawn", "held", "refused", "safety"))
    return job.state in (JobState.FAILED.value, JobState.SENT_BACK.value)


def mail_report(job_id: str) -> None:
    """Mail the report to the deciders of the source's agency, and to whoever started the run."""
    job = model.Session.get(HarvestJob, job_id)
    source = model.Session.get(HarvestSource, job.source_id) if job else None
    if job is None or source is None:
        return
    language = language_of(str(tk.config.get("ckan.locale_default") or "en"))
    subject, body = text_of(job, source, language)
    for user in _people(job, source):
        try:
            mailer.mail_user(user, subject, body)
        except mailer.MailerException:
            log.warning("no mail to %s of run %s", user.name, job_id)


def text_of(job: HarvestJob, source: HarvestSource, language: str) -> tuple[str, str]:
    """Subject and text of the mail."""
    subject = say("mail", job.state, language, title=source.title)
    link = f"{tk.config['ckan.site_url'].rstrip('/')}/desk/lists/runs/{job.id}"
    if job.cause:
        detail = job.detail or {}
        error = ListError(job.cause, detail.get("line", 0), detail.get("detail", ""), detail.get("sheet", ""))
        said = [error_text(error, language)]
    else:
        said = list(lines(job.report, language))[:_MOST_LINES] if job.report else []
    return subject, "\n".join([say("mail", "do", language), link, "", *said])


def _people(job: HarvestJob, source: HarvestSource) -> list[model.User]:
    member, group = model.member_table.c, source.agency_id
    deciders = sa.select(member["table_id"]).where(
        member["group_id"] == group,
        member["table_name"] == "user",
        member["capacity"] == "admin",
        member["state"] == "active",
    )
    ids = {*(model.Session.scalars(deciders) if group else ()), *(() if job.scheduled else (job.started_by,))}
    found = (model.User.get(user_id) for user_id in sorted(ids))
    return [user for user in found if user is not None and user.state == "active" and user.email]
