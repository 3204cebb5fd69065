"""Registering by oneself: an address is proved first, an account made after. Asking ends alike for every address.

Whether an address has an account is looked up in a job only: the answer to the one who asks, and its time, tell nothing.
The owner of the address learns it from the message.
"""

from __future__ import annotations

import secrets
from typing import Any

from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk
from itsdangerous import BadSignature, URLSafeTimedSerializer

from . import contacts, events, interfaces, membership, speaking, store

MAIL, PHONE = "mail", "phone"
NO_MAIL = "no-mail.invalid"
_LINK_SECONDS = 86_400
_CODE_SECONDS = 600
_MOST_CODES = 5
_HOUR = 3600
_MOST_MESSAGES = 5


class NoSmsProvider(RuntimeError):
    """Nobody took a short message; the job fails, and whoever looks after the jobs sees it."""


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt="govdata_login registration")


def ask_by_mail(address: str) -> None:
    """Have a link mailed to an address."""
    speaking.later(send_mail, address, title="Mail a link to register")


def ask_by_phone(number: str) -> str:
    """Have a code sent to a number; gives what the asking browser keeps, without which the code is worth nothing."""
    flow = secrets.token_urlsafe(16)
    speaking.later(send_code, flow, number, title="Send a code to register")
    return flow


def send_mail(address: str) -> None:
    """Mail the link to register, or to a new password where there is an account; a job."""
    if too_many_messages(address):
        return
    site = _site()
    user = contacts.by_mail(address)
    if user is not None:
        body = tk._(
            "You, or somebody else, asked {site} for an account with this address. You have one already: {name}.\n\n"
            "Sign in with it, or set a new password here:\n\n{address}\n\nIf it was not you, do nothing."
        )
        mailer.create_reset_key(user)
        words = body.format(site=site, name=user.name, address=mailer.get_reset_link(user))
        mailer.mail_recipient(
            user.fullname or user.name, address, tk._("Your account at {site}").format(site=site), words
        )
        return
    link = tk.url_for("govdata_login_registration.opened", token=_serializer().dumps(address), qualified=True)
    body = tk._(
        "Open this link within a day to finish registering at {site}:\n\n{address}\n\nIf it was not you, do nothing."
    )
    subject = tk._("Finish registering at {site} within a day").format(site=site)
    mailer.mail_recipient("", address, subject, body.format(site=site, address=link))


def too_many_messages(address: str) -> bool:
    """Whether an address or a number had its messages of this hour; asking counts as one."""
    return store.count("proof-sent", address.lower(), _HOUR) > _MOST_MESSAGES


def send_code(flow: str, number: str) -> None:
    """Send the code to register, or a link to a new password where there is an account; a job."""
    if too_many_messages(number):
        return
    user = contacts.by_number(number)
    if user is not None:
        mailer.create_reset_key(user)
        words = tk._("{site}: you have an account already. Set a new password: {address}")
        text(number, words.format(site=_site(), address=mailer.get_reset_link(user)))
        return
    code = f"{secrets.randbelow(10**6):06d}"
    store.keep("phone-code", _key(flow, number), {"code": store.digest(flow + code)}, _CODE_SECONDS)
    text(number, tk._("{site}: your code to register is {code}. Tell it to nobody.").format(site=_site(), code=code))


def text(number: str, words: str) -> None:
    """Send a short message. Raises NoSmsProvider when nobody takes it."""
    if not interfaces.send_sms(number, words, secrets.token_hex(8)):
        raise NoSmsProvider("No plugin took the short message: set up a provider, or take phone out of the setting.")


def has_no_mail(user: model.User) -> bool:
    """Whether an account has no mail address but the made-up one of those who registered with a number."""
    return not user.email or user.email.endswith(f"@{NO_MAIL}")


def mail_of_link(token: str) -> str:
    """The address that a mailed link proves; empty for a link that is out of date, or whose address has an account by now."""
    try:
        address = str(_serializer().loads(token, max_age=_LINK_SECONDS))
    except BadSignature:
        return ""
    return address if contacts.by_mail(address) is None else ""


def check_code(flow: str, number: str, code: str) -> bool:
    """Whether a code proves a number; it counts once, and five wrong ones use it up."""
    key = _key(flow, number)
    if store.count("phone-tries", key, _CODE_SECONDS) > _MOST_CODES:
        store.forget("phone-code", key)
        return False
    kept = store.peek("phone-code", key)
    good = kept is not None and secrets.compare_digest(kept["code"], store.digest(flow + code.strip()))
    if good:
        store.forget("phone-code", key)
    return good


def make(kind: str, address: str, fullname: str, password: str) -> model.User:
    """Make the account of a proved address. Its name is drawn by lot: choosing would tell which names are taken.

    Raises:
        tk.ValidationError: the password is none, or the address has got an account meanwhile.
    """
    if kind == PHONE and contacts.by_number(address) is not None:
        raise tk.ValidationError({"phone": [tk._("This number has an account by now. Sign in with it.")]})
    name = _free_name()
    given: dict[str, Any] = {"name": name, "fullname": fullname.strip()[:200], "password": password}
    given["email"] = address if kind == MAIL else f"{name}@{NO_MAIL}"
    made = tk.get_action("user_create")({"ignore_auth": True, "user": membership.site_user()}, given)
    user = model.User.get(made["id"])
    assert user is not None  # noqa: S101  (CKAN's action has just made it)
    if kind == PHONE:
        contacts.bind(user.id, address)
        model.Session.commit()
    events.tell("account_registered", user=user.id, kind=kind)
    return user


def _free_name() -> str:
    name = ""
    while not name or model.User.by_name(name):
        name = f"u{secrets.token_hex(4)}"
    return name


def _key(flow: str, number: str) -> str:
    return f"{flow} {number}"


def _site() -> str:
    return str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
