"""The words of lists: states of runs, acts of plans, fields, reviewers' words; each in the reader's language."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from .people import reader


def govdata_list_state(state: str, turn: str | None = None) -> str:
    """Where a run stands, in words."""
    if state == "in_review" and turn:
        return tk._("in review: {reviewer}").format(reviewer=tk.h.govdata_reviewer_label(turn))
    return {
        "queued": tk._("waiting to be fetched"),
        "planning": tk._("being read"),
        "planned": tk._("plan to be looked at and sent"),
        "in_review": tk._("in review"),
        "applying": tk._("being written"),
        "finished": tk._("finished"),
        "failed": tk._("failed"),
        "cancelled": tk._("cancelled"),
        "sent_back": tk._("sent back"),
    }.get(state, state)


def govdata_list_act(act: str) -> str:
    """What a step of a plan does, in words."""
    return {
        "added": tk._("add"),
        "changed": tk._("change"),
        "returned": tk._("bring back"),
        "withdrawn": tk._("withdraw"),
        "unchanged": tk._("looser tier asked"),
    }.get(act, act)


def govdata_list_step_state(state: str) -> str:
    """What became of a step, where that is not plain."""
    return {
        "left_out": tk._("left out"),
        "failed": tk._("not written"),
        "moved": tk._("changed by somebody meanwhile, left as it is"),
        "done": tk._("done"),
    }.get(state, "")


def govdata_list_field(name: str) -> str:
    """A field of the catalogue by the label of its form; what the form does not have, by words of our own."""
    own = {
        "agency": tk._("Agency"),
        "title": tk._("Title"),
        "notes": tk._("Description"),
        "tags": tk._("Keywords"),
        "links": tk._("Files by address"),
        "resources": tk._("Files"),
        "owner_org": tk._("Agency"),
        "publication": tk._("Where it stands"),
        "tier_word": tk._("Word for the tier in the list"),
        "open_mode": tk._("Mode of opening"),
        "secrecy": tk._("Secrecy"),
        "industry": tk._("Industry"),
        "formats": tk._("Formats"),
        "coverage_time": tk._("Time covered"),
        "contact_phone": tk._("Telephone"),
        "contact_email": tk._("E-mail"),
        "-": tk._("pass by"),
        "": tk._("not used"),
    }
    return own.get(name) or _labels().get(name, name)


def _labels() -> dict[str, str]:
    schema = tk.h.scheming_get_dataset_schema("dataset") or {"dataset_fields": []}
    return {
        field["field_name"]: tk.h.scheming_language_text(field.get("label") or field["field_name"])
        for field in schema["dataset_fields"]
    }


def govdata_list_value(value: Any) -> str:
    """A value of a difference as text: lists joined, objects by their names."""
    if isinstance(value, list):
        return "、".join(_item(one) for one in value[:30])
    return _item(value)


def _item(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("title") or value.get("name") or value.get("url") or "")
    tiers = {"unconditional", "conditional", "not_open"}
    return str(tk.h.govdata_tier_label(value)) if value in tiers else str(value if value is not None else "")


def govdata_has_lists() -> bool:
    """Whether this portal takes lists in, and this reader may look at them."""
    try:
        tk.get_action("govdata_harvest_overview")
        tk.check_access("govdata_harvest_overview", reader(), {})
    except (KeyError, tk.NotAuthorized):
        return False
    return True


HELPERS = {
    "govdata_has_lists": govdata_has_lists,
    "govdata_list_state": govdata_list_state,
    "govdata_list_act": govdata_list_act,
    "govdata_list_step_state": govdata_list_step_state,
    "govdata_list_field": govdata_list_field,
    "govdata_list_value": govdata_list_value,
}
