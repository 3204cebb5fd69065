"""The pages of a data user's parties. They show and send; the actions decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint, make_response

from .people import reader

Errors = dict[str, Any]
Answer = str | Response
# The forms of a page that take one step each: what each does, and what is said when it is done.
Steps = dict[str, tuple[Callable[[], Any], str]]
_FILES = ("evidence", "evidence_2", "evidence_3")


def act(action: str, **data: Any) -> Any:
    """Call an action on parties as this reader."""
    return tk.get_action(f"govdata_party_{action}")(reader(), data)


def private(page: str) -> Response:
    """A page that no cache keeps: what it shows is for this reader and this moment."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def signed_in() -> Response | None:
    """The way to the sign-in page for whoever is not signed in."""
    if tk.current_user.is_authenticated:
        return None
    return tk.redirect_to("user.login", came_from=tk.request.full_path.rstrip("?"))


def attempt(step: Callable[[], Any]) -> tuple[Any, Errors]:
    """What an action answers, or the errors by field; a denial and what is absent become pages of their own."""
    try:
        return step(), {}
    except tk.ValidationError as refused:
        return None, refused.error_dict
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied)), {}
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing)), {}


def taken(what: str, steps: Callable[[], Steps], failed: Callable[[Errors], Answer], to: str, **values: Any) -> Answer:
    """Take the step of a form that was sent: the page again where it is refused, and on to an endpoint where it is done."""
    away = signed_in()
    if away:
        return away
    known = steps()
    if what not in known:
        return tk.abort(404, tk._("There is no such page."))
    do, done = known[what]
    _, errors = attempt(do)
    if errors:
        return failed(errors)
    tk.h.flash_success(done)
    return tk.redirect_to(to, **values)


def given(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "") for name in names}


def mine() -> Answer:
    """My parties, the way to register another, and the place to type an invitation's code."""
    return signed_in() or _show_mine({})


def _show_mine(errors: Errors) -> Answer:
    shown = {"parties": act("mine"), "errors": errors, "code": tk.request.values.get("code", "")}
    return private(tk.render("govdata_theme/parties.html", shown))


def join() -> Answer:
    away = signed_in()
    if away:
        return away
    party, errors = attempt(lambda: act("join", code=tk.request.form.get("code", "")))
    if errors:
        return _show_mine(errors)
    tk.h.flash_success(tk._("You belong to the party now."))
    return tk.redirect_to("govdata_pages.party", id=party["id"])


def new() -> Answer:
    """The form that registers a party."""
    away = signed_in()
    if away:
        return away
    kind, errors = tk.request.values.get("kind", "person"), {}
    if tk.request.method == "POST":
        fields = given("kind", "name", "role", "document", "number", "issuer")
        party, errors = attempt(lambda: act("register", **fields))
        if not errors:
            tk.h.flash_success(tk._("The party is registered."))
            return tk.redirect_to("govdata_pages.party", id=party["id"])
    form = {**tk.request.form, "number": ""}
    return private(tk.render("govdata_theme/party_new.html", {"kind": kind, "errors": errors, "form": form}))


def party(id: str) -> Answer:
    return signed_in() or show(id)


def show(id: str, failed: str = "", errors: Errors | None = None, **more: Any) -> Answer:
    """A party's page; `failed` names the form whose sending was refused, `errors` why."""
    found, _ = attempt(lambda: act("show", id=id))
    form = {**tk.request.form, "number": ""} if errors else {}
    names = {one["user_id"]: one["name"] for one in found["members"]}
    shown = {"party": found, "failed": failed, "errors": errors or {}, "form": form, "names": names, "code": "", **more}
    return private(tk.render("govdata_theme/party.html", {**shown, "officer": _officer()}))


def _officer() -> dict[str, bool]:
    """What this reader may do as an officer."""
    asked = ("block_propose", "block_decide", "verification_decide", "merge")
    return {name: may(f"govdata_party_{name}") for name in asked}


def may(action: str) -> bool:
    try:
        tk.check_access(action, reader(), {})
    except tk.NotAuthorized:
        return False
    return True


def _verify(id: str) -> Any:
    files = {name: tk.request.files[name] for name in _FILES if name in tk.request.files}
    return act("verification_ask", id=id, **given("kind", "authorised_until", "note"), **files)


def _steps(id: str) -> Steps:
    """Each form of a party's page: what it does, and what is said when it is done."""
    form = tk.request.form
    of = form.get("of", "")
    return {
        "update": (lambda: act("update", id=id, **given("name", "document", "number", "issuer")), tk._("Saved.")),
        "verify": (lambda: _verify(id), tk._("Handed in. The operator decides; you see it here.")),
        "take-back": (lambda: act("verification_take_back", id=of), tk._("Taken back; the files are deleted.")),
        "revoke": (lambda: act("invitation_revoke", id=of), tk._("The invitation no longer works.")),
        "manages": (lambda: act("member_update", id=of, manages=form.get("manages", "")), tk._("Saved.")),
        "end-authorisation": (
            lambda: act("member_update", id=of, end_authorisation=True),
            tk._("The authorisation has ended."),
        ),
        "remove": (lambda: act("member_remove", id=of), tk._("The member is removed.")),
        "leave": (lambda: act("leave", id=id), tk._("You have left the party.")),
        "close": (lambda: _close(id), tk._("The party is closed.")),
        "reply": (lambda: act("block_reply", id=of, text=form.get("text", "")), tk._("Your reply is on record.")),
        "appeal": (lambda: act("block_appeal", id=of, text=form.get("text", "")), tk._("Your appeal is on record.")),
    }


def _close(id: str) -> Any:
    """Closing asks for the party's name, so that nobody closes one by mistake."""
    if tk.request.form.get("confirm", "").strip() != act("show", id=id)["name"]:
        raise tk.ValidationError({"confirm": [tk._("Type the party's name exactly as it stands above.")]})
    return act("close", id=id)


def step(id: str, what: str) -> Answer:
    """One form of a party's page was sent."""
    if what == "invite":
        return signed_in() or _invite(id)

    def failed(errors: Errors) -> Answer:
        return show(id, failed=f"{what}{tk.request.form.get('of', '')}", errors=errors)

    if what in ("leave", "close"):
        return taken(what, lambda: _steps(id), failed, "govdata_pages.parties")
    return taken(what, lambda: _steps(id), failed, "govdata_pages.party", id=id)


def _invite(id: str) -> Answer:
    """The invitation's code is shown once, on the page that answers, and is not in any address of ours."""
    made, errors = attempt(lambda: act("invite", id=id, note=tk.request.form.get("note", "")))
    if errors:
        return show(id, failed="invite", errors=errors)
    return show(id, code=made["code"])


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/parties", endpoint="parties", view_func=mine)
    pages.add_url_rule("/parties/new", endpoint="party_new", view_func=new, methods=["GET", "POST"])
    pages.add_url_rule("/parties/join", endpoint="party_join", view_func=join, methods=["POST"])
    pages.add_url_rule("/parties/<id>", endpoint="party", view_func=party)
    pages.add_url_rule("/parties/<id>/<what>", endpoint="party_step", view_func=step, methods=["POST"])
