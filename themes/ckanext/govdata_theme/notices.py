"""The reader's box of notices, the calendar of working days, and why a date is what it is."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, Errors, attempt, private, signed_in
from .people import reader

_ROWS = 20


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(action)(reader(), data)


def box() -> Answer:
    """My notices, newest first; only the unread ones where the reader asks for them."""
    return signed_in() or _show({})


def _show(errors: Errors) -> Answer:
    page = max(1, tk.request.args.get("page", 1, type=int))
    unread = tk.request.args.get("unread") == "1"
    found = _act("govdata_notice_list", unread=unread, rows=_ROWS, start=(page - 1) * _ROWS)
    shown = {"found": found, "only_unread": unread, "page": page, "last": max(1, -(-found["count"] // _ROWS))}
    contact = {**_act("govdata_notice_contact_show"), **(tk.request.form if errors else {})}
    return private(tk.render("govdata_theme/notices.html", {**shown, "contact": contact, "errors": errors}))


def read() -> Answer:
    """Mark one notice or all as read, and go on to what it is about where the reader asked for that."""
    away = signed_in()
    if away:
        return away
    form = tk.request.form
    _act("govdata_notice_read", ids=form.getlist("id"), all=form.get("all") == "1")
    link = form.get("link", "")
    own = link.startswith("/") and not link.startswith(("//", "/\\"))
    return tk.redirect_to(tk.url_for("home.index").rstrip("/") + link if own else tk.url_for("govdata_pages.notices"))


def contact() -> Answer:
    """How I want to be told beside the box."""
    away = signed_in()
    if away:
        return away
    form = tk.request.form
    wanted = {"mail": form.get("mail") == "1", "sms": form.get("sms") == "1", "phone": form.get("phone", "")}
    _, errors = attempt(lambda: _act("govdata_notice_contact_update", **wanted))
    if errors:
        return _show(errors)
    tk.h.flash_success(tk._("Saved."))
    return tk.redirect_to("govdata_pages.notices")


def calendar() -> str:
    """The working days of a year by the State Council's notice, or that the notice has not come yet."""
    year = tk.request.args.get("year", type=int)
    found = _act("govdata_days_show", **({"year": year} if year else {}))
    by_holiday: dict[str, dict[str, list[str]]] = {}
    for key in ("off", "work"):
        for one in found[key]:
            by_holiday.setdefault(one["holiday"], {"off": [], "work": []})[key].append(one["day"])
    return tk.render("govdata_theme/calendar.html", {"found": found, "by_holiday": by_holiday})


def why(topic: str) -> str:
    """When an answer would be due for what is asked today, with each day that is counted or skipped."""
    found = _act("govdata_term_foresee", topic=topic)
    if not found["running"]:
        return tk.abort(404, tk._("Neither the rules nor the portal give a term for this."))
    return tk.render("govdata_theme/term.html", {"term": found, "topic": topic})


def govdata_unread_notices() -> int:
    """How many notices the reader has not read; none for visitors."""
    if not tk.current_user.is_authenticated:
        return 0
    return int(_act("govdata_notice_count")["unread"])


def govdata_holiday(name: str | None) -> str:
    """A holiday by its name in the calendar."""
    words = {
        "new_year": tk._("New Year's Day"),
        "spring_festival": tk._("Spring Festival"),
        "qingming": tk._("Tomb-Sweeping Day"),
        "labour_day": tk._("Labour Day"),
        "dragon_boat": tk._("Dragon Boat Festival"),
        "mid_autumn": tk._("Mid-Autumn Festival"),
        "national_day": tk._("National Day"),
        "victory_day": tk._("Victory Day"),
    }
    return str(words.get(name or "", tk._("Holiday")))


def govdata_day_kind(step: dict[str, Any]) -> str:
    """Why a day is counted or skipped, in words."""
    words = {
        "receipt": tk._("Day of receipt, not counted"),
        "workday": tk._("Working day"),
        "made_up": tk._("Weekend worked in lieu"),
        "weekend": tk._("Weekend, not counted"),
        "holiday": tk._("Holiday, not counted"),
        "assumed": tk._("Weekend that a notice to come may turn into a working day; counted to be on the safe side"),
        "suspended": tk._("The term rested, not counted"),
    }
    word = str(words.get(step["kind"], step["kind"]))
    return f"{word} ({govdata_holiday(step['holiday'])})" if step.get("holiday") else word


def govdata_holder(holder: str) -> str:
    """With whom a case was, in words."""
    words = {"agency": tk._("the agency"), "applicant": tk._("the applicant"), "authority": tk._("the authority")}
    return str(words.get(holder, holder))


def govdata_term_kind(term: dict[str, Any]) -> str:
    """What a date is called: statutory only where it is."""
    words = {
        "statutory": tk._("statutory term"),
        "pack": tk._("term of a text that does not bind; not statutory"),
        "promise": tk._("the portal's promise; not statutory"),
    }
    word = str(words.get(term["kind"], ""))
    return f"{word}, {tk._('provisional')}" if term.get("provisional") else word


HELPERS = {
    function.__name__: function
    for function in (govdata_unread_notices, govdata_holiday, govdata_day_kind, govdata_holder, govdata_term_kind)
}


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/notices", endpoint="notices", view_func=box)
    pages.add_url_rule("/notices/read", endpoint="notices_read", view_func=read, methods=["POST"])
    pages.add_url_rule("/notices/contact", endpoint="notices_contact", view_func=contact, methods=["POST"])
    pages.add_url_rule("/calendar", endpoint="calendar", view_func=calendar)
    pages.add_url_rule("/calendar/why/<topic>", endpoint="why", view_func=why)
