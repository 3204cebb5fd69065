"""Mails for a forgotten password go out by a job: asking takes as long, and ends alike, for a name that nobody has."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk


def notify(already_notified: bool, topic: str, details: dict[str, Any] | None) -> bool:
    """Take over the mail of a reset; all other topics stay with whoever handles them."""
    if already_notified or topic != "request_password_reset" or not details:
        return already_notified
    tk.enqueue_job(send, [details["user"].id], title="Mail a link to reset a password")
    return True


def send(user_id: str) -> None:
    """Mail the link; a job."""
    user = model.User.get(user_id)
    if user is not None and user.is_active and user.email:
        mailer.send_reset_link(user)
