"""Taking a list in: look through it, make the agencies, write what is new, change what has changed, and report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.govdata.catalogue.domain import hold_causes, tier_of
from ckanext.govdata.catalogue.standing import requirements
from ckanext.govdata.catalogue.tier_change import Direction, direction
from ckanext.govdata.catalogue.writer import CatalogueWriter

from . import config
from .deciding import Decided, Verdict, decide
from .identity import digest
from .known import Known, KnownEntries
from .listing_id import list_id_of
from .mapping.columns import KnownNames
from .places import AgenciesOfTheList, OneAgency
from .readers import open_list
from .report import Report
from .survey import survey

# What a list fills; a changed row empties those of these that it no longer fills.
_FILLED = (
    *("title", "title_en", "notes", "theme", "update_cycle", "declared_formats", "row_count", "issued", "data_updated"),
    *("source_url", "resource_code", "source_system", "coverage_place", "coverage_start", "coverage_end", "valid_from"),
    *(
        "valid_until",
        "open_basis",
        "open_exception",
        "open_conditions",
        "sharing_tier",
        "sharing_mode",
        "sharing_basis",
    ),
    *("grading", "data_items", "contact_unit", "contact_phone", "contact_email", "tags", "tier_word"),
)
_LISTS = ("declared_formats", "data_items", "tags")


@dataclass
class Importing:
    """One list taken in, or only checked (`writing` false). The operator's own act: authorise before making one."""

    path: Path
    user: model.User
    agency: str = ""
    writing: bool = True
    ask_review: bool = False
    list_id: str = ""
    _place: OneAgency | AgenciesOfTheList = field(init=False)
    _report: Report = field(init=False)
    _user_name: str = field(init=False)

    def run(self) -> dict[str, Any]:
        """The report as one dictionary. Raises ListError where the file is no list or breaks off: nothing is written then."""
        self._user_name = self.user.name
        self._report = Report(self.path.name, "", self.writing)
        self._place = OneAgency(self.agency) if self.agency else AgenciesOfTheList(self._user_name, self.writing)
        file = open_list(self.path, KnownNames(), config.max_bytes())
        found = survey(file, self._place.title)
        self._report.columns_unknown = found.columns_unknown()
        self._report.list_id = self.list_id or list_id_of(self.path, self._place.slug, found.hosts)
        known = KnownEntries(self._report.list_id, found)
        self._take(self._new_ones(decide(file, found, self._place.title), known))
        self._report.agencies_created = self._place.created
        return self._report.as_dict()

    def _new_ones(self, rows: Iterator[Decided], known: KnownEntries) -> Iterator[Decided]:
        """The rows that are to be added; all others are dealt with on the way."""
        for row in rows:
            if row.verdict is Verdict.REFUSED:
                self._report.refuse(row, row.cause)
            elif row.verdict is Verdict.PASSED:
                self._report.remark(row.cause, row)
            elif row.verdict is Verdict.DUPLICATE:
                self._report.duplicate(row)
            elif held := known.find(row.candidates):
                self._compare(row, held)
            else:
                yield row

    def _take(self, rows: Iterator[Decided]) -> None:
        if not self.writing:
            for row in rows:
                self._place.place(row.entry, row.agency)
                self._report.took(row, "added", row.tier, self._foreseen(row))
            return
        writer = CatalogueWriter(self.user, config.batch_size(), ask_review=self.ask_review)
        while batch := list(islice(rows, config.batch_size())):
            names = _free_names(self._report.list_id, batch)
            records = [{**self._entry(row), "name": name} for row, name in zip(batch, names, strict=True)]
            for outcome in writer.create(records):
                self._added(batch[outcome.position], outcome.entry, outcome.errors)

    def _entry(self, row: Decided) -> dict[str, Any]:
        mark = {"list_id": self._report.list_id, "list_key": row.key, "list_hash": row.content}
        return {**self._place.place(row.entry, row.agency), **mark}

    def _added(self, row: Decided, entry: dict[str, Any] | None, errors: dict[str, Any] | None) -> None:
        if entry is None:
            column, said = next(iter((errors or {}).items()), ("", ""))
            self._report.refuse(row, "not_valid", column, str(said)[:200])
            return
        self._report.took(row, "added", str(entry.get("open_tier") or ""), self._causes(row, entry))
        if entry.get("publication") == "in_review":
            self._report.remark("in_review", row)

    def _foreseen(self, row: Decided) -> tuple[str, ...]:
        """Why the entry would be held, if it were written; the city's own demands included."""
        nameless = ("agency_missing",) if not row.agency and not self.agency else ()
        return _held_causes(row, (*(cause.value for cause in hold_causes(row.entry, requirements())), *nameless))

    def _causes(self, row: Decided, entry: dict[str, Any]) -> tuple[str, ...]:
        if not row.agency and not self.agency:
            return _held_causes(row, (*entry.get("hold_causes", ()), "agency_missing"))
        return _held_causes(row, tuple(entry.get("hold_causes") or ())) if entry.get("publication") == "held" else ()

    def _compare(self, row: Decided, held: Known) -> None:
        """A row whose entry is there: unchanged by its digest, or changed; a tier is never loosened here."""
        if held.list_id != self._report.list_id and self._elsewhere(row, held):
            self._report.duplicate_elsewhere(row, held.id)
            return
        looser = direction(tier_of(held.tier), tier_of(row.tier)) is Direction.LOOSER
        if held.content == row.content:
            causes = held.causes if held.publication == "held" else ()
            self._report.took(row, "unchanged", held.tier, self._stored_causes(row, held, causes))
        else:
            self._change(row, held, looser)
        if looser:
            self._report.remark("looser_needs_two_persons", row, "", str(row.entry.get("tier_word", "")))

    def _stored_causes(self, row: Decided, held: Known, causes: tuple[str, ...]) -> tuple[str, ...]:
        if not row.agency and not self.agency:
            return _held_causes(row, ("agency_missing",)) if held.publication == "draft" else causes
        return _held_causes(row, causes) if causes else ()

    def _elsewhere(self, row: Decided, held: Known) -> bool:
        return self._place.place(row.entry, row.agency)["owner_org"] != held.agency_id

    def _change(self, row: Decided, held: Known, looser: bool) -> None:
        tier = held.tier if looser or row.entry.get("tier_word", "") == held.tier_word else row.tier
        if not self.writing:
            self._report.took(row, "changed", tier, self._foreseen(row))
            return
        empty = {name: [] if name in _LISTS else "" for name in _FILLED}
        changed = {**empty, **self._entry(row), "id": held.id, "open_tier": tier}
        changed.pop("publication", None)
        reason = f"{self._report.list_id} {self._report.file}: {row.entry.get('tier_word', '')}"
        try:
            entry = tk.get_action("package_patch")(
                cast("Context", {"ignore_auth": True, "user": self._user_name, "govdata_ask_review": self.ask_review}),
                {**changed, "tier_change_reason": reason},
            )
        except tk.ValidationError as error:
            model.Session.rollback()
            column, said = next(iter(error.error_dict.items()), ("", ""))
            self._report.refuse(row, "not_valid", str(column), str(said)[:200])
            return
        self._report.took(row, "changed", str(entry.get("open_tier") or ""), self._causes(row, entry))


def _held_causes(row: Decided, causes: tuple[str, ...]) -> tuple[str, ...]:
    """The causes with the row's own, which says more on its tier than the catalogue can."""
    own = (row.cause,) if row.cause and not tier_of(row.tier) else ()
    others = tuple(cause for cause in causes if not (own and cause in ("tier_missing", "tier_unknown")))
    return (*own, *others)


def _free_names(list_id: str, batch: list[Decided]) -> list[str]:
    """An address for each entry, by list and key and so the same each time; one that a deleted entry keeps is passed by."""
    wanted = [f"d-{digest(list_id + chr(10) + row.key)[:16]}" for row in batch]
    taken = {name for (name,) in model.Session.query(model.Package.name).filter(model.Package.name.in_(wanted))}
    return [f"{name}-{uuid4().hex[:6]}" if name in taken else name for name in wanted]
