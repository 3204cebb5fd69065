"""A forgotten password: asking for a link takes as long, and ends alike, for a name that nobody has.

CKAN looks the account up while the visitor waits, and tells one that is not there from a link that is wrong. Here both
requests are answered before CKAN's views: the looking up is a job's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.common import request as ckan_request
from ckan.lib import captcha, mailer
from ckan.plugins import toolkit as tk
from ckan.types import CKANApp
from flask import request

from . import config, contacts, invitations, registration, reset_keys, speaking


def install(app: CKANApp) -> None:
    """Put ours before CKAN's views: asking for a reset, opening its link, and registering where ours stands in for it."""
    mailer.make_key = reset_keys.make
    for endpoint, ours in (("request_reset", _asked), ("perform_reset", _opened), ("register", _registering)):
        name = f"user.{endpoint}"
        app.view_functions[name] = _first(ours, app.view_functions[name])


def _first(ours: Callable[..., Any], ckans: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(ckans)
    def view(**given: Any) -> Any:
        answer = ours(**given)
        return answer if answer is not None else ckans(**given)

    return view


def _registering() -> Any:
    # CKAN's page tells which names and addresses are taken: to administrators alone, who see all accounts anyway.
    if config.registration() and not getattr(tk.current_user, "sysadmin", False):
        return tk.redirect_to("govdata_login_registration.begin")
    return None


def _asked() -> Any:
    name = request.form.get("user", "").strip()
    if request.method != "POST" or not name:
        return None
    try:
        tk.check_access("request_reset", {"user": tk.current_user.name}, {})
        captcha.check_recaptcha(ckan_request)
    except (tk.NotAuthorized, captcha.CaptchaError):
        return None  # CKAN's own view says so.
    speaking.later(send_all, name, title="Mail links to reset a password")
    tk.h.flash_success(
        tk._("A reset link has been emailed to you (unless the account specified does not exist)"),
    )
    return tk.redirect_to(str(tk.config["ckan.user_reset_landing_page"]))


def _opened(id: str) -> Any:
    user, key = model.User.get(id), request.args.get("key")
    if user is None or not reset_keys.is_good(user, key):
        tk.abort(403, tk._("Invalid reset key. Please try again."))
    if invitations.waiting(id, key) is not None:
        # CKAN would make it a second account of the same address.
        return tk.redirect_to("govdata_login_invitation.take", id=id, key=key)
    return None


def notify(already_notified: bool, topic: str, details: dict[str, Any] | None) -> bool:
    """Take over the mails of resets that other ways ask for, and of invitations; other topics stay with whoever handles them."""
    if already_notified or topic != "request_password_reset" or not details:
        return invitations.notify(already_notified, topic, details)
    speaking.later(send, details["user"].id, title="Mail a link to reset a password")
    return True


def send_all(name: str) -> None:
    """Send the link to every account of a name, an address or a number; a job."""
    found = [model.User.by_name(name), contacts.by_number(name)]
    if "@" in name:
        # Accounts of older days may share an address.
        query = sa.select(model.User).where(sa.func.lower(model.User.email) == name.lower())  # type: ignore[arg-type]
        found += list(model.Session.scalars(query))
    for id in {user.id for user in found if user is not None}:
        send(id)


def send(user_id: str) -> None:
    """Send the link by mail, or by short message to who registered with a number; a job."""
    user = model.User.get(user_id)
    if user is None or not user.is_active:
        return
    number = contacts.of(user.id)
    if number and registration.has_no_mail(user):
        mailer.create_reset_key(user)
        words = tk._("{site}: set a new password here: {address}")
        site = str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
        registration.text(number, words.format(site=site, address=mailer.get_reset_link(user)))
    elif user.email:
        mailer.send_reset_link(user)
