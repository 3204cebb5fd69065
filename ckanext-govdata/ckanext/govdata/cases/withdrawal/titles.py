"""What a withdrawn dataset is called: the title on its notice, in the place of each title that it had before (LYG-26).

A title can tell what leaked. So none stays but the one that the officer gives for the notice, and without one none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...agreements import titles as agreements
from ...clocks import renaming as clocks
from ...notices import renaming as notices
from ...workflow import cases
from .. import sealing
from .domain import Step, withheld_title
from .model import Sealed, Withdrawal


def on_notice(row: Withdrawal) -> str:
    """The title that the entry bears while it is withdrawn."""
    return row.notice_title or withheld_title(row.package_id)["zh"]


def told(row: Withdrawal) -> str | Mapping[str, str]:
    """The title as a notice's fact; where it is withheld, in each language."""
    return row.notice_title or withheld_title(row.package_id)


def shown(row: Withdrawal, package: model.Package | None) -> str:
    """The title on the case's pages: the notice's as soon as the dataset is withdrawn, afterwards what the entry says."""
    if package is None:
        return row.package_id
    if row.withdrawn_at is not None and Step.METADATA.value not in row.done:
        return on_notice(row)
    return package.title or package.name


def put_on(package: model.Package, row: Withdrawal) -> dict[str, str]:
    """Give the entry the notice's title; returns the fields beside it that say the same in English."""
    package.title = on_notice(row)
    return {} if row.notice_title else {"title_en": withheld_title(row.package_id)["en"]}


def replace(row: Withdrawal) -> None:
    """Put the notice's title in the place of the entry's own wherever rooms keep it, in the caller's transaction.

    The sealed evidence says what the entry was called, so that this can be done again after a kill. A title that another
    dataset bears too is replaced on this dataset's cases alone.
    """
    new, before = on_notice(row), _titles_before(row) - {on_notice(row), ""}
    agreements.rename(row.package_id, new)
    cases.rename(row.package_id, before, new)
    shared = _borne_by_others(row.package_id, before)
    own = [row.package_id, *cases.ids_about(row.package_id)]
    for titles, about in ((before - shared, None), (shared, own)):
        clocks.rename(titles, new, about)
        notices.rename(titles, told(row), about)


def _titles_before(row: Withdrawal) -> set[str]:
    """Every title that the entry is known to have had: by the evidence, and by what was applied for."""
    pieces = sa.select(Sealed).where(Sealed.case_id == row.case_id, Sealed.name.in_(("entry", "activities")))
    found = agreements.titles_of(row.package_id)
    for piece in model.Session.scalars(pieces):
        found |= set(_titles_in(json.loads(sealing.unseal(piece.sealed, row.case_id))))
    return found


def _titles_in(evidence: Any) -> Iterator[str]:
    states = [evidence] if isinstance(evidence, dict) else [(one["data"] or {}).get("package") for one in evidence]
    for state in states:
        title = (state or {}).get("title")
        if isinstance(title, str):
            yield title


def _borne_by_others(package_id: str, titles: Collection[str]) -> set[str]:
    package = model.Package
    others = sa.select(package.title).where(package.title.in_(list(titles)), package.id != package_id)
    return set(model.Session.scalars(others.where(package.state == "active")))


__all__ = ("on_notice", "put_on", "replace", "shown", "told")
