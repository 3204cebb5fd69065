"""What a person sees of their own way in: identities linked, sessions open, and how to end them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.common import logout_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, make_response, request

from .. import closing, config, local, sessions, stepup
from ..factors import keeping
from ..model import Identity, Session
from .answers import sign_in_first

account = Blueprint("govdata_login_account", __name__, url_prefix="/login/account")


@account.before_request
def signed_in_only() -> Any:
    """Send visitors to sign in, and back."""
    if sessions.current() is None:
        return sign_in_first()
    return None


def _here() -> Session:
    row = sessions.current()
    return row if row is not None else tk.abort(403)


@account.get("/")
def security() -> str:
    """Identities, sessions and second factors of the person who is signed in."""
    row = _here()
    query = sa.select(Identity).where(Identity.user_id == row.user_id).order_by(Identity.linked_at)
    identities = list(model.Session.execute(query).scalars())
    known = config.providers()
    return tk.render(
        "govdata_login/security.html",
        {
            "here": row.id,
            "open_sessions": sessions.open_sessions(row.user_id),
            "identities": [(one, known.get(one.provider)) for one in identities],
            "linkable": [one for key, one in known.items() if key not in {had.provider for had in identities}],
            "factors": [one for one in keeping.of(row.user_id) if one.kind != keeping.RECOVERY],
            "recovery_left": len(keeping.of(row.user_id, keeping.RECOVERY)),
        },
    )


@account.post("/sessions/<id>/end")
def end_session(id: str) -> Any:
    """End one of one's own sessions."""
    tk.get_action("govdata_login_session_end")({"user": tk.current_user.name}, {"id": id})
    tk.h.flash_success(tk._("The session is ended. The browser that used it has to sign in again."))
    return tk.redirect_to("govdata_login_account.security")


@account.post("/sessions/end-others")
def end_others() -> Any:
    """End all of one's own sessions but this one."""
    row = _here()
    ended = sessions.end("ended_by_owner", *sessions.others_of(row))
    message = tk.ungettext("{number} other session is ended.", "{number} other sessions are ended.", ended)
    tk.h.flash_success(message.format(number=ended))
    return tk.redirect_to("govdata_login_account.security")


@account.post("/identities/<id>/unlink")
def unlink(id: str) -> Any:
    """Take a linked identity off one's account."""
    tk.get_action("govdata_login_identity_unlink")({"user": tk.current_user.name}, {"id": id})
    tk.h.flash_success(tk._("The identity is no longer linked."))
    return tk.redirect_to("govdata_login_account.security")


@account.route("/close", methods=["GET", "POST"])
def close() -> Any:
    """Close one's own account, after showing once more who one is."""
    row = _here()
    user = model.User.get(row.user_id)
    if user is None:
        tk.abort(403)
    by_password = stepup.provider_of(row) is None and not keeping.enrolled(user.id)
    if not by_password and not stepup.confirmed(row):
        return tk.redirect_to("govdata_login.step_up", next=tk.url_for("govdata_login_account.close"))
    error = ""
    if request.method == "POST":
        error = _why_not(user, by_password)
        if not error:
            tk.get_action("govdata_login_account_close")({"user": user.name}, {})
            logout_user()
            tk.h.flash_success(tk._("Your account is closed."))
            return tk.redirect_to("home.index")
    values = {"user": user, "by_password": by_password, "against": closing.obstacles(user), "error": error}
    request.environ["__no_cache__"] = True
    return make_response(tk.render("govdata_login/close.html", values))


def _why_not(user: model.User, by_password: bool) -> str:
    if request.form.get("name", "").strip() != user.name:
        return tk._("Write the name of your account, so that none is closed by mistake.")
    if by_password and local.sign_in(user.name, request.form.get("password", ""), "").user is None:
        return tk._("The password is wrong.")
    return ""
