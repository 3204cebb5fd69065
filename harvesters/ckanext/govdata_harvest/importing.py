"""Taking a list in: look through it, plan, apply what the plan says, and report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from ckan import model
from ckan.lib import search

from ckanext.govdata.catalogue.domain import hold_causes, tier_of
from ckanext.govdata.catalogue.standing import requirements

from . import config
from .applying import Applied, Applier
from .deciding import Decided, decide
from .history import History
from .known import KnownEntries
from .listing_id import list_id_of
from .mapping.columns import KnownNames
from .mapping.correction import Correction
from .places import AgenciesOfTheList, OneAgency, Place
from .planning import Act, Known, Step, Withdrawing, steps, withdrawing
from .readers import open_list
from .report import Report
from .survey import Survey, survey


class PlanKeeper(Protocol):
    """Keeps what a run would do, so that it is seen before it is done."""

    def looked(self, found: Survey, list_id: str, place: Place) -> None:
        """The list was looked through once."""
        ...

    def step(self, step: Step, causes: tuple[str, ...]) -> None:
        """A row with what it would do; one that does nothing too."""
        ...

    def leaving(self, entries: tuple[Known, ...]) -> None:
        """What would be withdrawn."""
        ...


@dataclass
class Importing:
    """One list taken in, or only checked (`writing` false). The operator's own act: authorise before making one."""

    path: Path
    user: model.User
    agency: str = ""
    writing: bool = True
    ask_review: bool = False
    list_id: str = ""
    agreed: bool = False
    correction: Correction | None = None
    keeper: PlanKeeper | None = None
    _place: Place = field(init=False)
    _report: Report = field(init=False)

    def run(self) -> dict[str, Any]:
        """The report as one dictionary. Raises ListError where the file is no list or breaks off: nothing is written then."""
        self._report = Report(self.path.name, "", self.writing)
        self._place = OneAgency(self.agency) if self.agency else AgenciesOfTheList(self.user.name, self.writing)
        file = open_list(self.path, KnownNames(self.correction), config.max_bytes())
        found = survey(file, self._place.title, self.correction)
        self._report.columns_unknown = found.columns_unknown()
        self._report.list_id = self.list_id or list_id_of(self.path, self._place.slug, found.hosts)
        known = KnownEntries(self._report.list_id, found, self._place)
        found.has_secrets = found.has_secrets or known.has_shut
        if self.keeper:
            self.keeper.looked(found, self._report.list_id, self._place)
        planned = steps(known, decide(file, found, self._place.title))
        if self.writing:
            self._write(planned, known, found)
        else:
            self._foresee(planned, known)
        self._report.agencies_created = self._place.created
        return self._report.as_dict()

    def _foresee(self, planned: Iterator[Step], known: KnownEntries) -> None:
        for step in planned:
            if step.act in (Act.ADD, Act.CHANGE, Act.RETURN):
                self._place.place(step.row.entry, step.row.agency)
                causes = self._foreseen(step.row)
                self._report.took(step, step.tier, causes)
            else:
                causes = ()
                self._stays(step)
            if self.keeper:
                self.keeper.step(step, causes)
        leaving = self._leaving(known)
        self._report.withdrew(leaving)
        if self.keeper:
            self.keeper.leaving(leaving.entries)

    def _write(self, planned: Iterator[Step], known: KnownEntries, found: Survey) -> None:
        history = History(self._report.list_id, self.user.id, self.path)
        self._report.run_id, self._report.revision = history.id, history.revision
        applier = Applier(self.user, self._place, history, self._report.list_id, ask_review=self.ask_review)
        try:
            self._apply(planned, applier)
            leaving = self._leaving(known)
            for entry in leaving.entries:
                applier.withdraw(entry)
        except BaseException:
            history.failed()
            raise
        self._report.withdrew(leaving)
        self._report.agencies_created = self._place.created
        # What a run that was killed wrote may not be in the search engine yet.
        search.commit()
        history.finished(self._report.as_dict(), keep_file=not found.has_secrets)

    def _apply(self, planned: Iterator[Step], applier: Applier) -> None:
        new = self._new_ones(planned, applier)
        while batch := list(islice(new, config.batch_size())):
            for applied in applier.add(batch):
                self._applied(applied)

    def _new_ones(self, planned: Iterator[Step], applier: Applier) -> Iterator[Step]:
        """The steps that add; all others are dealt with on the way."""
        for step in planned:
            if step.act is Act.ADD:
                yield step
            elif step.act in (Act.CHANGE, Act.RETURN):
                self._applied(applier.change(step))
            else:
                self._stays(step)

    def _leaving(self, known: KnownEntries) -> Withdrawing:
        missing = known.missing()
        return withdrawing(
            missing,
            known.secret,
            held=known.held,
            taken=known.held - len(missing),
            limit=config.shrink_limit(),
            agreed=self.agreed,
        )

    def _stays(self, step: Step) -> None:
        """A row that changes nothing in the catalogue."""
        row = step.row
        if step.act is Act.REFUSE:
            self._report.refuse(row, row.cause)
        elif step.act is Act.PASS:
            self._report.remark(row.cause, row)
        elif step.act is Act.DUPLICATE:
            self._report.duplicate(row)
        elif step.known and step.act is Act.ELSEWHERE:
            self._report.duplicate_elsewhere(row, step.known.id)
        elif step.known:
            self._report.took(step, step.known.tier, self._stored_causes(row, step.known))

    def _applied(self, applied: Applied) -> None:
        row = applied.step.row
        if applied.entry is None:
            column, said = next(iter((applied.errors or {}).items()), ("", ""))
            self._report.refuse(row, "not_valid", str(column), str(said)[:200])
            return
        tier = str(applied.entry.get("open_tier") or "")
        self._report.took(applied.step, tier, self._causes(row, applied.entry))
        if applied.entry.get("publication") == "in_review":
            self._report.remark("in_review", row)

    def _is_nameless(self, row: Decided) -> bool:
        return not row.agency and not self.agency

    def _foreseen(self, row: Decided) -> tuple[str, ...]:
        """Why the entry would be held, if it were written; the city's own demands included."""
        nameless = ("agency_missing",) if self._is_nameless(row) else ()
        return _held_causes(row, (*(cause.value for cause in hold_causes(row.entry, requirements())), *nameless))

    def _causes(self, row: Decided, entry: dict[str, Any]) -> tuple[str, ...]:
        if self._is_nameless(row):
            return _held_causes(row, (*entry.get("hold_causes", ()), "agency_missing"))
        return _held_causes(row, tuple(entry.get("hold_causes") or ())) if entry.get("publication") == "held" else ()

    def _stored_causes(self, row: Decided, known: Known) -> tuple[str, ...]:
        if self._is_nameless(row):
            return _held_causes(row, ("agency_missing",)) if known.publication == "draft" else ()
        return _held_causes(row, known.causes) if known.publication == "held" and known.causes else ()


def _held_causes(row: Decided, causes: tuple[str, ...]) -> tuple[str, ...]:
    """The causes with the row's own, which says more on its tier than the catalogue can."""
    own = (row.cause,) if row.cause and not tier_of(row.tier) else ()
    others = tuple(cause for cause in causes if not (own and cause in ("tier_missing", "tier_unknown")))
    return (*own, *others)
