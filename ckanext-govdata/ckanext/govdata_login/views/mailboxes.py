"""The page of a mailed link that proves a new address of an account."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, make_response, request

from .. import mailboxes, sessions
from .local import uncached

mailing = Blueprint("govdata_login_mail", __name__, url_prefix="/login/mail")


@mailing.route("/<token>", methods=["GET", "POST"])
def prove(token: str) -> Any:
    """Show which address a link proves; a press of the button takes it, by whoever asked for it and nobody else."""
    row = sessions.current()
    if row is None:
        return tk.redirect_to("user.login", next=request.environ.get("CKAN_CURRENT_URL"))
    user = model.User.get(row.user_id)
    address = mailboxes.address_of(token, user) if user is not None else ""
    if user is None or not address:
        tk.abort(403, tk._("This link is out of date, was used, or is another account's. Change your address anew."))
    if request.method != "POST":
        return uncached(make_response(tk.render("govdata_login/mail.html", {"address": address, "user": user})))
    if not mailboxes.change(user, address):
        tk.abort(403, tk._("This link is out of date, was used, or is another account's. Change your address anew."))
    tk.h.flash_success(tk._("Your mail address is {address} now.").format(address=address))
    return uncached(tk.redirect_to("user.me"))
