"""The page of an invitation whose address has an account: what is offered, and taking it up as whoever is signed in."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, make_response, request

from .. import invitations, sessions
from .local import uncached

inviting = Blueprint("govdata_login_invitation", __name__, url_prefix="/login/invitation")


@inviting.route("/<id>", methods=["GET", "POST"])
def take(id: str) -> Any:
    """Show what a mailed link offers; a press of the button takes it up."""
    row = sessions.current()
    if row is None:
        return tk.redirect_to("user.login", next=request.environ.get("CKAN_CURRENT_URL"))
    invited, user = invitations.waiting(id, request.args.get("key")), model.User.get(row.user_id)
    if invited is None or user is None:
        tk.abort(403, tk._("This link is out of date or was used. Ask whoever invited you for a new one."))
    places = invitations.places(invited)
    if request.method == "POST":
        invitations.take_up(invited, user)
        tk.h.flash_success(tk._("You have taken up your place."))
        return uncached(tk.redirect_to("user.me"))
    shown = [(group.title or group.name, tk.h.roles_translated().get(capacity, capacity)) for group, capacity in places]
    return uncached(make_response(tk.render("govdata_login/invitation.html", {"places": shown, "user": user})))
