"""The developer's page: programs and keys, what they may read, how much they called, and a first call to copy."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from .. import events, sessions
from ..clients import api_tokens, examples, registering, scopes, tokens, use
from ..clients.model import Client, Token
from .answers import page

developer = Blueprint("govdata_login_developer", __name__, url_prefix="/login/developer")


@developer.before_request
def signed_in_only() -> Any:
    """Send visitors to sign in, and back."""
    if sessions.current() is None:
        return tk.redirect_to("user.login", next=request.environ.get("CKAN_CURRENT_URL"))
    return None


def _me() -> str:
    row = sessions.current()
    return row.user_id if row is not None else tk.abort(403)


def _mine(id: str) -> Client:
    row = registering.living(id)
    if row is None or row.user_id != _me():
        tk.abort(404, tk._("There is no such program of yours."))
    return row


@developer.get("/")
def index() -> Any:
    """One's programs and keys, and the programs of others that one let in."""
    me = _me()
    values = {
        "programs": [(one, sum(count for _, count in use.by_day(one.id, 1))) for one in registering.of(me)],
        "keys": api_tokens.of(me),
        "authorised": registering.authorised_by(me),
        "titles": {one.name: one.title for one in scopes.offered_to(me)},
        "user_name": tk.current_user.name,
    }
    return _page("index", values)


@developer.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """Register a program."""
    given, errors = _given(), {}
    if request.method == "POST":
        try:
            row, secret = registering.register(_me(), given)
            return _shown_once(row, secret)
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page("new", {"data": given, "errors": errors, "scopes": scopes.offered_to(_me())})


def _given() -> dict[str, Any]:
    # A page that knows what a program is for names it in its link; nothing is made without the form.
    form = request.form if request.method == "POST" else request.args
    named = {name: form.get(name, "") for name in ("title", "method", "redirects", "jwks", "name", "days")}
    return {**named, "scopes": [name for name in form.getlist("scopes") if name]}


def _shown_once(row: Client, secret: str) -> Any:
    return _page("made", {"program": row, "secret": secret, "calls": _calls(row, secret)})


def _calls(row: Client, secret: str = "") -> list[examples.Call]:
    """The first call to copy, for programs that act on their own."""
    if row.method != "client_secret_basic":
        return []
    offered = {one.name: one for one in scopes.offered_to(_me())}
    path = next((offered[name].example for name in row.scopes if name in offered and offered[name].example), "")
    return examples.for_client(row.id, secret or tk._("YOUR_SECRET"), path)


@developer.get("/programs/<id>")
def program(id: str) -> Any:
    """One program: scopes with quota and use, calls by day, and what can be done to it."""
    row = _mine(id)
    offered = {one.name: one for one in scopes.offered_to(_me())}
    days = use.by_day(row.id)
    values = {
        "program": row,
        "scopes": [(name, offered.get(name)) for name in row.scopes],
        "days": days,
        "most": max([count for _, count in days] + [1]),
        "calls": _calls(row),
    }
    return _page("program", values)


@developer.post("/programs/<id>/rotate")
def rotate(id: str) -> Any:
    """A new secret, or another public key; the old one and its tokens end."""
    row = _mine(id)
    try:
        if row.method != "private_key_jwt":
            return _shown_once(row, registering.rotate(row))
        registering.change_key(row, request.form.get("jwks", ""))
        tk.h.flash_success(tk._("The program signs with its new key from now on; the old one opens nothing any more."))
    except tk.ValidationError as error:
        tk.h.flash_error("; ".join(str(words) for words in error.error_summary.values()))
    return tk.redirect_to("govdata_login_developer.program", id=id)


@developer.post("/programs/<id>/end")
def end(id: str) -> Any:
    """End a program with its tokens."""
    row = _mine(id)
    registering.end(row)
    tk.h.flash_success(tk._("{program} has ended, and its tokens with it.").format(program=row.title))
    return tk.redirect_to("govdata_login_developer.index")


@developer.post("/authorised/<id>/end")
def end_authorised(id: str) -> Any:
    """Take back what one let somebody else's program do."""
    tokens.end("taken_back", Token.client_id == id, Token.user_id == _me())
    tk.h.flash_success(tk._("The program may not act for you any more."))
    return tk.redirect_to("govdata_login_developer.index")


@developer.route("/keys/new", methods=["GET", "POST"])
def new_key() -> Any:
    """Make a key: one of CKAN's API tokens, held to what is chosen."""
    given, errors = _given(), {}
    if request.method == "POST":
        try:
            order = {"user": tk.current_user.name, "name": given["name"], "scopes": given["scopes"]}
            order |= {"days": given["days"]} if given["days"] else {}
            if not given["scopes"]:
                raise tk.ValidationError({"scopes": [tk._("Choose what the program may read.")]})
            made = tk.get_action("api_token_create")({"user": tk.current_user.name}, order)
            offered = {one.name: one for one in scopes.offered_to(_me())}
            path = next((offered[name].example for name in given["scopes"] if offered[name].example), "")
            return _page("key_made", {"key": made["token"], "calls": examples.for_key(made["token"], path)})
        except tk.ValidationError as error:
            errors = error.error_dict
    return _page("new_key", {"data": given, "errors": errors, "scopes": scopes.offered_to(_me())})


@developer.post("/keys/<id>/end")
def end_key(id: str) -> Any:
    """End one of one's keys."""
    row = model.ApiToken.get(id)
    if row is None or row.user_id != _me():
        tk.abort(404, tk._("There is no such key of yours."))
    model.Session.delete(row)
    model.Session.commit()
    events.tell("api_token_ended", user=_me(), token=id, why="ended_by_owner")
    tk.h.flash_success(tk._("The key has ended."))
    return tk.redirect_to("govdata_login_developer.index")


def _page(name: str, values: dict[str, Any]) -> Response:
    return page(f"developer/{name}", values)
