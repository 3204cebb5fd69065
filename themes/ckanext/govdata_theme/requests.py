"""The pages of requests for data: ask, join, follow, handle, export. They show and send; the actions decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint
from flask import Response as Streamed

from . import export
from .parties import Answer, Errors, attempt, private, signed_in
from .people import everybody, reader
from .robots import is_robot

_ROWS, _BATCH = 20, 500
# How much of what is asked for a dataset has to have, where none has all of it.
_MOST_PIECES = "40%"
_FILTERS = ("q", "state", "agency", "order")
_STEP_FIELDS = ("command", "reason", "title", "text", "agency", "promised", "dataset", "into")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_request_{action}")(reader(), data)


def _form(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "").strip() for name in names}


def _filters() -> dict[str, str]:
    return {name: tk.request.args.get(name, "").strip() for name in _FILTERS}


def govdata_request_states() -> list[tuple[str, str]]:
    """The states that everybody sees, for a filter."""
    return [
        ("shown", tk._("with the agency")),
        ("agreed", tk._("agreed, will be opened")),
        ("fulfilled", tk._("fulfilled")),
        ("refused", tk._("refused by the agency")),
    ]


def listed() -> Answer:
    """The public list, with filters and figures; for whoever is signed in, their own ones too."""
    page = max(1, tk.request.args.get("page", 1, type=int))
    mine = bool(tk.request.args.get("mine")) and tk.current_user.is_authenticated
    found = _act("list", **_filters(), mine=mine, limit=_ROWS, offset=(page - 1) * _ROWS)
    shown = {"found": found, "given": _filters(), "mine": mine, "figures": _act("figures")}
    shown |= {"page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return tk.render("govdata_theme/requests.html", shown)


def new() -> Answer:
    """What there is already comes first; then the form."""
    asked = tk.request.values.get("title", "").strip()
    form: Any = tk.request.form
    errors: Errors = {}
    if tk.request.method == "POST":
        away = signed_in()
        if away:
            return away
        made, errors = (
            (None, {}) if is_robot() else attempt(lambda: _act("file", **_form("title", "text", "purpose", "agency")))
        )
        if not errors:
            tk.h.flash_success(tk._("Your request is sent. The operator reads it before it is shown."))
            return (
                tk.redirect_to("govdata_pages.request", number=made["number"])
                if made
                else tk.redirect_to("govdata_pages.requests")
            )
    shown = {"asked": asked, "form": form, "errors": errors, "there": _there(asked), "alike": _alike(asked)}
    return private(tk.render("govdata_theme/request_new.html", shown))


def _there(words: str) -> dict[str, Any] | None:
    """Datasets that may be what is looked for: with all of its words, or where none has, with most of their pieces."""
    if not words:
        return None
    pieces = tk.h.govdata_request_pieces(words)
    found: dict[str, Any] = {"count": 0, "results": []}
    for asked in ({"q": words}, {"q": " ".join(pieces), "mm": _MOST_PIECES}):
        try:
            answer = tk.get_action("package_search")(reader(), {**asked, "rows": 5}) if asked["q"] else found
        except tk.ValidationError:
            continue
        if answer["count"] and not answer.get("nearest"):
            return {**answer, "all": asked["q"] == words}
        found = answer if answer["count"] else found
    return {**found, "all": not found["count"]}


def _alike(words: str) -> list[dict[str, Any]]:
    return _act("similar", text=words) if words else []


def one(number: str) -> Answer:
    return _show(number, {})


def _show(number: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("show", number=number))
    if found["number"] != number.strip().upper():
        return tk.redirect_to("govdata_pages.request", number=found["number"])
    shown = {"request_": found, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/request.html", shown))


def support(number: str) -> Answer:
    """One voice was added or taken back."""
    away = signed_in()
    if away:
        return away
    withdraw = tk.request.form.get("withdraw") == "true"
    _, errors = attempt(lambda: _act("support", number=number, withdraw=withdraw))
    if errors:
        return _show(number, errors)
    tk.h.flash_success(
        tk._("Your voice is taken back.") if withdraw else tk._("Your voice counts. You are told of the answer.")
    )
    return tk.redirect_to("govdata_pages.request", number=number)


def step(number: str) -> Answer:
    """A step of the case was sent."""
    away = signed_in()
    if away:
        return away
    _, errors = attempt(lambda: _act("step", number=number, **_form(*_STEP_FIELDS)))
    if errors:
        return _show(number, errors)
    tk.h.flash_success(tk._("On record."))
    return tk.redirect_to("govdata_pages.request", number=number)


def _columns() -> dict[str, str]:
    return {
        "number": tk._("Number"),
        "title": tk._("What is asked for"),
        "agency_title": tk._("Agency"),
        "state_title": tk._("State"),
        "voices": tk._("Voices"),
        "filed_at": tk._("Asked"),
        "promised": tk._("To be open by"),
        "answered_at": tk._("Answered"),
        "reply": tk._("The agency’s answer"),
    }


def _rows(given: dict[str, str]) -> Iterator[dict[str, Any]]:
    offset = 0
    while True:
        order = {**given, "order": "newest", "limit": _BATCH, "offset": offset}
        results = tk.get_action("govdata_request_list")(everybody(), order)["results"]
        yield from results
        if len(results) < _BATCH:
            return
        offset += _BATCH


def exported(form: str) -> Answer | Streamed:
    """The list as CSV, Excel or JSON: what everybody sees, with the page's filters."""
    if form not in export.MEDIA_TYPES:
        return tk.abort(404, tk._("There is no such page."))
    columns, rows = _columns(), list(_rows(_filters()))
    if form == "json":
        body = export.as_json({"name": "requests"}, ({key: row[key] for key in columns} for row in rows))
    else:
        body = (export.as_csv if form == "csv" else export.as_xlsx)(columns, rows)
    answer = Streamed(body, content_type=export.MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="requests.{form}"'
    return answer


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/requests", endpoint="requests", view_func=listed)
    pages.add_url_rule("/requests.<form>", endpoint="requests_export", view_func=exported)
    pages.add_url_rule("/requests/new", endpoint="request_new", view_func=new, methods=["GET", "POST"])
    pages.add_url_rule("/requests/<number>", endpoint="request", view_func=one)
    pages.add_url_rule("/requests/<number>/support", endpoint="request_support", view_func=support, methods=["POST"])
    pages.add_url_rule("/requests/<number>/step", endpoint="request_step", view_func=step, methods=["POST"])


HELPERS: dict[str, Callable[..., Any]] = {"govdata_request_states": govdata_request_states}
