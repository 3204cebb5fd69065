"""Applying a plan: entries added in batches, changed, returned and withdrawn one by one, each step on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.govdata.catalogue.domain import Publication
from ckanext.govdata.catalogue.writer import CatalogueWriter

from . import config
from .history import History
from .identity import digest
from .places import Place
from .planning import LEFT, Act, Difference, Known, Step, differences

# What a list fills; a changed row empties those of these that it no longer fills.
FILLED = (
    *("title", "title_en", "notes", "theme", "update_cycle", "declared_formats", "row_count", "issued", "data_updated"),
    *("source_url", "resource_code", "source_system", "coverage_place", "coverage_start", "coverage_end", "valid_from"),
    *("valid_until", "open_basis", "open_exception", "open_conditions", "sharing_tier", "sharing_mode"),
    *("sharing_basis", "grading", "data_items", "contact_unit", "contact_phone", "contact_email", "tags", "tier_word"),
)
_LISTS = ("declared_formats", "data_items", "tags")
# What a difference is told of, beside what the list fills.
COMPARED = ("owner_org", "open_tier", "publication", *FILLED, "resources", "list_key", "list_hash")
_LINK_FIELDS = ("url", "name", "description", "format")


@dataclass(frozen=True)
class Applied:
    """What became of one step: the entry as it stands now, or the errors that kept it as it was."""

    step: Step
    entry: dict[str, Any] | None
    errors: dict[str, Any] | None = None


class Applier:
    """Applies steps in the name of one user, as the operator's own act; `ask_review` sends what may be published to review."""

    def __init__(
        self, user: model.User, place: Place, history: History | None, list_id: str, *, ask_review: bool
    ) -> None:
        self._user, self._place, self._history, self._list_id = user.name, place, history, list_id
        self._ask_review = ask_review
        self._writer = CatalogueWriter(user, config.batch_size(), ask_review=ask_review)

    def add(self, batch: Sequence[Step]) -> Iterator[Applied]:
        """Write new entries, all at once."""
        names = _free_names(self._list_id, batch)
        records = [{**self._entry(step), "name": name} for step, name in zip(batch, names, strict=True)]
        done = [Applied(batch[found.position], found.entry, found.errors) for found in self._writer.create(records)]
        self._recorded(Act.ADD, [(one.entry["id"], *_place_of(one.step), ()) for one in done if one.entry])
        yield from done

    def foreseen(self, step: Step) -> list[Difference]:
        """The fields that `change` would change, without changing them."""
        before = self._show(cast("Known", step.known).id)
        changed, _ = self._changed(step, before)
        return compared(before, {**before, **changed})

    def change(self, step: Step) -> Applied:
        """Bring an entry to what its row says now; a tier that would be looser stays as it is."""
        before = self._show(cast("Known", step.known).id)
        changed, more = self._changed(step, before)
        changed["tier_change_reason"] = f"{self._list_id}: {step.row.entry.get('tier_word', '')}"
        return self._patched(step, before, changed, more)

    def _changed(self, step: Step, before: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is patched, and what goes into the context."""
        known = cast("Known", step.known)
        empty: dict[str, Any] = {name: [] if name in _LISTS else "" for name in FILLED}
        changed = {**empty, **self._entry(step), "id": known.id, "open_tier": step.tier}
        asked = changed.pop("publication", None) or Publication.PUBLISHED.value
        changed["resources"] = with_ids(changed.get("resources") or [], before) if _links(changed, before) else None
        if changed["resources"] is None:
            del changed["resources"]
        more = {"govdata_asked": asked} if step.act is Act.RETURN else {}
        return changed, {**more, "govdata_decided_tier": step.tier} if step.by_decision else more

    def withdraw(self, known: Known) -> bool:
        """Withdraw an entry that has left its list; it keeps its identity, and returns under it (YZ-10)."""
        before = self._show(known.id)
        wanted = {"id": known.id, "list_hash": LEFT}
        after = self._patch(wanted, {"govdata_asked": Publication.WITHDRAWN.value})
        self._recorded(Act.WITHDRAW, [(known.id, 0, "", compared(before, after))])
        return True

    def _patched(self, step: Step, before: dict[str, Any], changed: dict[str, Any], more: dict[str, Any]) -> Applied:
        try:
            after = self._patch(changed, {"govdata_ask_review": self._ask_review, **more})
        except tk.ValidationError as error:
            model.Session.rollback()
            return Applied(step, None, dict(error.error_dict))
        found = compared(before, after)
        self._recorded(step.act, [(after["id"], *_place_of(step), found)])
        return Applied(step, after)

    def _entry(self, step: Step) -> dict[str, Any]:
        row = step.row
        mark = {"list_id": self._list_id, "list_key": row.key, "list_hash": row.content}
        return {**self._place.place(row.entry, row.agency), **mark}

    def _recorded(self, act: Act, done: list[tuple[str, int, str, Sequence[Difference]]]) -> None:
        if self._history is not None:
            self._history.steps(act, done)

    def _show(self, package_id: str) -> dict[str, Any]:
        return tk.get_action("package_show")(self._context({}), {"id": package_id})

    def _patch(self, wanted: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
        return tk.get_action("package_patch")(self._context(more), wanted)

    def _context(self, more: dict[str, Any]) -> Context:
        return cast("Context", {"ignore_auth": True, "user": self._user, **more})


def compared(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """What differs between two states of an entry, of its files the links alone."""
    old, new = ({**entry, "resources": _shown_links(entry)} for entry in (before, after))
    return differences(old, new, COMPARED)


def _shown_links(entry: dict[str, Any]) -> list[dict[str, str]]:
    held = (resource for resource in entry.get("resources") or [] if not resource.get("url_type"))
    return [{name: resource.get(name) or "" for name in _LINK_FIELDS} for resource in held]


def _links(changed: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the entry's files are links that a list gave: such a list speaks for them; files put up by hand stay."""
    held = before.get("resources") or []
    return bool(changed.get("resources") or held) and all(resource.get("url_type") in (None, "") for resource in held)


def with_ids(wanted: list[dict[str, Any]], before: dict[str, Any]) -> list[dict[str, Any]]:
    """The links, those that were there before under their own ids."""
    ids = {resource["url"]: resource["id"] for resource in before.get("resources") or []}
    return [{**link, "id": ids[link["url"]]} if link["url"] in ids else link for link in wanted]


def _place_of(step: Step) -> tuple[int, str]:
    return step.row.number, step.row.row.sheet if step.row.row else ""


def _free_names(list_id: str, batch: Sequence[Step]) -> list[str]:
    """An address for each entry, by list and key and so the same each time; one that a deleted entry keeps is passed by."""
    wanted = [f"d-{digest(list_id + chr(10) + step.row.key)[:16]}" for step in batch]
    taken = {name for (name,) in model.Session.query(model.Package.name).filter(model.Package.name.in_(wanted))}
    return [f"{name}-{uuid4().hex[:6]}" if name in taken else name for name in wanted]
