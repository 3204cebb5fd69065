"""The catalogue's judge inside CKAN's validation: runs before any field is converted, on create and on update alike."""

from __future__ import annotations

import json
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ..agreements.errors import ConditionUnknown
from ..agreements.texts.vocabulary import read_conditions
from .domain import (
    OpenTier,
    Publication,
    StateSecretError,
    items_stricter_than,
    judge,
    refuse_state_secret,
    tier_of,
)
from .entry_type import words, wrong_type
from .record import note_reason
from .standing import KEPT_FIELDS, LIST_FIELDS, Standing, is_own_act, is_reviewed, requirements, standing_of
from .tier_change import refuse_edit

_COMPUTED = ("publication", "hold_causes", "private")
_ROWS = ("data_items", "resources", "extras")


def _present(value: object) -> bool:
    return value is not tk.missing and value is not None


def _rows(data: FlattenDataDict, part: str) -> list[dict[str, Any]]:
    """The rows of a part out of flattened data, such as `('data_items', 0, 'tier')`, with the keys that the schema lacks."""
    rows: dict[int, dict[str, Any]] = {}
    for key, value in data.items():
        if len(key) == 3 and key[0] == part and _present(value):
            more = value if key[2] == "__extras" and isinstance(value, dict) else {str(key[2]): value}
            rows.setdefault(int(key[1]), {}).update(more)
    return [rows[number] for number in sorted(rows)]


def entry_of(data: FlattenDataDict) -> dict[str, Any]:
    """The entry as plain values, as the domain takes it; `unknown` are the fields that the schema lacks."""
    entry: dict[str, Any] = {str(key[0]): value for key, value in data.items() if len(key) == 1 and _present(value)}
    unknown: Any = entry.pop("__extras", None)
    parts = {part: _rows(data, part) for part in _ROWS}
    return {**entry, **parts, "unknown": unknown if isinstance(unknown, dict) else {}}


def _keep_unspoken(context: Context, data: FlattenDataDict, standing: Standing) -> None:
    # By which list an entry came is the portal's own record: a writer's word on it changes nothing.
    fixed = () if is_own_act(context) else LIST_FIELDS
    for field in KEPT_FIELDS:
        if field in fixed or (not _present(data.get((field,))) and field in standing.kept):
            data[(field,)] = standing.kept.get(field, tk.missing)


def _asked(data: FlattenDataDict, standing: Standing) -> Publication:
    """What the writer wants: CKAN's `private`, where it differs from what is stored, or the stored wish."""
    if standing.tier is not None and tier_of(data.get(("open_tier",))) is None:
        # An entry that loses its tier is held. As a draft it could be given any tier anew, by one person alone.
        return Publication.PUBLISHED
    private = data.get(("private",))
    said_private = _present(private) and tk.asbool(private)
    if not standing.exists:
        return Publication.DRAFT if said_private or data.get(("publication",)) == "draft" else Publication.PUBLISHED
    if standing.publication is Publication.WITHDRAWN:
        return Publication.WITHDRAWN
    if _present(private) and said_private != standing.private:
        return Publication.DRAFT if said_private else Publication.PUBLISHED
    return Publication.DRAFT if standing.publication is Publication.DRAFT else Publication.PUBLISHED


def _released(context: Context, tier: OpenTier | None, standing: Standing) -> str:
    """Only the action of releasing sets this, whatever a writer sends; an entry that opens leaves the negative list."""
    if tier is not OpenTier.NOT_OPEN:
        return ""
    return str(context.get("govdata_released", standing.kept.get("released", "")))


def _refuse_secrets(entry: dict[str, Any], errors: FlattenErrorDict) -> None:
    try:
        refuse_state_secret(entry)
    except StateSecretError as refused:
        message = tk._(
            "State secrets are under other law and must not be entered here. Nothing of this entry was stored. "
            "Leave the entry out and ask the secrecy office (保密办)."
        )
        # CKAN takes errors of rows alone for these: in their stead the grading speaks.
        field = "grading" if refused.field in _ROWS else refused.field
        errors[(field,)] = [message]
        raise tk.StopOnError from None


def _refuse_reserved_extras(data: FlattenDataDict, errors: FlattenErrorDict) -> None:
    reserved = {*KEPT_FIELDS, *_COMPUTED}
    for key, value in data.items():
        if key[0] == "extras" and key[-1] == "key" and value in reserved:
            errors[key] = [
                tk._("'{field}' is a field of the dataset: give it as such, not under extras.").format(field=value)
            ]


def _refuse_looser_than_items(entry: dict[str, Any], tier: OpenTier | None, errors: FlattenErrorDict) -> None:
    names = items_stricter_than(entry, tier) if tier else []
    if names:
        errors[("open_tier",)] = [
            tk._(
                "The dataset may not be opened further than its strictest data item. Stricter are: {items}. "
                "Choose a stricter tier for the dataset, or take the items out."
            ).format(items="、".join(names[:5]))
        ]


def _refuse_tier_edit(context: Context, entry: dict[str, Any], standing: Standing, errors: FlattenErrorDict) -> None:
    """Looser tiers come only by a decided proposal, whose tier the deciding action puts into the context."""
    tier = tier_of(entry.get("open_tier"))
    if not standing.exists or context.get("govdata_decided_tier") == (tier.value if tier else ""):
        return
    refusal = refuse_edit(standing.tier, tier, standing.publication, str(entry.get("tier_change_reason") or ""))
    if refusal is None:
        return
    messages = {
        "looser_needs_two_persons": tk._(
            "A looser tier needs two persons: propose the change (govdata_tier_change_propose), and another person decides it."
        ),
        "reason_missing": tk._("Say why the tier changes (tier_change_reason): every change of tier is on record."),
    }
    errors[(refusal.field,)] = [messages[refusal.code]]


def govdata_judge_entry(key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context) -> None:
    """Settle tier, publication, hold causes and `private` of an entry, or say what is wrong with it.

    Writes the computed fields into `data`; the hooks after the change put a change of tier on record within the same
    transaction (YZ-29). A state secret stops the validation at once (DCF-2, ZB-2, LYG-7).
    """
    package = context.get("package")
    standing = standing_of(package)
    _keep_unspoken(context, data, standing)
    entry = entry_of(data)
    _refuse_secrets(entry, errors)
    _refuse_reserved_extras(data, errors)
    if wrong_type(entry.get("type")):
        errors[("type",)] = [words()]
    tier = tier_of(entry.get("open_tier"))
    _refuse_looser_than_items(entry, tier, errors)
    _refuse_tier_edit(context, entry, standing, errors)
    reviewed = is_reviewed(context, package.id if package else None, entry, standing)
    asked = Publication(context.get("govdata_asked") or _asked(data, standing))
    judgement = judge(entry, requirements(), asked=asked, reviewed=reviewed)
    data[("released",)] = _released(context, tier, standing)
    data[("publication",)] = judgement.publication.value
    data[("hold_causes",)] = [cause.value for cause in judgement.hold_causes]
    data[("private",)] = judgement.private
    note_reason(package, str(entry.get("tier_change_reason") or ""))


def govdata_use_codes(value: Any) -> Any:
    """Refuse what is no use code; the conditions of a dataset become clauses of its agreements (LYG-10, ZB-9)."""
    try:
        read_conditions(json.loads(value) if isinstance(value, str) and value else ())
    except ConditionUnknown as error:
        raise tk.Invalid(tk._(error.message).format(**error.values)) from error
    return value


VALIDATORS = {"govdata_judge_entry": govdata_judge_entry, "govdata_use_codes": govdata_use_codes}
