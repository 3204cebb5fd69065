"""The open lists and the negative list: their pages, and their downloads as CSV, Excel and JSON (LYG-11, DCF-23, GY-c2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint, stream_with_context
from flask import Response as FlaskResponse

from . import export
from .agencies import govdata_agency_title
from .people import reader
from .states import govdata_tier_label
from .words import is_english, today

_ROWS = 20
_BATCH = 500
_OPEN = ("unconditional", "conditional")


def _page_number() -> int:
    text = tk.request.args.get("page", "1")
    return max(int(text), 1) if text.isdigit() and len(text) < 8 else 1


def _page_of(action: str, query: dict[str, Any]) -> dict[str, Any]:
    """One page of a list action's rows with `count`, `page` and `last`."""
    page = _page_number()
    found = tk.get_action(action)(reader(), {**query, "start": (page - 1) * _ROWS, "rows": _ROWS})
    return {**found, "page": page, "last": max(-(-found["count"] // _ROWS), 1)}


def _tier_asked(parameter: str = "tier") -> str:
    tier = tk.request.args.get(parameter, "")
    return tier if tier in _OPEN else ""


def govdata_given(**query: str) -> dict[str, str]:
    """Only the parameters that have a value."""
    return {key: value for key, value in query.items() if value}


def govdata_agency_list(agency: str) -> dict[str, Any]:
    """The page of the agency's open list that the address asks for, with `tier`.

    CKAN's own view of the page takes every parameter for a field to search in, unless it begins with an underscore.
    """
    tier = _tier_asked("_tier")
    return {**_page_of("govdata_open_list", govdata_given(agency=agency, tier=tier)), "tier": tier}


def govdata_agency_counts(agency: str) -> dict[str, int]:
    """How many entries each view of the agency's open list has: `unconditional`, `conditional`, `all`."""
    count = tk.get_action("govdata_open_list")
    by_tier = {tier: count(reader(), {"agency": agency, "tier": tier, "rows": 0})["count"] for tier in _OPEN}
    return {**by_tier, "all": sum(by_tier.values())}


def govdata_agency_negative(agency: str) -> dict[str, Any]:
    """The page of the agency's negative list that the address asks for."""
    return _page_of("govdata_negative_list", govdata_given(agency=agency))


def open_list() -> str:
    tier, agency = _tier_asked(), tk.request.args.get("agency", "")
    try:
        found = _page_of("govdata_open_list", govdata_given(agency=agency, tier=tier))
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))
    return tk.render("govdata_theme/open_list.html", {"found": found, "tier": tier, "agency": agency})


def negative_list() -> str:
    agency = tk.request.args.get("agency", "")
    try:
        found = _page_of("govdata_negative_list", govdata_given(agency=agency))
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))
    return tk.render("govdata_theme/negative_list.html", {"found": found, "agency": agency})


def _all_rows(action: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    start = 0
    while True:
        found = tk.get_action(action)(reader(), {**query, "start": start, "rows": _BATCH})
        yield from found["results"]
        start += _BATCH
        if start >= found["count"] or not found["results"]:
            return


def _download(action: str, name: str, form: str, query: dict[str, str]) -> Response:
    """The list as a file. The first batch is read before the answer begins, so that an unknown agency is a 404."""
    try:
        count = tk.get_action(action)(reader(), {**query, "rows": 0})["count"]
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))
    is_open = action == "govdata_open_list"
    shape, columns = (_open_row, _open_columns()) if is_open else (_negative_row, _negative_columns())
    rows = (shape(row) for row in _all_rows(action, query))
    if form == "json":
        body = export.as_json({**query, "date": today().isoformat(), "count": count}, rows)
    else:
        body = (export.as_csv if form == "csv" else export.as_xlsx)(columns, rows)
    response = FlaskResponse(stream_with_context(body), content_type=export.MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{today().isoformat()}.{form}"'
    return response


def open_list_file(form: str, id: str = "") -> Response:
    agency = id or tk.request.args.get("agency", "")
    name = "-".join(part for part in ("open-list", agency, _tier_asked()) if part)
    return _download("govdata_open_list", _file_name(name), form, govdata_given(agency=agency, tier=_tier_asked()))


def negative_list_file(form: str) -> Response:
    agency = tk.request.args.get("agency", "")
    name = "-".join(part for part in ("negative-list", agency) if part)
    return _download("govdata_negative_list", _file_name(name), form, govdata_given(agency=agency))


def _file_name(name: str) -> str:
    """The name with nothing in it that a header or a file system could take for something else."""
    return "".join(
        character for character in name if character.isascii() and (character.isalnum() or character in "-_")
    )


def _open_columns() -> dict[str, str]:
    return {
        "resource_code": tk._("Catalogue code"),
        "title": tk._("Title"),
        "title_en": tk._("English title"),
        "agency": tk._("Agency"),
        "theme": tk._("Theme"),
        "open_tier": tk._("Open tier"),
        "open_conditions": tk._("Conditions of use"),
        "grading": tk._("Grading"),
        "update_cycle": tk._("Update cycle"),
        "data_updated": tk._("Data updated"),
        "row_count": tk._("Rows"),
        "formats": tk._("Formats"),
        "data_items": tk._("Data items"),
        "contact_unit": tk._("Responsible unit"),
        "contact_phone": tk._("Telephone"),
        "contact_email": tk._("E-mail"),
        "url": tk._("Page"),
    }


def _open_row(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as a row of the list: stored words as they are, keys in the reader's words."""
    agency = entry.get("organization") or {}
    row: dict[str, Any] = {key: entry.get(key) or "" for key in _open_columns()}
    for field in ("theme", "grading", "update_cycle"):
        row[field] = tk.h.govdata_choice_label(field, entry[field]) if entry.get(field) else ""
    return {
        **row,
        "open_tier": govdata_tier_label(entry["open_tier"]),
        "agency": govdata_agency_title(agency.get("name", ""), agency.get("title", "")),
        "formats": " ".join(tk.h.govdata_formats(entry)),
        "data_items": "; ".join(str(item.get("title") or item.get("name")) for item in entry.get("data_items") or []),
        "url": tk.url_for("dataset.read", id=entry["name"], _external=True),
    }


def _negative_columns() -> dict[str, str]:
    title = "title_en" if is_english() else "title"
    other = "title" if is_english() else "title_en"
    return {
        title: tk._("Title"),
        other: tk._("Chinese title") if is_english() else tk._("English title"),
        "agency_title": tk._("Agency"),
        "open_exception": tk._("Exception it falls under"),
        "open_basis": tk._("Basis"),
    }


def _negative_row(entry: dict[str, Any]) -> dict[str, Any]:
    exception = entry.get("open_exception")
    return {**entry, "open_exception": tk.h.govdata_choice_label("open_exception", exception) if exception else ""}


def add_rules(pages: Blueprint) -> None:
    form = "any(csv, xlsx, json)"
    pages.add_url_rule("/open-list", view_func=open_list)
    pages.add_url_rule("/negative-list", view_func=negative_list)
    pages.add_url_rule(f"/open-list.<{form}:form>", view_func=open_list_file)
    pages.add_url_rule(f"/negative-list.<{form}:form>", view_func=negative_list_file)
    pages.add_url_rule(f"/organization/<id>/open-list.<{form}:form>", "agency_list_file", view_func=open_list_file)
