"""Pages of uses and of the ledger: one's own, an agency's, traces, how the ledger stands; and the chart on a dataset's page."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint

from .people import reader

_ROWS = 50
_MONTHS = 12
# Of the drawing: width of a month, of a bar, height of the tallest.
_MONTH_WIDTH, _BAR_WIDTH, _HEIGHT = 60, 16, 120
_SERIES = ("views", "downloads", "api_calls")
_TRACED = ("dataset", "resource", "version", "sha256", "party", "user")


def _page() -> int:
    given = tk.request.args.get("page", "1")
    return max(1, int(given)) if given.isdigit() else 1


def _ask(action: str, **asked: Any) -> dict[str, Any]:
    """The action's answer, with the number of this page and of the last one."""
    page = _page()
    found = tk.get_action(action)(reader(), {**asked, "rows": _ROWS, "start": (page - 1) * _ROWS})
    return {**found, "page": page, "last": max(1, -(-found["count"] // _ROWS))}


def _signed_in_or_redirect(route: str) -> Response | None:
    return None if tk.current_user.is_authenticated else tk.redirect_to("user.login", came_from=tk.url_for(route))


def own() -> str | Response:
    """What the signed-in user has taken."""
    return _signed_in_or_redirect("govdata_pages.own") or tk.render(
        "govdata_theme/uses.html", {"found": _ask("govdata_use_own")}
    )


def of_agency() -> str | Response:
    """How an agency's data is used (YZ-30); without a named one, the reader's first."""
    stranger = _signed_in_or_redirect("govdata_pages.of_agency")
    if stranger:
        return stranger
    agencies = _agencies()
    agency = tk.request.args.get("agency") or (agencies[0]["name"] if agencies else "")
    if not agency:
        return tk.abort(403, tk._("Uses are shown to an agency's own people. Ask your agency to add you."))
    try:
        found = _ask("govdata_use_list", agency=agency)
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    return tk.render("govdata_theme/agency_uses.html", {"found": found, "agency": agency, "agencies": agencies})


def _agencies() -> list[dict[str, Any]]:
    """The agencies whose uses this reader may see."""
    every = tk.get_action("organization_list")(reader(), {"all_fields": True})
    return [one for one in every if tk.h.check_access("govdata_use_list", {"agency": one["name"]})]


def trace() -> str | Response:
    """Who has this version, what has this party (LYG-26). A page without a reason asks for one and traces nothing."""
    stranger = _signed_in_or_redirect("govdata_pages.trace")
    if stranger:
        return stranger
    if not tk.h.check_access("govdata_use_trace", {}):
        return tk.abort(403, tk._("Only officers of the operator and the authority trace who has which data."))
    asked = {name: tk.request.args.get(name, "").strip() for name in (*_TRACED, "reason")}
    given = {name: value for name, value in asked.items() if value}
    found, errors = None, {}
    if given:
        try:
            found = _ask("govdata_use_trace", **given)
        except tk.ValidationError as refused:
            errors = refused.error_dict
    return tk.render(
        "govdata_theme/trace.html", {"found": found, "asked": asked, "given": given, "errors": errors, "names": _TRACED}
    )


def ledger() -> str | Response:
    """How the ledger stands, with its alarms."""
    stranger = _signed_in_or_redirect("govdata_pages.ledger")
    if stranger:
        return stranger
    try:
        found = tk.get_action("govdata_ledger_status")(reader(), {})
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied))
    return tk.render("govdata_theme/ledger.html", {"found": found})


def govdata_uses_chart(package_id: str) -> dict[str, Any]:
    """The last twelve months that have counts, each with its `bars` to draw, in a drawing of `width` and `height`."""
    months = tk.get_action("govdata_use_statistics")(reader(), {"id": package_id})["months"][-_MONTHS:]
    tallest = max((month[name] for month in months for name in _SERIES), default=0)
    for number, month in enumerate(months):
        month["x"] = number * _MONTH_WIDTH
        month["bars"] = [
            {"x": month["x"] + 4 + place * (_BAR_WIDTH + 1), "height": _scaled(month[name], tallest), "series": name}
            for place, name in enumerate(_SERIES)
        ]
    return {"months": months, "width": max(1, len(months)) * _MONTH_WIDTH, "height": _HEIGHT, "bar": _BAR_WIDTH}


def _scaled(count: int, tallest: int) -> int:
    """At least two units where anything was counted."""
    return max(2, round(_HEIGHT * count / tallest)) if count else 0


def govdata_use_title(dataset_id: str) -> str:
    """A dataset's title in the reader's language, or its id where it is gone or not the reader's to see; asked once a page."""
    known: dict[str, str] = tk.g.setdefault("govdata_use_titles", {})
    if dataset_id not in known:
        try:
            entry = tk.get_action("package_show")(reader(), {"id": dataset_id})
            known[dataset_id] = tk.h.govdata_title(entry)["text"]
        except (tk.NotAuthorized, tk.ObjectNotFound):
            known[dataset_id] = dataset_id
    return known[dataset_id]


def govdata_use_moment(text: str) -> str:
    """The moment of a use, as the actions give it, in Shanghai."""
    return tk.h.govdata_moment(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")))


def govdata_use_mode(mode: str) -> str:
    """By which kind of access, in words."""
    return {
        "download": tk._("download"),
        "rows": tk._("rows"),
        "preview": tk._("preview"),
        "api": tk._("API"),
        "view": tk._("view"),
    }.get(mode, mode)


def govdata_ledger_alarm(alarm: str) -> str:
    """An alarm of the ledger, in words that say what to do."""
    return {
        "sequencer_down": tk._("Entries wait for the sequencer, which does not run. They are safe; have it started."),
        "checkpoint_late": tk._(
            "The newest checkpoint is older than it may be. See that the sequencer runs; its log says why."
        ),
        "no_checkpoint": tk._("No checkpoint has been signed yet. Have the sequencer started."),
        "gap": tk._("Uses of unconditional data could not be recorded. They are counted, and become an entry."),
        "weak": tk._("The database itself does not guard the ledger. Have the ledger set up in strict mode."),
    }.get(alarm, alarm)


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/uses", view_func=own)
    pages.add_url_rule("/desk/uses", view_func=of_agency)
    pages.add_url_rule("/desk/trace", view_func=trace)
    pages.add_url_rule("/desk/ledger", view_func=ledger)


HELPERS: dict[str, Callable[..., Any]] = {
    "govdata_uses_chart": govdata_uses_chart,
    "govdata_use_title": govdata_use_title,
    "govdata_use_moment": govdata_use_moment,
    "govdata_use_mode": govdata_use_mode,
    "govdata_ledger_alarm": govdata_ledger_alarm,
}
