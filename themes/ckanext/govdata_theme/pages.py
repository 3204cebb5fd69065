"""Pages of text, the switch of type size, and the page that shows how a program reads a dataset."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint

from . import config
from .people import reader

_YEAR = 365 * 24 * 3600
_COOKIE = "govdata_large_type"


def terms() -> str:
    return tk.render("govdata_theme/terms.html", {"own_text": config.own_text("terms")})


def accessibility() -> str:
    return tk.render("govdata_theme/accessibility.html", {"own_text": config.own_text("accessibility")})


def type_size() -> Response:
    """Switch the large-type version (关怀版) on or off for this browser and go back to the page it was asked from."""
    switched_on = tk.request.args.get("size") == "large"
    back = tk.request.args.get("from", "")
    response: Any = tk.redirect_to(back if _is_own_page(back) else tk.url_for("home.index"))
    if switched_on:
        response.set_cookie(_COOKIE, "on", max_age=_YEAR, samesite="Lax", httponly=True)
    else:
        response.delete_cookie(_COOKIE)
    return response


def _is_own_page(address: str) -> bool:
    """Whether the address is a path of this site; browsers read a backslash as a slash, so neither may follow the first."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def dataset_api(id: str) -> str:
    """How to read the dataset by program: addresses and examples for the entry and for each of its tables."""
    try:
        entry = tk.get_action("package_show")(reader(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found."))
    tables = [resource for resource in entry["resources"] if resource.get("datastore_active")]
    return tk.render("govdata_theme/api.html", {"pkg_dict": entry, "tables": tables, "dataset_type": "dataset"})


def script_words() -> Response:
    """The words of CKAN's scripts, which ask by the page's `lang`: zh-CN to browsers and screen readers, zh_Hans_CN to CKAN."""
    return tk.redirect_to(tk.url_for("api.i18n_js_translations", lang="zh_Hans_CN", locale="default"))


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/about/terms", view_func=terms)
    pages.add_url_rule("/about/accessibility", view_func=accessibility)
    pages.add_url_rule("/type-size", view_func=type_size)
    pages.add_url_rule("/api/i18n/zh_CN", view_func=script_words)
    pages.add_url_rule("/dataset/<id>/api", view_func=dataset_api)
