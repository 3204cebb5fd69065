"""What changed this week, told by mail to those who follow an agency (YZ-24); the feed tells everybody at once.

Told is what a visitor sees, and nothing else. Followers who want no mail from the portal get none.
"""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict

import sqlalchemy as sa
from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError
from sqlalchemy.dialects.postgresql import insert

from ckanext.govdata.columns import now

from .jobs.domain import SHANGHAI, announcement_due
from .model import HarvestRun, HarvestStep
from .source_model import HarvestAnnouncement
from .words import language_of, say

log = logging.getLogger(__name__)
_MOST_TOLD = 100
_DAYS = 7
Change = tuple[str, str, str]


def queue_if_due() -> bool:
    """Have a worker announce the week, once it is over. Whether it was queued; twice does no harm."""
    week = announcement_due(now())
    if week is None or model.Session.get(HarvestAnnouncement, week) is not None:
        return False
    try:
        tk.enqueue_job(announce, [week], title=f"what changed until {week}")
    except (RedisError, OSError):
        return False
    return True


def announce(week: str) -> int:
    """Mail to every follower of an agency what its lists changed in the seven days before this one. How many mails went out."""
    claimed = model.Session.execute(
        insert(HarvestAnnouncement).values(week=week, made_at=now()).on_conflict_do_nothing()
    )
    model.Session.commit()
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return 0
    end = datetime.datetime.fromisoformat(week).replace(tzinfo=SHANGHAI)
    end = end.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    told = 0
    for agency_id, changes in _changes(end - datetime.timedelta(days=_DAYS), end).items():
        for user in _followers(agency_id):
            told += _mail(user, agency_id, changes)
    return told


def _changes(since: datetime.datetime, until: datetime.datetime) -> dict[str, list[Change]]:
    """By agency: what was done to which entry, its title and its address; each entry once, by the last that was done to it."""
    steps = model.Session.execute(
        sa.select(HarvestStep.package_id, HarvestStep.act, model.Package.owner_org)
        .join(HarvestRun, HarvestRun.id == HarvestStep.run_id)
        .join(model.Package, sa.literal_column("package.id") == HarvestStep.package_id)
        .where(HarvestRun.state == "finished", HarvestRun.finished_at >= since, HarvestRun.finished_at < until)
        .order_by(HarvestStep.id)
    )
    last = {package_id: (act, owner) for package_id, act, owner in steps.tuples()}
    found: dict[str, list[Change]] = defaultdict(list)
    for package_id, (act, owner) in last.items():
        entry = _as_a_visitor_sees(package_id)
        if entry is not None and owner:
            found[owner].append((act, str(entry["title"]), str(entry["name"])))
    return found


def _as_a_visitor_sees(package_id: str) -> dict[str, object] | None:
    try:
        return tk.get_action("package_show")({"user": "", "ignore_auth": False}, {"id": package_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None


def _followers(agency_id: str) -> list[model.User]:
    users = sa.select(model.User).join(
        model.UserFollowingGroup, sa.literal_column("user_following_group.follower_id") == model.User.id
    )
    wanted = users.where(
        sa.literal_column("user_following_group.object_id") == agency_id,
        model.User.state == "active",
        model.User.activity_streams_email_notifications.is_(True),
    )
    return [user for user in model.Session.scalars(wanted) if user.email]


def _mail(user: model.User, agency_id: str, changes: list[Change]) -> bool:
    group = model.Session.get(model.Group, agency_id)
    if group is None:
        return False
    language = language_of(str(tk.config.get("ckan.locale_default") or "en"))
    site = tk.config["ckan.site_url"].rstrip("/")
    counts = {name: sum(act == name for act, _, _ in changes) for name in ("added", "changed", "returned", "withdrawn")}
    lines = [
        say("week", "line", language, act=say("week", act, language), title=title, link=f"{site}/dataset/{name}")
        for act, title, name in changes[:_MOST_TOLD]
    ]
    if len(changes) > _MOST_TOLD:
        lines.append(say("counts", "more", language, count=len(changes) - _MOST_TOLD))
    subject = say("week", "subject", language, agency=group.title or group.name, **counts)
    body = "\n".join([*lines, "", say("week", "why", language, link=f"{site}/organization/{group.name}")])
    try:
        mailer.mail_user(user, subject, body)
    except mailer.MailerException:
        log.warning("no mail to %s of what changed this week", user.name)
        return False
    return True
