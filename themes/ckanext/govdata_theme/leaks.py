"""The authority's page of leaked files: whose delivery is this consistent with? The page sends; the action answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, attempt, private, signed_in
from .people import reader


def leaks() -> Answer:
    """The form, and the answer below it."""
    away = signed_in()
    if away:
        return away
    try:
        tk.check_access("govdata_leak_trace", reader(), {})
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied))
    found, errors = attempt(_trace) if tk.request.method == "POST" else (None, {})
    shown = {"found": found, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/leaks.html", shown))


def _trace() -> Any:
    given: dict[str, Any] = {name: tk.request.form.get(name, "").strip() for name in ("id", "reason")}
    chosen = {name: file for name in ("upload", "source") if (file := tk.request.files.get(name)) and file.filename}
    missing: dict[str, Any] = {name: [tk._("Fill this in.")] for name in ("id", "reason") if not given[name]}
    if "upload" not in chosen:
        missing["upload"] = [tk._("Choose the file that leaked.")]
    if missing:
        raise tk.ValidationError(missing)
    return tk.get_action("govdata_leak_trace")(reader(), {**given, **chosen})


def govdata_leak_channel(channel: str) -> str:
    """In what the marks were read, in words."""
    return {
        "near": tk._("order of neighbouring rows"),
        "far": tk._("order of rows far apart"),
        "format": tk._("quotation marks"),
        "digits": tk._("last digits"),
    }.get(channel, channel)


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/desk/leaks", view_func=leaks, methods=["GET", "POST"])


HELPERS: dict[str, Callable[..., Any]] = {"govdata_leak_channel": govdata_leak_channel}
