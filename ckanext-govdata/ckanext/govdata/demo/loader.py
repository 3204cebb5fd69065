"""Loading the made-up city: agencies, datasets and files in batches; again and again the same, and resumable.

Each batch is one transaction, and a file is stored before the dataset that names it is committed: a load that is killed
leaves whole datasets only, and the next load adds those that are missing.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search, uploader
from ckan.logic import index_update_package
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ..tables.loader import load_pending
from .catalogue import LIST_ID, DemoFile, agency_record, dataset_record, files_of, resource_record
from .city import city
from .entries import Entry, entries
from .people import PUBLISHER, REVIEWING_AGENCY, ensure_publisher
from .tables import make_table

_BATCH = 48
_DAY = "govdata.demo.as_of"
_MAX_MEGABYTES = 10
Say = Callable[[str], None]


def load(say: Say) -> int:
    """Bring the whole demo city into the portal; returns how many datasets were added (0 when all were there).

    Raises tk.ValidationError when something else in the portal has one of its names.
    """
    as_of = reference_day()
    created = _load_agencies()
    say(f"agencies: {len(city().agencies)} ({created} new)")
    catalogue = list(enumerate(entries(as_of), start=1))
    present = loaded_keys()
    missing = [(number, entry) for number, entry in catalogue if entry.key not in present]
    if any(entry.waits_for_review for _number, entry in missing):
        ensure_publisher()
    done = len(catalogue) - len(missing)
    for batch in _batches(missing):
        _load_batch(batch, as_of)
        done += len(batch)
        say(f"datasets: {done} of {len(catalogue)}")
    tables = load_pending([row.id for row in demo_resources()])
    say(f"tables for preview and API: {tables} loaded")
    return len(missing)


def reference_day() -> datetime.date:
    """The day as of which the city stands: that of the first load, so that loading again changes nothing."""
    stored = model.get_system_info(_DAY)
    if stored:
        return datetime.date.fromisoformat(stored)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    model.set_system_info(_DAY, today.isoformat())
    return today


def forget_reference_day() -> None:
    """Let the next load begin on its own day."""
    model.delete_system_info(_DAY)


def demo_packages() -> list[model.Package]:
    """Every dataset that the demo loaded, deleted ones too, whatever became of its name."""
    return list(
        model.Session.scalars(sa.select(model.Package).where(model.Package.extras["list_id"].astext == LIST_ID))
    )


def demo_resources() -> list[model.Resource]:
    """The files of the demo's datasets."""
    ids = [package.id for package in demo_packages() if package.state == "active"]
    wanted = sa.select(model.Resource).where(model.Resource.package_id.in_(ids), model.Resource.state == "active")
    return list(model.Session.scalars(wanted))


def loaded_keys() -> set[str]:
    """The keys of the entries that are in the portal."""
    return {package.extras["list_key"] for package in demo_packages()}


def own_act(**more: Any) -> Context:
    """A context in which the portal itself acts."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context: Any = {"user": user, "ignore_auth": True, **more}
    return context


def _load_agencies() -> int:
    records = [agency_record(agency) for agency in city().agencies]
    ids = [record["id"] for record in records]
    present = set(model.Session.scalars(sa.select(model.Group.id).where(model.Group.id.in_(ids))))
    for record in records:
        if record["id"] not in present:
            tk.get_action("organization_create")(own_act(), record)
    return len(records) - len(present)


def _batches(missing: Sequence[tuple[int, Entry]]) -> Iterator[Sequence[tuple[int, Entry]]]:
    for start in range(0, len(missing), _BATCH):
        yield missing[start : start + _BATCH]


def _load_batch(batch: Sequence[tuple[int, Entry]], as_of: datetime.date) -> None:
    for number, entry in batch:
        files = files_of(entry, make_table(entry, as_of)) if entry.formats else []
        record = dataset_record(entry, number, as_of)
        record["resources"] = [resource_record(entry, file) for file in files]
        if entry.waits_for_review:
            del record["id"]  # CKAN lets only administrators choose it
        for file in files:
            _store(file)
        identifier = tk.get_action("package_create")(_context_for(entry), record)
        index_update_package(own_act(), identifier, defer_commit=True)
    model.repo.commit()
    search.commit()


def _context_for(entry: Entry) -> Context:
    """Who loads the entry: the portal itself, or for one that waits for review the agency's own publisher."""
    more: dict[str, Any] = {"defer_commit": True, "return_id_only": True}
    if entry.waits_for_review:
        context: Any = {"user": PUBLISHER, **more}
        return context
    if entry.template.get("released"):
        more["govdata_released"] = "true"
    return own_act(**more)


def _store(file: DemoFile) -> None:
    """Store the file's bytes where CKAN's own uploader puts those of its resource."""
    upload = FileStorage(io.BytesIO(file.content), filename=file.filename)
    stored = uploader.get_resource_uploader({"upload": upload, "url": file.filename})
    stored.upload(file.id, _MAX_MEGABYTES)


__all__ = ["REVIEWING_AGENCY", "demo_packages", "demo_resources", "forget_reference_day", "load", "own_act"]
