"""The pages of what people say of data: on the dataset's page, all of it, one's own, the showcase. The actions decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, Errors, attempt, private, signed_in
from .people import everybody, reader
from .robots import is_robot

_ROWS, _ON_PAGE = 20, 3
_WORDS = ("stars", "title", "text", "url")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_contribution_{action}")(reader(), data)


def _form(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "").strip() for name in names}


def govdata_contribution_kinds() -> list[tuple[str, str]]:
    """The kinds of what people say, for tabs."""
    return [
        ("rating", tk._("Ratings")),
        ("question", tk._("Questions and answers")),
        ("suggestion", tk._("Suggestions for the data")),
        ("reuse", tk._("Made with this data")),
    ]


def govdata_contributions_of(package_id: str) -> dict[str, Any] | None:
    """The newest of what is said of a dataset, and the summary; None where the reader may not see it."""
    try:
        return tk.get_action("govdata_contribution_list")(everybody(), {"id": package_id, "limit": _ON_PAGE})
    except tk.ObjectNotFound:
        return None


def govdata_host(address: str) -> str:
    """The host of an address, for those who want to know where a link leads."""
    return urlsplit(address).hostname or ""


def govdata_may_contribute() -> bool:
    """Whether this reader's account is verified."""
    try:
        tk.check_access("govdata_contribution_hand_in", reader(), {})
    except tk.NotAuthorized:
        return False
    return True


def of_dataset(id: str) -> Answer:
    """All that is said of a dataset, by kind, with the form."""
    entry, _ = attempt(lambda: tk.get_action("package_show")(reader(), {"id": id}))
    kind = tk.request.values.get("kind", "question")
    kind = kind if kind in dict(govdata_contribution_kinds()) else "question"
    errors: Errors = {}
    if tk.request.method == "POST":
        away = signed_in()
        if away:
            return away
        made, errors = (
            (None, {}) if is_robot() else attempt(lambda: _act("hand_in", id=id, kind=kind, **_form(*_WORDS)))
        )
        if not errors:
            tk.h.flash_success(tk._("Sent. The operator reads it before it is shown."))
            there = tk.redirect_to("govdata_pages.contributions", id=entry["name"], kind=kind)
            return tk.redirect_to("govdata_pages.contribution", id=made["id"]) if made else there
    page = max(1, tk.request.args.get("page", 1, type=int))
    found = _act("list", id=id, kind=kind, limit=_ROWS, offset=(page - 1) * _ROWS)
    shown = {"pkg_dict": entry, "found": found, "kind": kind, "errors": errors, "form": tk.request.form}
    shown |= {"page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return private(tk.render("govdata_theme/contributions.html", shown))


def one(id: str) -> Answer:
    return signed_in() or _show(id, {})


def _show(id: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("show", id=id))
    shown = {"one": found, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/contribution.html", shown))


def step(id: str) -> Answer:
    """A change or a step was sent."""
    away = signed_in()
    if away:
        return away
    if tk.request.form.get("command") == "edit":
        done, errors = attempt(lambda: _act("edit", id=id, **_form(*_WORDS)))
    else:
        done, errors = attempt(lambda: _act("step", id=id, **_form("command", "reason", "seen")))
    if errors:
        return _show(id, errors)
    tk.h.flash_success(tk._("On record."))
    if done["state"] == "deleted":
        return tk.redirect_to("govdata_pages.own_contributions")
    return tk.redirect_to("govdata_pages.contribution", id=id)


def own() -> Answer:
    return signed_in() or _listed("mine", "")


def showcase() -> Answer:
    """What was made with the data of this portal."""
    return _listed("showcase", "reuse")


def _listed(which: str, kind: str) -> Answer:
    page = max(1, tk.request.args.get("page", 1, type=int))
    found = _act("list", kind=kind, mine=which == "mine", limit=_ROWS, offset=(page - 1) * _ROWS)
    shown = {"found": found, "which": which, "page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return private(tk.render("govdata_theme/contribution_list.html", shown))


def add_rules(pages: Blueprint) -> None:
    address = "/dataset/<id>/voices"
    pages.add_url_rule(address, endpoint="contributions", view_func=of_dataset, methods=["GET", "POST"])
    pages.add_url_rule("/voices", endpoint="own_contributions", view_func=own)
    pages.add_url_rule("/voices/<id>", endpoint="contribution", view_func=one)
    pages.add_url_rule("/voices/<id>/step", endpoint="contribution_step", view_func=step, methods=["POST"])
    pages.add_url_rule("/showcase", endpoint="showcase", view_func=showcase)


HELPERS = {
    "govdata_contribution_kinds": govdata_contribution_kinds,
    "govdata_contributions_of": govdata_contributions_of,
    "govdata_host": govdata_host,
    "govdata_may_contribute": govdata_may_contribute,
}
