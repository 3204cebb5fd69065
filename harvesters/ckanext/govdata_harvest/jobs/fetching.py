"""Bringing the lists of runs: several at a time, so that a source that answers slowly keeps only itself waiting."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..door import Fetched, Limits, fetch
from ..history import digest_of
from ..kinds import Collected, Visit, kind_of
from ..kinds.protocol import settings_of
from ..readers import ListError
from ..tombstones import Notices, UnreadableTombstones
from .asking import ask
from .politeness import wait_for_turn
from .storing import move_in, waiting_file


@dataclass(frozen=True)
class Errand:
    """What is to be fetched for a run, without anything of the database: threads run these."""

    job_id: str
    kind: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    seen: Mapping[str, Any]
    limits: Limits
    pause: float
    uploaded_digest: str = ""
    uploaded_name: str = ""


@dataclass(frozen=True)
class Brought:
    """How an errand ended: a list (its digest), nothing new, or an error."""

    job_id: str
    digest: str = ""
    name: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False
    error: ListError | None = None
    notices: Notices | None = None
    notices_unreadable: bool = False


def bring(errand: Errand) -> Brought:
    """Fetch one list. Never raises what a source can cause."""
    with tempfile.TemporaryDirectory(prefix="govdata-visit-") as place:
        return replace(_brought(errand, Path(place)), **_withdrawn_there(errand))


def _brought(errand: Errand, place: Path) -> Brought:
    try:
        found = _collect(errand, place)
    except ListError as error:
        return Brought(errand.job_id, error=error)
    if found.path is None:
        return Brought(errand.job_id, name=found.name, seen=found.seen, unchanged=True)
    digest = digest_of(found.path)
    move_in(found.path, digest)
    return Brought(errand.job_id, digest, found.name, found.seen, found.origin)


def _withdrawn_there(errand: Errand) -> dict[str, Any]:
    """What the portal says it has withdrawn, asked whatever became of its list."""
    if not kind_of(errand.kind).can.tombstones:
        return {}

    def go(address: str, folder: Path) -> Fetched:
        wait_for_turn(address, errand.pause)
        return fetch(address, folder, errand.limits, errand.secrets)

    try:
        return {"notices": ask(str(errand.settings.get("address") or ""), go)}
    except (ListError, UnreadableTombstones):
        return {"notices_unreadable": True}


def _collect(errand: Errand, folder: Path) -> Collected:
    kind = kind_of(errand.kind)
    number = 0

    def go(address: str, headers: Mapping[str, str] | None = None) -> Fetched:
        nonlocal number
        number += 1
        wait_for_turn(address, errand.pause)
        place = folder / str(number)
        place.mkdir()
        return fetch(address, place, errand.limits, headers)

    uploaded = waiting_file(errand.uploaded_digest) if errand.uploaded_digest else None
    visit = Visit(folder, go, errand.seen, errand.secrets, uploaded, errand.uploaded_name)
    return kind.collect(settings_of(kind, errand.settings), visit)
