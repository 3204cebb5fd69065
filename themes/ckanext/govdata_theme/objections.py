"""The pages of objections: object, follow by number and code, the register, the desk. They show and send; the actions decide."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, g

from .evidence import evidence_file
from .parties import Answer, Errors, attempt, private, signed_in
from .people import everybody, reader

_ROWS = 20
_FILES = ("evidence", "evidence_2", "evidence_3")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_objection_{action}")(reader(), data)


def _form(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "").strip() for name in names}


def govdata_objection_reasons() -> list[tuple[str, str]]:
    """What can be wrong, in the objector's words."""
    return [
        ("wrong", tk._("Something is wrong")),
        ("missing", tk._("Something is missing")),
        ("outdated", tk._("It is out of date")),
        ("unreadable", tk._("It cannot be read or opened")),
        ("duplicate", tk._("Something is there twice")),
        ("unexplained", tk._("It is not explained well enough")),
        ("personal", tk._("It contains personal data, mine or another's")),
        ("secret", tk._("It contains a secret")),
    ]


def govdata_objections_of(package_id: str) -> dict[str, Any]:
    """How many objections a dataset has, and the newest of them, as everybody sees them; asked once a page."""
    known: dict[str, dict[str, Any]] = g.setdefault("govdata_objections", {})
    if package_id not in known:
        try:
            asked = {"id": package_id, "limit": _ROWS}
            known[package_id] = tk.get_action("govdata_objection_register")(everybody(), asked)
        except tk.ObjectNotFound:
            known[package_id] = {"count": 0, "results": []}
    return known[package_id]


