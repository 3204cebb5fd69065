"""Word to the agency whose data is inspected: a mail to its deciders, by a job."""

from __future__ import annotations

import logging

from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from .model import Grant

logger = logging.getLogger(__name__)


def tell_agency(grant_id: str) -> None:
    """Tell the agency of an inspection's request or decision; what it says stands in its list of grants in any case."""
    try:
        tk.enqueue_job(mail_deciders, [grant_id], title=f"word of inspection {grant_id}")
    except RedisError:
        logger.exception("The agency gets no mail of inspection %s; it stands in its list of grants", grant_id)


def mail_deciders(grant_id: str) -> None:
    """Mail each decider of the dataset's agency how an inspection stands."""
    row = model.Session.get(Grant, grant_id)
    package = model.Session.get(model.Package, row.package_id) if row else None
    if row is None or package is None or not package.owner_org:
        return
    subject = tk._("Inspection of {title}: {state}").format(title=package.title or package.name, state=row.state)
    body = tk._("Until {day}. Reason: {reason}\n{address}").format(
        day=row.ends_at.date().isoformat(),
        reason=row.reason,
        address=tk.url_for("dataset.read", id=package.name, _external=True),
    )
    for user in _deciders(package.owner_org):
        _mail(user, subject, body)


def _deciders(agency_id: str) -> list[model.User]:
    member = model.Member
    posts = model.Session.query(member.table_id).filter(
        member.group_id == agency_id,
        member.table_name == "user",
        member.capacity == "admin",
        member.state == "active",
    )
    return [user for (user_id,) in posts if (user := model.User.get(user_id)) is not None and user.email]


def _mail(user: model.User, subject: str, body: str) -> None:
    try:
        mailer.mail_user(user, subject, body)
    except mailer.MailerException:
        logger.exception("No mail to %s; the inspection stands in the list of grants", user.name)
