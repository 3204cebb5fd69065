"""The one desk: all kinds of cases with due days, one of them with notes and hand-over, export, figures of a year."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ckan.plugins import toolkit as tk
from flask import Blueprint
from flask import Response as Streamed

from . import export
from .parties import Answer, Errors, attempt, private, signed_in
from .people import reader

_ROWS, _BATCH = 30, 500
_FILTERS = ("kind", "agency", "due", "q")
_PAGES = {
    "application": ("application", "id"),
    "objection": ("objection", "id"),
    "withdrawal": ("withdrawal", "id"),
    "misuse-report": ("misuse_case", "id"),
    "contribution": ("contribution", "id"),
}


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_case_{action}")(reader(), data)


def govdata_case_kinds() -> list[tuple[str, str]]:
    """The kinds of cases, for a filter."""
    return [
        ("application", tk._("Applications")),
        ("data-request", tk._("Requests for data")),
        ("objection", tk._("Objections")),
        ("contribution", tk._("What people say")),
        ("misuse-report", tk._("Reports of misuse")),
        ("withdrawal", tk._("Leaks and withdrawals")),
    ]


def govdata_case_address(one: dict[str, Any]) -> str:
    """The page where a case is handled."""
    if one["kind"] == "data-request":
        return str(tk.h.url_for("govdata_pages.request", number=one["subject"]))
    page, _ = _PAGES[one["kind"]]
    return str(tk.h.url_for(f"govdata_pages.{page}", id=one["id"]))


def govdata_case_term(topic: str) -> str:
    """What a term is for, in words."""
    return {
        "voice_review": tk._("Look at what the public sends in"),
        "data_request_answer": tk._("Answer a request for data"),
        "misuse_report": tk._("Deal with a report of misuse"),
        "question_answer": tk._("Answer a question"),
        "open_objection": tk._("Settle an objection"),
        "open_application_answer": tk._("Answer an application"),
        "sharing_application_answer": tk._("Answer a sharing application"),
        "sharing_supply": tk._("Supply shared data"),
        "sharing_doubt": tk._("Settle a doubt about shared data"),
        "appeal_answer": tk._("Answer an appeal"),
        "coordination": tk._("Coordinate a dispute"),
        "agreement_signature": tk._("Sign an agreement"),
        "agreement_seal": tk._("Seal an agreement"),
        "breach_reply": tk._("Reply to the notice of a breach"),
    }.get(topic, topic)


def _filters() -> dict[str, Any]:
    given: dict[str, Any] = {name: tk.request.args.get(name, "").strip() for name in _FILTERS}
    return {**given, **{name: tk.request.args.get(name) == "1" for name in ("mine", "all")}}


def listed() -> Answer:
    away = signed_in()
    if away:
        return away
    page = max(1, tk.request.args.get("page", 1, type=int))
    found, _ = attempt(lambda: _act("list", **_filters(), limit=_ROWS, offset=(page - 1) * _ROWS))
    shown = {"found": found, "given": _filters(), "page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return private(tk.render("govdata_theme/case_desk.html", shown))


def one(id: str) -> Answer:
    return signed_in() or _show(id, {})


def _show(id: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("show", id=id))
    return private(tk.render("govdata_theme/case_one.html", {"case": found, "errors": errors, "form": tk.request.form}))


def step(id: str) -> Answer:
    """A note, or the hand-over."""
    away = signed_in()
    if away:
        return away
    form = {name: tk.request.form.get(name, "").strip() for name in ("text", "officer", "reason")}
    if form["officer"]:
        done, errors = attempt(lambda: _act("hand_over", id=id, officer=form["officer"], reason=form["reason"]))
    else:
        done, errors = attempt(lambda: _act("note", id=id, text=form["text"]))
    if errors:
        return _show(id, errors)
    tk.h.flash_success(tk._("On record."))
    return tk.redirect_to("govdata_pages.case_one", id=done["id"])


def _rows() -> Iterator[dict[str, Any]]:
    offset, given = 0, _filters()
    while True:
        results = _act("list", **given, limit=_BATCH, offset=offset)["results"]
        yield from results
        if len(results) < _BATCH:
            return
        offset += _BATCH


def exported() -> Answer | Streamed:
    """The list with the page's filters, as CSV."""
    away = signed_in()
    if away:
        return away
    columns = {
        "kind_title": tk._("Kind"),
        "subject": tk._("Subject"),
        "dataset_title": tk._("Dataset"),
        "agency_title": tk._("Agency"),
        "state_title": tk._("State"),
        "opened_at": tk._("Opened"),
        "due": tk._("Due"),
        "officer": tk._("Who has it"),
    }
    rows, _ = attempt(lambda: list(_rows()))
    return _csv(columns, rows, "cases.csv")


def _csv(columns: dict[str, str], rows: list[dict[str, Any]], name: str) -> Streamed:
    answer = Streamed(export.as_csv(columns, rows), content_type=export.MEDIA_TYPES["csv"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def figures() -> Answer | Streamed:
    """The figures of a year, as a page or as CSV."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: _act("figures", year=tk.request.args.get("year", 0, type=int)))
    if tk.request.args.get("form") != "csv":
        this_year = datetime.datetime.now(ZoneInfo("Asia/Shanghai")).year
        return private(tk.render("govdata_theme/case_figures.html", {"figures": found, "this_year": this_year}))
    columns = {"what": tk._("What"), "figure": tk._("Figure"), "number": tk._("Number")}
    rows = [
        {"what": row["kind_title"], "figure": title, "number": "" if row[name] is None else row[name]}
        for row in found["kinds"]
        for name, title in (("opened", tk._("opened")), ("settled", tk._("settled")), ("days", tk._("mean days")))
    ]
    rows += [
        {"what": govdata_case_term(row["topic"]), "figure": title, "number": row[name]}
        for row in found["terms"]
        for name, title in (("began", tk._("terms begun")), ("kept", tk._("kept")), ("late", tk._("late")))
    ]
    return _csv(columns, rows, f"cases-{found['year']}.csv")


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/desk/cases", endpoint="case_desk", view_func=listed)
    pages.add_url_rule("/desk/cases.csv", endpoint="case_export", view_func=exported)
    pages.add_url_rule("/desk/cases/figures", endpoint="case_figures", view_func=figures)
    pages.add_url_rule("/desk/cases/<id>", endpoint="case_one", view_func=one)
    pages.add_url_rule("/desk/cases/<id>/step", endpoint="case_step", view_func=step, methods=["POST"])


HELPERS = {
    "govdata_case_kinds": govdata_case_kinds,
    "govdata_case_address": govdata_case_address,
    "govdata_case_term": govdata_case_term,
}