def file(id: str) -> Answer:
    """The form of an objection, and afterwards its number and code, shown once."""
    entry, _ = attempt(lambda: tk.get_action("package_show")(reader(), {"id": id}))
    made: dict[str, Any] | None = None
    errors: Errors = {}
    if tk.request.method == "POST":
        files = {name: tk.request.files[name] for name in _FILES if name in tk.request.files}
        given: dict[str, Any] = _form("reason", "text", "resource", "version", "items", "rows")
        given |= {name: tk.request.form.get(name) == "true" for name in ("sharing", "own_right")}
        made, errors = attempt(lambda: _act("file", id=entry["id"], **given, **files))
    shown = {"pkg_dict": entry, "made": made, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/objection_file.html", shown))


def follow() -> Answer:
    """How one's objection, or report of a leak, stands, by number and code."""
    found: dict[str, Any] | None = None
    errors: Errors = {}
    if tk.request.method == "POST":
        try:
            if tk.request.form.get("reason", "").strip():
                found = _act("look_again", **_form("number", "code", "reason"))
            else:
                found = _act("follow", **_form("number", "code"))
        except tk.ValidationError as refused:
            errors = refused.error_dict
        except tk.ObjectNotFound as missing:
            errors = {"number": [str(missing)]}
    return private(
        tk.render("govdata_theme/objection_follow.html", {"found": found, "errors": errors, "form": tk.request.form})
    )


def register() -> Answer:
    """The public register, of all data or of one dataset."""
    page, name = max(1, tk.request.args.get("page", 1, type=int)), tk.request.args.get("id", "")
    entry, _ = attempt(lambda: tk.get_action("package_show")(reader(), {"id": name})) if name else (None, {})
    asked = {"limit": _ROWS, "offset": (page - 1) * _ROWS, **({"id": name} if name else {})}
    found = tk.get_action("govdata_objection_register")(everybody(), asked)
    shown = {"found": found, "pkg": entry, "page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return tk.render("govdata_theme/objections.html", shown)


def desk() -> Answer:
    away = signed_in()
    if away:
        return away
    page = max(1, tk.request.args.get("page", 1, type=int))
    found, _ = attempt(lambda: _act("list", limit=_ROWS, offset=(page - 1) * _ROWS))
    shown = {"found": found, "page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return private(tk.render("govdata_theme/objections_desk.html", shown))


def case(id: str) -> Answer:
    return signed_in() or _show(id, {})


def _show(id: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("show", id=id))
    return private(tk.render("govdata_theme/objection.html", {"case": found, "errors": errors}))


def _sent(id: str, action: str, *fields: str) -> Answer:
    """A form of the case's page was sent."""
    away = signed_in()
    if away:
        return away
    _, errors = attempt(lambda: _act(action, id=id, **_form(*fields)))
    if errors:
        return _show(id, errors)
    tk.h.flash_success(tk._("On record."))
    return tk.redirect_to("govdata_pages.objection", id=id)


def step(id: str) -> Answer:
    """A step of the case was sent."""
    return _sent(id, "step", "command", "reason", "version")


def route(id: str) -> Answer:
    """The operator gives the case to the agency whose data it is."""
    return _sent(id, "route", "agency", "reason")


def correction(id: str) -> Answer:
    """What a holder has to know of a correction, and the word that they do."""
    away = signed_in()
    if away:
        return away
    action = "acknowledge" if tk.request.method == "POST" else "show"
    found, errors = attempt(lambda: tk.get_action(f"govdata_correction_{action}")(reader(), {"id": id}))
    return private(tk.render("govdata_theme/correction.html", {"found": found, "errors": errors}))


def following(id: str) -> Answer:
    """Follow a dataset, or stop: whoever follows is told of changes in the portal, and by mail where they want so."""
    away = signed_in()
    if away:
        return away
    stop = tk.request.form.get("stop") == "true"
    action = "unfollow_dataset" if stop else "follow_dataset"
    if stop == govdata_follows(id):
        attempt(lambda: tk.get_action(action)(reader(), {"id": id}))
    tk.h.flash_success(tk._("You do not follow this data any more.") if stop else tk._("You will be told of changes."))
    return tk.redirect_to("dataset.read", id=id, _anchor="objections")


def govdata_follows(package_id: str) -> bool:
    """Whether the reader follows this dataset."""
    if not tk.current_user.is_authenticated:
        return False
    try:
        return bool(tk.get_action("am_following_dataset")(reader(), {"id": package_id}))
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return False


def govdata_is_officer() -> bool:
    """Whether the reader acts for an agency, to whom the forms of agencies are shown."""
    if not tk.current_user.is_authenticated:
        return False
    return bool(tk.get_action("organization_list_for_user")(reader(), {"permission": "read"}))


def evidence(id: str) -> Answer:
    """A file of evidence as a download that no browser runs or keeps."""
    found, _ = attempt(lambda: _act("evidence", id=id))
    return evidence_file(id, found)


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/dataset/<id>/object", endpoint="objection_file", view_func=file, methods=["GET", "POST"])
    pages.add_url_rule("/objections", endpoint="objections", view_func=register)
    pages.add_url_rule("/objections/follow", endpoint="objection_follow", view_func=follow, methods=["GET", "POST"])
    pages.add_url_rule("/corrections/<id>", endpoint="correction", view_func=correction, methods=["GET", "POST"])
    pages.add_url_rule("/dataset/<id>/following", endpoint="following", view_func=following, methods=["POST"])
    pages.add_url_rule("/desk/objections/<id>/route", endpoint="objection_route", view_func=route, methods=["POST"])
    pages.add_url_rule("/desk/objections", endpoint="objections_desk", view_func=desk)
    pages.add_url_rule("/desk/objections/<id>", endpoint="objection", view_func=case)
    pages.add_url_rule("/desk/objections/<id>/step", endpoint="objection_step", view_func=step, methods=["POST"])
    pages.add_url_rule(
        "/desk/objections/evidence/<id>", endpoint="objection_evidence", view_func=evidence, methods=["POST"]
    )


HELPERS = {
    "govdata_objection_reasons": govdata_objection_reasons,
    "govdata_objections_of": govdata_objections_of,
    "govdata_follows": govdata_follows,
    "govdata_is_officer": govdata_is_officer,
}
