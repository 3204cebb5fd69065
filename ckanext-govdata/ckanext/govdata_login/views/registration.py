"""The pages of registering: an address, its proof, then name and password. Each answers alike for every address."""

from __future__ import annotations

import re
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, request, session

from .. import config, contacts, registration, sessions
from ..registration import MAIL, PHONE
from ..sessions import How
from .answers import page
from .local import enter

registering = Blueprint("govdata_login_registration", __name__, url_prefix="/login/register")
_KEPT = "govdata_login_registration"
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@registering.before_request
def visitors_only() -> Any:
    """Nobody registers while signed in, and nobody at all where the setting says so."""
    if not config.registration():
        tk.abort(404, tk._("Nobody registers here by themselves. Ask the administrator for an account."))
    return tk.redirect_to("user.me") if sessions.current() is not None else None


@registering.route("/", methods=["GET", "POST"])
def begin() -> Any:
    """Ask for an address, and have the proof sent there."""
    kinds = [kind for kind in (MAIL, PHONE) if kind in config.registration()]
    given, errors = {kind: request.form.get(kind, "").strip() for kind in kinds}, {}
    if request.method == "POST":
        mail, number = given.get(MAIL, ""), contacts.plain(given.get(PHONE, ""))
        if MAIL in kinds and _MAIL.fullmatch(mail):
            registration.ask_by_mail(mail)
            return page("register_sent", {"address": mail})
        if PHONE in kinds and number:
            session[_KEPT] = {"kind": PHONE, "address": number, "flow": registration.ask_by_phone(number)}
            return tk.redirect_to("govdata_login_registration.code")
        asked = next((kind for kind in kinds if given[kind]), kinds[0])
        errors[asked] = (
            tk._("This is no mail address. Write it like name@example.org.")
            if asked == MAIL
            else tk._(
                "This is no telephone number. Write a mobile number of eleven digits, or + and the country's code."
            )
        )
    return page("register", {"kinds": kinds, "given": given, "errors": errors})


@registering.route("/code", methods=["GET", "POST"])
def code() -> Any:
    """Take the code that was sent to a number."""
    kept = session.get(_KEPT) or {}
    if kept.get("kind") != PHONE:
        return tk.redirect_to("govdata_login_registration.begin")
    error = ""
    if request.method == "POST":
        if registration.check_code(kept["flow"], kept["address"], request.form.get("code", "")):
            session[_KEPT] = {"kind": PHONE, "address": kept["address"], "proved": True}
            return tk.redirect_to("govdata_login_registration.finish")
        error = tk._("This code is not right, or out of date. Five tries count; then ask for a new one.")
    return page("register_code", {"address": kept["address"], "error": error})


@registering.get("/open/<token>")
def opened(token: str) -> Any:
    """A mailed link was opened: its address is proved in this browser."""
    address = registration.mail_of_link(token)
    if not address:
        tk.abort(403, tk._("This link is out of date or was used. Start again from the registration page."))
    session[_KEPT] = {"kind": MAIL, "address": address, "proved": True}
    return tk.redirect_to("govdata_login_registration.finish")


@registering.route("/finish", methods=["GET", "POST"])
def finish() -> Any:
    """Ask for name and password, make the account and sign its owner in."""
    kept = session.get(_KEPT) or {}
    if not kept.get("proved"):
        return tk.redirect_to("govdata_login_registration.begin")
    given, errors = {"fullname": request.form.get("fullname", "").strip()}, {}
    if request.method == "POST":
        errors = _faults(given["fullname"])
        if not errors:
            try:
                user = registration.make(
                    kept["kind"], kept["address"], given["fullname"], request.form.get("password", "")
                )
            except tk.ValidationError as error:
                errors = {name: _joined(words) for name, words in error.error_dict.items()}
            else:
                session.pop(_KEPT, None)
                tk.h.flash_success(tk._("Your account is made. Its name is {name}.").format(name=user.name))
                return enter(user, How(), tk.url_for("user.me"))
    return page("register_finish", {"address": kept["address"], "given": given, "errors": errors})


def _faults(fullname: str) -> dict[str, str]:
    errors = {}
    if not fullname:
        errors["fullname"] = tk._("Write how you want to be called here.")
    if request.form.get("password", "") != request.form.get("again", ""):
        errors["again"] = tk._("The two passwords differ. Write the same one twice.")
    if not request.form.get("password"):
        errors["password"] = tk._("Choose a password.")
    return errors


def _joined(words: Any) -> str:
    return " ".join(str(one) for one in words) if isinstance(words, list) else str(words)
