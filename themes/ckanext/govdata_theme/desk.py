"""The officers' pages: what waits for them, and the change of an entry's tier. They show and send; the actions decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint

from .people import reader

_ROWS = 50
Errors = dict[str, Any]


def _may(action: str, data: dict[str, Any]) -> bool:
    try:
        tk.check_access(action, reader(), data)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _waiting(status: str) -> dict[str, Any]:
    """The entries of one state, each with the capacities in which this officer may decide."""
    found = tk.get_action("govdata_review_list")(reader(), {"status": status, "rows": _ROWS})
    for entry in found["results"]:
        entry["may_review_as"] = [
            reviewer
            for reviewer in entry["outstanding"]
            if _may("govdata_review_decide", {"id": entry["id"], "reviewer": reviewer, "accept": True})
        ]
    return found


def _pending() -> list[dict[str, Any]]:
    """The proposed changes of tier that this officer may see, each with its entry and whether they may decide it."""
    if not _may("govdata_tier_change_list", {"status": "pending"}):
        return []
    changes = tk.get_action("govdata_tier_change_list")(reader(), {"status": "pending", "rows": _ROWS})
    for change in changes:
        change["entry"] = tk.get_action("package_show")(reader(), {"id": change["package_id"]})
        change["own"] = change["proposed_by"] == tk.current_user.id
        change["may_decide"] = not change["own"] and _may("govdata_tier_change_decide", {"id": change["id"]})
    return changes


def _show_desk(failed: str = "", errors: Errors | None = None) -> str:
    """The desk; `failed` is the id of the case whose decision was not taken, `errors` why."""
    return tk.render(
        "govdata_theme/desk.html",
        {
            "in_review": _waiting("in_review"),
            "held": _waiting("held"),
            "changes": _pending(),
            "failed": failed,
            "errors": errors or {},
        },
    )


def desk() -> str | Response:
    """What waits for this officer; a visitor is asked to sign in, a user without office is told why it stays shut."""
    if not tk.current_user.is_authenticated:
        return tk.redirect_to("user.login", came_from=tk.url_for("govdata_pages.desk"))
    if not _may("govdata_review_list", {}):
        return tk.abort(403, tk._("The desk is for officers. Ask your agency's administrator to appoint you."))
    return _show_desk()


def _accepted() -> bool:
    return tk.request.form.get("decision") == "accept"


def _decide(act: Callable[[], Any], case: str, done: str) -> str | Response:
    try:
        act()
    except tk.ValidationError as refused:
        return _show_desk(case, refused.error_dict)
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    tk.h.flash_success(done)
    return tk.redirect_to("govdata_pages.desk")


def review() -> str | Response:
    form = tk.request.form
    case = {"id": form.get("id", ""), "reviewer": form.get("reviewer", ""), "note": form.get("note", "")}
    done = tk._("Your agreement is on record.") if _accepted() else tk._("The entry went back to its agency's drafts.")
    return _decide(
        lambda: tk.get_action("govdata_review_decide")(reader(), {**case, "accept": _accepted()}), case["id"], done
    )


def tier_decision() -> str | Response:
    form = tk.request.form
    case = {"id": form.get("id", ""), "reason": form.get("reason", "")}
    done = tk._("The tier is changed.") if _accepted() else tk._("The proposal is refused; the tier stays.")
    return _decide(
        lambda: tk.get_action("govdata_tier_change_decide")(reader(), {**case, "accept": _accepted()}), case["id"], done
    )


def _answers() -> tuple[dict[str, Any] | None, Errors]:
    """What the questions of LYG-6 propose from the answers in the form, or which of them lack one."""
    given = {q["key"]: tk.request.form.get(q["key"], "") for q in tk.h.govdata_questions()}
    missing = {key: [tk._("Answer yes or no.")] for key, value in given.items() if value not in ("true", "false")}
    if missing:
        return None, missing
    return tk.get_action("govdata_tier_propose")(reader(), given), {}


def _propose(entry: dict[str, Any]) -> Errors:
    asked = {key: tk.request.form.get(key, "") for key in ("open_tier", "reason", "proof_kind", "proof")}
    try:
        change = tk.get_action("govdata_tier_change_propose")(reader(), {"id": entry["id"], **asked})
    except tk.ValidationError as refused:
        return refused.error_dict
    if change["status"] == "applied":
        tk.h.flash_success(tk._("The stricter tier holds from now on."))
    else:
        tk.h.flash_success(tk._("The proposal is on record. A looser tier waits for a second person to decide."))
    return {}


def _release(entry: dict[str, Any]) -> Errors:
    released = tk.request.form.get("released") == "true"
    try:
        tk.get_action("govdata_release")(reader(), {"id": entry["id"], "released": released})
    except tk.ValidationError as refused:
        return {"released": refused.error_dict.get("id", [str(refused)])}
    shown, taken = tk._("The entry stands in the negative list."), tk._("The entry left the negative list.")
    tk.h.flash_success(shown if released else taken)
    return {}


def tier(id: str) -> str | Response:
    """The change of an entry's tier: the questions, the proposal, the release in the negative list, what was changed before."""
    try:
        entry = tk.get_action("package_show")(reader(), {"id": id})
        tk.check_access("govdata_tier_change_propose", reader(), {"id": entry["id"]})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found, or you may not change its tier."))
    proposal, errors, purpose = None, {}, tk.request.form.get("purpose", "")
    if tk.request.method == "POST":
        if purpose == "ask":
            proposal, errors = _answers()
        else:
            try:
                errors = _release(entry) if purpose == "release" else _propose(entry)
            except tk.NotAuthorized as denied:
                return tk.abort(403, str(denied))
            if not errors:
                return tk.redirect_to("govdata_pages.tier", id=entry["name"])
    return tk.render("govdata_theme/tier.html", {**_tier_page(entry), "proposal": proposal, "errors": errors})


def _tier_page(entry: dict[str, Any]) -> dict[str, Any]:
    may_see = _may("govdata_tier_change_list", {"id": entry["id"]})
    return {
        "pkg_dict": entry,
        "dataset_type": "dataset",
        "changes": tk.get_action("govdata_tier_change_list")(reader(), {"id": entry["id"]}) if may_see else [],
        "may_release": _may("govdata_release", {"id": entry["id"]}),
        "form": tk.request.form,
    }


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/desk", view_func=desk)
    pages.add_url_rule("/desk/review", view_func=review, methods=["POST"])
    pages.add_url_rule("/desk/tier-change", view_func=tier_decision, methods=["POST"])
    pages.add_url_rule("/dataset/<id>/tier", view_func=tier, methods=["GET", "POST"])
