"""What the home page shows beside the city's figures: newest entries, agencies, examples for the search box."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from .agencies import govdata_agency_title
from .people import everybody
from .words import today

_NEWEST, _MOST_AGENCIES, _EXAMPLES = 7, 10, 5


def govdata_home() -> dict[str, Any]:
    """Figures with their day, themes, agencies and newest entries, all as the public sees them.

    :returns: `figures`, `today`, `themes` and `agencies` (name, title, count), `newest`, `most_used`, `examples`
    """
    figures = tk.get_action("govdata_figures")(everybody(), {})
    newest = _found("data_updated desc")
    return {
        "figures": figures,
        "today": today(),
        "themes": _themes(figures["themes"]),
        "agencies": _agencies(figures["agencies"]),
        "newest": newest["results"],
        "most_used": _found("views_recent desc")["results"] if "tracking" in tk.config["ckan.plugins"] else [],
        "examples": _examples(newest),
    }


def _found(sort: str) -> dict[str, Any]:
    query = {"fq": "+publication:published", "rows": _NEWEST, "sort": sort}
    return tk.get_action("package_search")(
        everybody(), {**query, "facet.field": ["tags"], "facet.limit": _EXAMPLES, "facet.mincount": 1}
    )


def _themes(counts: dict[str, int]) -> list[dict[str, Any]]:
    """All themes that hold something, in the vocabulary's order."""
    choices = tk.h.govdata_theme_choices({})
    return [
        {"name": key, "title": tk.h.govdata_choice_label("theme", key), "count": counts[key]}
        for key in (choice["value"] for choice in choices)
        if counts.get(key)
    ]


def _agencies(counts: dict[str, int]) -> list[dict[str, Any]]:
    largest = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_AGENCIES]
    return [{"name": name, "title": govdata_agency_title(name), "count": count} for name, count in largest]


def _examples(found: dict[str, Any]) -> list[str]:
    """Words that find something: the keywords that the most entries carry."""
    items = found["search_facets"].get("tags", {}).get("items", [])
    return [item["name"] for item in sorted(items, key=lambda item: -item["count"])]
