"""Undoing a run as a whole: every entry goes back to what it was before, as far as that opens nothing further."""

from __future__ import annotations

from typing import Any, cast

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.govdata.catalogue.domain import Publication, tier_of
from ckanext.govdata.catalogue.tier_change import Direction, direction

from . import history
from .applying import with_ids
from .model import HarvestStep
from .planning import LEFT, Act

# What the catalogue computes itself.
_COMPUTED = ("publication",)


def undo(run_id: str, user: model.User) -> dict[str, Any]:
    """Undo the last run of a list: the operator's own act, so authorise before.

    Answers with `back` (entries as they were), `withdrawn` (entries that the run had added or brought back) and
    `looser_needs_two_persons` (names of entries that keep a stricter tier). Raises ListError where the run cannot be undone.
    """
    run = history.last_run(run_id)
    run_id, reason = run.id, f"{run.list_id} {run.revision}"
    steps = history.steps_back(run)
    counts = {"back": 0, "withdrawn": 0}
    stricter: list[str] = []
    for step in steps:
        entry = _show(step.package_id, user)
        if step.act in (Act.ADD.value, Act.RETURN.value):
            _patch({"id": entry["id"], "list_hash": LEFT}, Publication.WITHDRAWN.value, user)
            counts["withdrawn"] += 1
            continue
        wanted, keeps_tier = _before(step, entry)
        _patch({**wanted, "id": entry["id"], "tier_change_reason": reason}, _asked(step), user)
        counts["back"] += 1
        stricter += [entry["name"]] if keeps_tier else []
    history.undone(run_id)
    return {"run": run_id, **counts, "looser_needs_two_persons": stricter}


def _before(step: HarvestStep, entry: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The fields as they were, and whether the tier is left as it is because the old one was looser."""
    found = {given["field"]: given["before"] for given in step.differences if given["field"] not in _COMPUTED}
    if "tags" in found:
        found["tags"] = [{"name": name} for name in found["tags"] or []]
    if "resources" in found:
        found["resources"] = with_ids(found["resources"] or [], entry)
    for name in ("data_items", "declared_formats"):
        if name in found:
            found[name] = found[name] or []
    looser = "open_tier" in found and direction(tier_of(entry["open_tier"]), tier_of(found["open_tier"]))
    if looser is Direction.LOOSER:
        del found["open_tier"]
        return found, True
    return found, False


def _asked(step: HarvestStep) -> str:
    """What an entry is to be again that the run withdrew; nothing for one that it changed."""
    if step.act != Act.WITHDRAW.value:
        return ""
    before = next((given["before"] for given in step.differences if given["field"] == "publication"), "")
    return Publication.DRAFT.value if before == Publication.DRAFT.value else Publication.PUBLISHED.value


def _show(package_id: str, user: model.User) -> dict[str, Any]:
    return tk.get_action("package_show")(_context(user), {"id": package_id})


def _patch(wanted: dict[str, Any], asked: str, user: model.User) -> None:
    more = {"govdata_asked": asked} if asked else {}
    tk.get_action("package_patch")(_context(user, **more), wanted)


def _context(user: model.User, **more: str) -> Context:
    return cast("Context", {"ignore_auth": True, "user": user.name, **more})
