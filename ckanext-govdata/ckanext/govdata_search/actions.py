"""Suggestions while and after somebody types; each is made of nothing but what a search of the same asker finds."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from . import schema
from .fields import SUGGEST_WORDS
from .folding import fold
from .nearest import exactly
from .projection import projection
from .suggest import Vocabulary, proposals

_MOST_CANDIDATES = 40
_MOST_WORDS = 20_000
_LONGEST = 100


@tk.side_effect_free
def govdata_search_autocomplete(context: Any, data_dict: dict[str, Any]) -> list[dict[str, str]]:
    """Datasets whose title or name holds what is typed so far, or whose title is so spelled in pinyin or initials.

    :param q: what is typed
    :param limit: the most suggestions, at most 20 (default: 8)
    :returns: `name` and `title` of each, the closest first; only what the asker may find by searching
    """
    tk.check_access("govdata_search_autocomplete", context, data_dict)
    given = _validated(data_dict, schema.autocomplete(), context)
    typed = " ".join(given["q"].replace('"', " ").split())[:_LONGEST]
    if not typed:
        return []
    found = tk.get_action("package_search")(
        _as_asked(context),
        {
            "q": f'title_ngram:"{_quoted(typed)}" OR name_ngram:"{_quoted(typed)}"',
            "fl": ["name", "title"],
            "rows": _MOST_CANDIDATES,
            "sort": "score desc, name asc",
        },
    )["results"]
    ranked = sorted(found, key=lambda one: _closeness(fold(typed), one))
    limit = min(given["limit"], schema.MOST_SUGGESTED)
    return [{"name": str(one["name"]), "title": str(one.get("title") or one["name"])} for one in ranked[:limit]]


def _closeness(typed: str, one: dict[str, Any]) -> tuple[int, int]:
    """Titles that begin with it, then that hold it, then those found by their spelling; the shorter first."""
    title = fold(str(one.get("title") or ""))
    place = 0 if title.startswith(typed) else 1 if typed in title else 2
    return place, len(title)


@tk.side_effect_free
def govdata_search_did_you_mean(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Other words for a query that finds nothing: what sounds alike, is spelled alike, or has a word too many.

    :param q: the query that found nothing
    :param fq: the filters it was asked with; what is proposed finds something within them (optional)
    :param limit: the most proposals, at most 20 (default: 3)
    :returns: `q` and `count` of each, the likeliest first; made of words of datasets that the asker may find, each of
        which finds something for him
    """
    tk.check_access("govdata_search_did_you_mean", context, data_dict)
    given = _validated(data_dict, schema.did_you_mean(), context)
    if ":" in given["q"]:
        return []
    limit = min(given["limit"], schema.MOST_SUGGESTED)
    filters = str(given.get("fq") or "")
    proposed: list[dict[str, Any]] = []
    for other in proposals(given["q"], _vocabulary(context, filters)):
        if len(proposed) >= limit:
            break
        with exactly():
            count = tk.get_action("package_search")(_as_asked(context), {"q": other, "fq": filters, "rows": 0})["count"]
        if count:
            proposed.append({"q": other, "count": count})
    return proposed


def _vocabulary(context: Any, filters: str) -> Vocabulary:
    asked = {"q": "*:*", "fq": filters, "rows": 0, "facet.field": [SUGGEST_WORDS], "facet.limit": _MOST_WORDS}
    return Vocabulary.of(tk.get_action("package_search")(_as_asked(context), asked)["facets"].get(SUGGEST_WORDS, {}))


def _as_asked(context: Any) -> Any:
    """A fresh context of the same asker: inner actions must neither share validation state nor gain rights."""
    kept = ("user", "auth_user_obj", "ignore_auth", "model", "session")
    return {key: context[key] for key in kept if key in context}


def _validated(data_dict: dict[str, Any], shape: dict[str, Any], context: Any) -> dict[str, Any]:
    given, errors = tk.navl_validate(data_dict, shape, context)
    if errors:
        raise tk.ValidationError(errors)
    return given


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\")


def govdata_search_forget(context: Any, data_dict: dict[str, Any]) -> dict[str, bool]:
    """Build the index anew, so that nothing of deleted and changed documents stays in its files; for the portal itself.

    Searches go on meanwhile. Raises SearchEngineError where another rebuild is under way, or the engine does not answer.

    :returns: `forgotten`
    """
    tk.check_access("govdata_search_forget", context, data_dict)
    projection().rebuild()
    return {"forgotten": True}


ACTIONS = {
    function.__name__: function
    for function in (govdata_search_autocomplete, govdata_search_did_you_mean, govdata_search_forget)
}
