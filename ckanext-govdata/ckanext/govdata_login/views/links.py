"""The pages of mailed links that count for whoever is signed in: what a link offers, and taking it by a press of the button."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from .. import invitations, mailboxes, sessions
from .answers import page, sign_in_first, uncached

inviting = Blueprint("govdata_login_invitation", __name__, url_prefix="/login/invitation")
mailing = Blueprint("govdata_login_mail", __name__, url_prefix="/login/mail")


def _of_somebody(view: Callable[[model.User | None, str], Any]) -> Callable[..., Any]:
    """A page of a link, given who is signed in and the link's last part; a visitor signs in first."""

    @wraps(view)
    def shown(**parts: str) -> Any:
        row = sessions.current()
        return sign_in_first() if row is None else view(model.User.get(row.user_id), *parts.values())

    return shown


def _taken(words: str) -> Any:
    tk.h.flash_success(words)
    return uncached(tk.redirect_to("user.me"))


@inviting.route("/<id>", methods=["GET", "POST"])
@_of_somebody
def take(user: model.User | None, id: str) -> Any:
    """The places to which an address that has an account was invited; they go to whoever is signed in."""
    invited = invitations.waiting(id, request.args.get("key"))
    if invited is None or user is None:
        tk.abort(403, tk._("This link is out of date or was used. Ask whoever invited you for a new one."))
    if request.method == "POST":
        invitations.take_up(invited, user)
        return _taken(tk._("You have taken up your place."))
    places = invitations.places(invited)
    shown = [(group.title or group.name, tk.h.roles_translated().get(capacity, capacity)) for group, capacity in places]
    return page("invitation", {"places": shown, "user": user})


@mailing.route("/<token>", methods=["GET", "POST"])
@_of_somebody
def prove(user: model.User | None, token: str) -> Any:
    """The new address that a link proves; it becomes the account's of whoever asked for it, and of nobody else."""
    address = mailboxes.address_of(token, user) if user is not None else ""
    taken = request.method == "POST"
    if user is None or not address or (taken and not mailboxes.change(user, address)):
        tk.abort(403, tk._("This link is out of date, was used, or is another account's. Change your address anew."))
    if taken:
        return _taken(tk._("Your mail address is {address} now.").format(address=address))
    return page("mail", {"address": address, "user": user})
