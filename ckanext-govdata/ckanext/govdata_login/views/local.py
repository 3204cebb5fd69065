"""The sign-in page of local accounts, and the link in a mail that makes a browser known."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib import mailer
from ckan.plugins import toolkit as tk
from flask import Blueprint, make_response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from .. import contacts, guessing, local, refusing, registration, sessions, speaking, store
from ..addresses import safe_next
from ..floods import REFUSED
from ..sessions import How
from .answers import uncached

browsers = Blueprint("govdata_login_browser", __name__, url_prefix="/login/browser")
_LINK_SECONDS = 1800


def sign_in_page() -> Any:
    """CKAN's sign-in view, done here for its POST and for whoever still owes a second factor; None leaves it to CKAN."""
    following = refusing.next_page(request.args.get("next") or request.args.get("came_from"), tk.url_for("user.me"))
    if sessions.waiting() is not None:
        return tk.redirect_to("govdata_login_factor.second_factor", next=following)
    if sessions.current() is not None:
        return None
    if request.method != "POST":
        return _again(slowed=True) if request.args.get(REFUSED) else None
    name, password = request.form.get("login", "").strip(), request.form.get("password", "")
    tried = local.sign_in(name, password, local.code_given())
    if tried.user is None:
        return _shown_later() if tried.slowed else _again()
    return enter(tried.user, How(), following)


def _shown_later() -> Any:
    """The page for a password that was not looked at is shown to whoever follows the redirect: a flood of guesses does not."""
    wished = request.args.get("next") or request.args.get("came_from")
    return uncached(tk.redirect_to("user.login", **{REFUSED: "1"}, **({"next": wished} if wished else {})))


def enter(user: model.User, how: How, following: str) -> Any:
    """Sign somebody in and send them on, by way of the second factor where one is owed."""
    sessions.sign_in(user, how)
    if sessions.waiting() is not None:
        answer = tk.redirect_to("govdata_login_factor.second_factor", next=following)
    else:
        answer = guessing.make_known(make_response(tk.redirect_to(safe_next(following))), user.id)
    return uncached(answer)


def _again(slowed: bool = False) -> Any:
    # CKAN's own words, which all its languages have.
    if tk.config.get("ckan.recaptcha.privatekey"):
        tk.h.flash_error(tk._("Login failed. Bad username or password or CAPTCHA."))
    else:
        tk.h.flash_error(tk._("Login failed. Bad username or password."))
    return uncached(make_response(tk.render("user/login.html", {"slowed": slowed})))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(tk.config["SECRET_KEY"], salt="govdata_login link to make a browser known")


@browsers.post("/ask")
def ask() -> Any:
    """Send the owner of an account a link that makes their browser known; the answer tells nobody whether there is one."""
    name = request.form.get("login", "").strip()
    speaking.later(send_link, name, title="Mail a link that makes a browser known")
    tk.h.flash_success(tk._("If there is such an account, its owner gets a mail with a link. Open it in this browser."))
    return tk.redirect_to("user.login")


def send_link(name: str) -> None:
    """Mail the link; a job, so that asking takes the same time whether the account exists or not."""
    user = contacts.account(name)
    if user is None or not user.is_active:
        return
    address = tk.url_for("govdata_login_browser.open_link", token=_serializer().dumps(user.id), qualified=True)
    body = tk._(
        "Somebody, probably you, wants to sign in to {site} from a new browser while wrong passwords are being tried on your "
        "account.\n\nOpen this link in the browser from which you want to sign in; it works once, for half an hour:"
        "\n\n{address}\n\n"
        "If it was not you, do nothing."
    )
    site = str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
    number = contacts.of(user.id)
    if number and registration.has_no_mail(user):
        words = tk._("{site}: open this in the browser from which you want to sign in: {address}")
        registration.text(number, words.format(site=site, address=address))
    elif user.email:
        subject = tk._("Sign in to {site} from a new browser").format(site=site)
        mailer.mail_user(user, subject, body.format(site=site, address=address))


@browsers.get("/open/<token>")
def open_link(token: str) -> Any:
    """Make this browser known to the account of a mailed link."""
    try:
        user_id = _serializer().loads(token, max_age=_LINK_SECONDS)
    except BadSignature:
        tk.abort(403, tk._("This link is out of date. Ask for a new one on the sign-in page."))
    if not store.once("browser-link", token, _LINK_SECONDS):
        tk.abort(403, tk._("This link was used already. Ask for a new one on the sign-in page."))
    tk.h.flash_success(tk._("You can sign in from this browser now."))
    return guessing.make_known(make_response(tk.redirect_to("user.login")), user_id)
