"""The pages of second factors: showing one at sign-in or to confirm, adding, taking away."""

from __future__ import annotations

from typing import Any

import segno
from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, jsonify, make_response, request

from .. import guessing, refusing, sessions, stepup
from ..addresses import safe_next
from ..factors import codes, keeping, passkeys, sealing
from ..model import Session
from .answers import page, sign_in_first

factors = Blueprint("govdata_login_factor", __name__, url_prefix="/login/factor")


def _row() -> Session:
    """The session of a person who is signed in, or who owes a second factor."""
    row = sessions.current() or sessions.waiting()
    return row if row is not None else tk.abort(403, tk._("Sign in first."))


def _user(row: Session) -> model.User:
    user = model.User.get(row.user_id)
    return user if user is not None else tk.abort(403)


@factors.before_request
def somebody_only() -> Any:
    """Send visitors to sign in."""
    if sessions.current() is None and sessions.waiting() is None:
        return sign_in_first()
    return None


@factors.route("/show", methods=["GET", "POST"])
def second_factor() -> Any:
    """Ask for a second factor: to finish signing in, or to confirm who one is."""
    row = _row()
    following = refusing.next_page(request.args.get("next"), tk.url_for("user.me"))
    if not keeping.enrolled(row.user_id):
        return tk.redirect_to("govdata_login_factor.totp", next=following)
    if request.method == "POST":
        kind = keeping.check_code(row.user_id, request.form.get("code", ""))
        if kind:
            return make_response(_on(row, kind, following))
        tk.h.flash_error(tk._("This code is not right, or was used already. Wait for the next one and try again."))
    kinds = {one.kind for one in keeping.of(row.user_id)}
    return page("second_factor", {"kinds": kinds, "next": following})


def _on(row: Session, kind: str, following: str) -> Any:
    if row.waiting:
        sessions.let_in(row, kind)
    else:
        sessions.confirm(row, kind)
    return guessing.make_known(make_response(tk.redirect_to(following)), row.user_id)


@factors.post("/passkey/question")
def passkey_question() -> Any:
    """What the browser needs to show a passkey."""
    row = _row()
    return jsonify(passkeys.question(row.user_id, row.id))


@factors.post("/passkey/show")
def passkey_show() -> Any:
    """Check a passkey that was shown; tells the browser where to go on."""
    row = _row()
    if not passkeys.check(row.user_id, row.id, request.get_json(silent=True)):
        return make_response(jsonify(error=tk._("This passkey was not accepted. Try again, or use a code.")), 403)
    following = safe_next(request.args.get("next"), tk.url_for("user.me"))
    _on(row, keeping.PASSKEY, following)
    return guessing.make_known(make_response(jsonify(next=following)), row.user_id)


def _may_change(row: Session) -> Any:
    """None where factors may be changed: the first by whoever signed in, more by who confirmed with one just now."""
    if not keeping.enrolled(row.user_id) or stepup.confirmed(sessions.current()):
        return None
    return tk.redirect_to("govdata_login_factor.second_factor", next=tk.url_for("govdata_login_account.security"))


@factors.route("/app", methods=["GET", "POST"])
def totp() -> Any:
    """Add an authenticator app: show its secret, take its first code."""
    row = _row()
    away = _may_change(row)
    if away is not None:
        return away
    following = safe_next(request.args.get("next"), tk.url_for("govdata_login_account.security"))
    if request.method == "POST":
        if keeping.finish_totp(row.user_id, request.form.get("code", "")):
            return _enrolled(row, keeping.TOTP, following)
        tk.h.flash_error(tk._("This code is not right. Check that the clock of your phone is, and try the next code."))
    user = _user(row)
    waiting = keeping.unfinished_totp(user.id) or keeping.begin_totp(user)
    secret = sealing.unseal(waiting.secret)
    picture = segno.make(codes.address(secret, user.name, keeping.site()))
    return page("app", {"secret": secret, "picture": picture.svg_data_uri(scale=5, border=2), "next": following})


def _enrolled(row: Session, kind: str, following: str) -> Any:
    """After the first factor: let the person in, and show recovery codes, once."""
    had_codes = bool(keeping.of(row.user_id, keeping.RECOVERY))
    answer = _on(row, kind, following)
    return (
        answer if had_codes else page("recovery", {"made": keeping.make_recovery_codes(row.user_id), "next": following})
    )


@factors.post("/recovery")
def recovery() -> Any:
    """Make new recovery codes and show them once."""
    row = _row()
    away = _may_change(row)
    if away is not None or not keeping.enrolled(row.user_id):
        return away or tk.redirect_to("govdata_login_factor.totp")
    return page(
        "recovery",
        {"made": keeping.make_recovery_codes(row.user_id), "next": tk.url_for("govdata_login_account.security")},
    )


@factors.post("/passkey/options")
def passkey_options() -> Any:
    """What the browser needs to make a passkey."""
    row = _row()
    if _may_change(row) is not None:
        return make_response(jsonify(error=tk._("Confirm who you are first.")), 403)
    return jsonify(passkeys.registration(_user(row), row.id))


@factors.post("/passkey/add")
def passkey_add() -> Any:
    """Check and keep a new passkey."""
    row = _row()
    given = request.get_json(silent=True)
    if _may_change(row) is not None or not isinstance(given, dict):
        return make_response(jsonify(error=tk._("Confirm who you are first.")), 403)
    if not passkeys.register(_user(row), row.id, given.get("credential"), str(given.get("title") or "")):
        return make_response(jsonify(error=tk._("The passkey was not accepted. Try again.")), 403)
    following = tk.url_for("govdata_login_account.security")
    _on(row, keeping.PASSKEY, following)
    return jsonify(next=following)


@factors.post("/<id>/remove")
def remove(id: str) -> Any:
    """Take a factor off one's account."""
    row = _row()
    away = _may_change(row)
    if away is not None:
        return away
    if keeping.remove(row.user_id, id):
        tk.h.flash_success(tk._("The second factor is removed."))
    return tk.redirect_to("govdata_login_account.security")
