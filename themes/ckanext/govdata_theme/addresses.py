"""Addresses of the page at hand with a parameter added, taken off or changed: facets, chips, sorting, page numbers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit as tk

_AROUND = 2


def _with(pairs: list[tuple[str, str]]) -> str:
    """This page in this language with these parameters; the page number starts anew unless given."""
    address = str(tk.h.url_for(tk.request.path))
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _pairs(*, without: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in tk.request.args.items(multi=True) if key not in without]


def govdata_address_with(key: str, value: str) -> str:
    return _with([*_pairs(without=("page",)), (key, value)])


def govdata_address_without(key: str, value: str) -> str:
    return _with([pair for pair in _pairs(without=("page",)) if pair != (key, value)])


def govdata_address_set(key: str, value: Any = None) -> str:
    """With this parameter once, or not at all when the value is empty."""
    more = [(key, str(value))] if value not in (None, "") else []
    return _with([*_pairs(without=("page", key)), *more])


def govdata_pages(current: int, last: int) -> list[dict[str, Any]]:
    """The page numbers to show: first, last and those around the current one; `number` is 0 where some are left out."""
    shown = sorted({1, last, *range(max(1, current - _AROUND), min(last, current + _AROUND) + 1)})
    pages: list[dict[str, Any]] = []
    for number in shown:
        if pages and number > pages[-1]["number"] + 1:
            pages.append({"number": 0, "url": "", "current": False})
        pages.append({"number": number, "url": govdata_address_set("page", number), "current": number == current})
    return pages
