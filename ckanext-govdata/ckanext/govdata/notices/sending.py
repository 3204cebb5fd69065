"""The worker's half: sends what waits, one at a time, and keeps at it.

Guarantee: a message is sent at least once, always under the same Message-ID, and again only where it was not learnt whether the
server took it: the row is held while the message is on the way, so no two processes send it, and a killed one leaves it waiting.
"""

from __future__ import annotations

import datetime
import logging
import smtplib
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from .. import config
from ..columns import now
from .domain import next_try, render
from .model import Contact, Delivery, Notice
from .providers import SmsError, provider
from .words import full_link, mail_note

logger = logging.getLogger(__name__)
_PATIENCE = 30.0


class MailRefused(Exception):
    """Nobody took the mail, or nobody said so; it is tried again."""


class Post:
    """One connection to the mail server for as many mails as go through it."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Post:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._hang_up()

    def send(self, message: EmailMessage) -> None:
        """Raises MailRefused unless the server has taken the mail and said so."""
        try:
            if self._server is None:
                self._server = _connect()
            self._server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise MailRefused(f"{type(error).__name__}: {error}"[:500]) from error

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def _connect() -> smtplib.SMTP:
    """The server of CKAN's own settings."""
    host, _, port = str(tk.config.get("smtp.server") or "localhost").partition(":")
    server = smtplib.SMTP(host, int(port or 25), timeout=_PATIENCE)
    if tk.asbool(tk.config.get("smtp.starttls")):
        server.starttls()
    user, password = tk.config.get("smtp.user"), tk.config.get("smtp.password")
    if user:
        server.login(str(user), str(password or ""))
    return server


def send(at: datetime.datetime | None = None, most: int = 1000) -> int:
    """Send what is due, each once, and return how many were taken. What fails is put off and tried without end."""
    taken, failed = 0, set[str]()
    with Post() as post:
        for _ in range(most):
            row = _next(at or now(), failed)
            if row is None:
                model.Session.rollback()
                break
            if _try(row, post):
                taken += 1
            else:
                failed.add(row.id)
            model.Session.commit()
    return taken


def _next(at: datetime.datetime, failed: set[str]) -> Delivery | None:
    """The message that waits longest; held until the transaction ends, and passed over by others meanwhile."""
    waiting = sa.select(Delivery).where(Delivery.state == "waiting", Delivery.next_at <= at)
    one = waiting.where(Delivery.id.not_in(failed)).order_by(Delivery.next_at, Delivery.id).limit(1)
    return model.Session.scalars(
        one.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).first()


def _try(row: Delivery, post: Post) -> bool:
    notice = model.Session.get(Notice, row.notice_id)
    person = model.User.get(notice.user_id) if notice else None
    if notice is None or person is None or person.state != model.State.ACTIVE or not _address(row, person):
        row.state = "dropped"
        return False
    row.attempts += 1
    try:
        _hand_over(row, notice, person, post)
    except (MailRefused, SmsError, KeyError, ValueError) as error:
        # A text that is gone or an address that is none must not keep the others waiting.
        row.last_error, row.next_at = str(error), next_try(now(), row.attempts)
        logger.warning("Notice %s was not taken (%s), attempt %s", row.reference, error, row.attempts)
        return False
    row.state, row.sent_at, row.last_error = "sent", now(), None
    return True


def _address(row: Delivery, person: model.User) -> str | None:
    if row.channel == "mail":
        return person.email
    contact = model.Session.get(Contact, person.id)
    return contact.phone if contact and contact.sms else None


def _hand_over(row: Delivery, notice: Notice, person: model.User, post: Post) -> None:
    locale, link = str(tk.config.get("ckan.locale_default") or ""), full_link(notice.link)
    text = render(notice.text, notice.facts, locale)
    if row.channel == "sms":
        sms = provider(config.sms_provider())
        if sms is None:
            raise SmsError("No provider of this name is installed.")
        sms.send(str(_address(row, person)), text.short(link), row.reference)
        return
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = text.subject, config.mail_from(), person.email
    message["Message-ID"] = row.reference
    message["Date"] = format_datetime(notice.created_at.replace(tzinfo=datetime.timezone.utc))
    message["Auto-Submitted"] = "auto-generated"
    if reply_to := str(tk.config.get("smtp.reply_to") or ""):
        message["Reply-To"] = reply_to
    message.set_content(text.plain(link, str(tk.config.get("ckan.site_title") or ""), mail_note(locale)))
    post.send(message)
