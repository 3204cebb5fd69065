"""Writes notices in the caller's transaction: they are there when what they tell of is, and never without it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert

from .. import config
from ..columns import new_id, now
from .domain import check_facts
from .model import Contact, Delivery, Notice
from .recipients import persons

logger = logging.getLogger(__name__)
_WAITING = "govdata_notices_waiting"


def tell(
    recipients: Iterable[str],
    text: str,
    facts: Mapping[str, Any],
    *,
    link: str = "",
    about: str | None = None,
    key: str | None = None,
    but: Iterable[str] = (),
) -> int:
    """Tell each person behind the recipients; returns how many were told now.

    `text` names a text of notices/texts, `facts` fill its places (a text, an ISO day, or {"zh": ..., "en": ...}); `link` is
    a path of the portal; `about` the id of the case. Whoever has a notice with this `key` already is not told again. `but`
    are ids of users who need not be told what they did themselves. Does not commit: the mail leaves after the caller's commit.

    Raises NoticeTextError for an unknown text, recipient, or an empty place.
    """
    check_facts(text, facts)
    told = 0
    for person in persons(recipients):
        if person.id in set(but):
            continue
        row = _notice(person.id, text, facts, link, about, key)
        if row is not None:
            told += 1
            _on_its_way(person, row)
    if told:
        model.Session.info[_WAITING] = True
    return told


def _notice(
    user_id: str, text: str, facts: Mapping[str, Any], link: str, about: str | None, key: str | None
) -> str | None:
    values = {"id": new_id(), "user_id": user_id, "text": text, "facts": dict(facts), "link": link, "about": about}
    values |= {"key": key or new_id(), "created_at": now()}
    once = insert(Notice).values(values).on_conflict_do_nothing(index_elements=["user_id", "key"]).returning(Notice.id)
    return model.Session.execute(once).scalar()


def _on_its_way(person: model.User, notice_id: str) -> None:
    contact = model.Session.get(Contact, person.id)
    if config.mail_from() and person.email and (contact is None or contact.mail):
        _delivery(notice_id, "mail", f"<{notice_id}@{config.mail_domain()}>")
    if config.sms_provider() and contact is not None and contact.sms and contact.phone:
        _delivery(notice_id, "sms", notice_id)


def _delivery(notice_id: str, channel: str, reference: str) -> None:
    values = {"id": new_id(), "notice_id": notice_id, "channel": channel, "reference": reference}
    values |= {"state": "waiting", "attempts": 0, "next_at": now()}
    model.Session.execute(sa.insert(Delivery).values(values))


def _send_after_commit(session: Any) -> None:
    if session.in_nested_transaction():
        return
    if session.info.pop(_WAITING, False):
        from .sending import send

        try:
            tk.enqueue_job(send, title="Send notices")
        except RedisError:
            logger.warning("Notices wait for the next round: the queue does not answer", exc_info=True)


def _forget(session: Any, *_: Any) -> None:
    """With a savepoint's rollback nothing: the sender finds out what there is to send."""
    if not session.in_nested_transaction():
        session.info.pop(_WAITING, None)


event.listen(model.Session, "after_commit", _send_after_commit)
event.listen(model.Session, "after_rollback", _forget)
