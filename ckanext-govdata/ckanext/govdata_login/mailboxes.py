"""A new mail address of an account counts once it is proved; asking for one ends alike whether somebody has it already.

CKAN says on the form of one's profile, and in its API, that an address belongs to somebody else. Here nothing looks while
somebody waits: a job sends a link to the new address, or a word to the owner whom it has. Administrators, who see all accounts
anyway, change at once.
"""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.lib import mailer
from ckan.logic.validators import email_is_unique as ckans
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from flask import has_request_context, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from . import contacts, events, invitations, registration, speaking, store
from .factors.keeping import site

_HELD = "govdata_login_mail_held"
_LINK_SECONDS = 86_400


def email_is_unique(key: Any, data: Any, errors: Any, context: Any) -> Any:
    """CKAN's validator, which does not look where the answer would tell somebody's address: only its owner learns it."""
    away = context.get(_HELD) or context.get(invitations.INVITING)
    return None if away else ckans(key, data, errors, context)


def hold_back(context: Context, data_dict: DataDict) -> tuple[DataDict, str]:
    """The change of an account without its new mail address, and that address; empty where there is none to prove."""
    user = model.User.get(str(data_dict.get("id") or ""))
    wished = str(data_dict.get("email") or "").strip()
    if user is None or not wished or _at_once(context) or wished.lower() == (user.email or "").lower():
        return data_dict, ""
    context[_HELD] = True  # type: ignore[literal-required]
    try:
        tk.get_validator("email_validator")(wished, context)  # type: ignore[operator]
    except tk.Invalid:
        return data_dict, ""  # CKAN's own validation says what is wrong with it.
    return {**data_dict, "email": user.email or f"{user.name}@{registration.NO_MAIL}"}, wished


def _at_once(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


def ask(user_id: str, address: str) -> None:
    """Have the proof of a new address mailed there, and say so to whoever asked on a page."""
    speaking.later(send_proof, user_id, address, title="Mail a link that proves a new address")
    if has_request_context() and request.endpoint == "user.edit":
        words = tk._(
            "A mail is on its way to {address}. Your address changes when you open its link; until then the old one stays."
        )
        tk.h.flash_notice(words.format(address=address))


def send_proof(user_id: str, address: str) -> None:
    """Mail the link, or a word to the owner whom the address has already; a job."""
    user = model.User.get(user_id)
    if user is None or not user.is_active or registration.too_many_messages(address):
        return
    owner = contacts.by_mail(address)
    if owner is not None and owner.id != user.id:
        body = tk._(
            "Somebody wants to use this address for another account at {site}. It belongs to your account {name}, so nothing "
            "has changed.\n\nIf it was you, sign in as {name}. If it was not you, do nothing."
        )
        subject = tk._("Your account at {site}").format(site=site())
        mailer.mail_recipient(owner.fullname or owner.name, address, subject, body.format(site=site(), name=owner.name))
        return
    link = tk.url_for("govdata_login_mail.prove", token=_serializer().dumps(_kept(user, address)), qualified=True)
    body = tk._(
        "Open this link within a day and sign in as {name}; then this becomes the address of your account at {site}:\n\n"
        "{address}\n\nIf it was not you, do nothing."
    )
    subject = tk._("Confirm your new address at {site} within a day").format(site=site())
    mailer.mail_recipient(
        user.fullname or user.name, address, subject, body.format(site=site(), name=user.name, address=link)
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt="govdata_login new mail address")


def _kept(user: model.User, address: str) -> list[str]:
    # With what the address is now: once it has changed, older links are worth nothing.
    return [user.id, address, store.digest(str(user.email))[:32]]


def address_of(token: str, user: model.User) -> str:
    """The address that a link proves for this account; empty for a link that is out of date, used, or another's."""
    try:
        found = _serializer().loads(token, max_age=_LINK_SECONDS)
    except BadSignature:
        return ""
    address = str(found[1])
    return address if found == _kept(user, address) and contacts.by_mail(address) is None else ""


def change(user: model.User, address: str) -> bool:
    """Give an account its proved address; False if it was taken meanwhile. Links that lie at the old one open nothing more."""
    before = str(user.email or "")
    user.email, user.reset_key = address, ""
    try:
        model.Session.commit()
    except IntegrityError:
        model.Session.rollback()
        return False
    events.tell("mail_changed", user=user.id)
    if before and not before.endswith(f"@{registration.NO_MAIL}"):
        speaking.later(tell_former, before, user.name, title="Tell an address that it is left")
    return True


def tell_former(address: str, name: str) -> None:
    """Tell an address that its account has another one now; a job."""
    body = tk._(
        "Your account {name} at {site} has another mail address now. Nothing more comes to this one.\n\n"
        "If it was not you, tell the administrator of {site} at once."
    )
    subject = tk._("The mail address of your account at {site} has changed").format(site=site())
    mailer.mail_recipient(name, address, subject, body.format(name=name, site=site()))
