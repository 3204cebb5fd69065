"""The lists everybody may read: open lists by agency, the negative list, figures, the city's rules."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .. import config
from . import schema

_MOST_ROWS = 1000
_NEGATIVE_FIELDS = ("title", "title_en", "open_basis", "open_exception")


def _agency_filter(reference: str) -> str:
    group = model.Group.get(reference)
    if group is None or not group.is_organization or group.state != "active":
        raise tk.ObjectNotFound(tk._("Agency not found."))
    return f' +owner_org:"{group.id}"'


def _search(context: Context, **query: Any) -> dict[str, Any]:
    return tk.get_action("package_search")(context, query)


def public_context() -> Context:
    """A context that sees exactly what everybody sees, whoever asks: for counts and lists that are the same for all."""
    anonymous: Any = model.AnonymousUser()
    return Context(user="", auth_user_obj=anonymous, ignore_auth=False)


@tk.side_effect_free
@validate(schema.page)
def govdata_open_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An agency's open list, or the whole city's: published entries that are open (LYG-11, DCF-23).

    :param agency: id or name of the agency; all when left out
    :param tier: `unconditional` or `conditional` alone
    :param start: first row, from 0
    :param rows: number of rows, 1000 at most
    :returns: `count` and `results` (datasets as `package_show` gives them)
    """
    tk.check_access("govdata_open_list", context, data_dict)
    tiers = data_dict.get("tier") or "(unconditional OR conditional)"
    fq = f"+publication:published +open_tier:{tiers}"
    if data_dict.get("agency"):
        fq += _agency_filter(data_dict["agency"])
    found = _search(
        public_context(),
        fq=fq,
        start=data_dict.get("start", 0),
        rows=min(data_dict.get("rows", 20), _MOST_ROWS),
        sort="title_string asc",
    )
    return {"count": found["count"], "results": found["results"]}


@tk.side_effect_free
@validate(schema.page)
def govdata_negative_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The entries that are not open and that their agencies released to the public: title, agency, basis (GY-c2).

    :param agency: id or name of the agency; all when left out
    :returns: `count` and `results` with `title`, `title_en`, `agency`, `agency_title`, `open_basis`, `open_exception`
    """
    tk.check_access("govdata_negative_list", context, data_dict)
    fq = "+publication:published +open_tier:not_open +released:true"
    if data_dict.get("agency"):
        fq += _agency_filter(data_dict["agency"])
    found = _search(
        Context(ignore_auth=True, user=""),
        fq=fq,
        include_private=True,
        start=data_dict.get("start", 0),
        rows=min(data_dict.get("rows", 20), _MOST_ROWS),
        sort="title_string asc",
    )
    return {"count": found["count"], "results": [_negative_row(entry) for entry in found["results"]]}


def _negative_row(entry: dict[str, Any]) -> dict[str, str]:
    agency = entry.get("organization") or {}
    row = {field: str(entry.get(field) or "") for field in _NEGATIVE_FIELDS}
    return {**row, "agency": agency.get("name", ""), "agency_title": agency.get("title", "")}


@tk.side_effect_free
def govdata_figures(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What everybody may count: public datasets by tier, theme, format and agency; the same for whoever asks.

    :returns: `datasets`, and `tiers`, `themes`, `formats`, `agencies` as name to count
    """
    tk.check_access("govdata_figures", context, data_dict)
    facets = {"tiers": "open_tier", "themes": "theme", "formats": "res_format", "agencies": "organization"}
    found = _search(
        public_context(),
        fq="+publication:published",
        rows=0,
        **{"facet.field": list(facets.values()), "facet.limit": -1, "facet.mincount": 1},
    )
    return {"datasets": found["count"], **{name: found["facets"].get(field, {}) for name, field in facets.items()}}


@tk.side_effect_free
def govdata_city_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The running city's rule pack in short: key, title, status, and the switches that the catalogue obeys.

    `statutory` is false for a draft or expired pack: it drives the portal's behaviour, and none of its dates is called statutory.
    """
    tk.check_access("govdata_city_show", context, data_dict)
    pack = config.rule_pack()
    return {
        "city": config.city(),
        "name": pack.city,
        "name_en": pack.city_en,
        "title": pack.instrument.title,
        "title_en": pack.instrument.title_en,
        "status": pack.status.value,
        "statutory": pack.statutory,
        "sign_in_for_unconditional": pack.sign_in_for_unconditional,
        "basis_required_for": sorted(pack.basis_required_for),
        "exception_required": pack.exception_required,
        "reviewers": list(config.reviewers()),
    }
