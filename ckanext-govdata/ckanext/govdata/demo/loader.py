"""Loading the made-up city: agencies, datasets and files in batches; again and again the same, and resumable.

A batch is there whole or not at all, and files are stored before the datasets that name them are committed: a load that is
killed leaves whole datasets only, and the next load adds the datasets and tables that are missing.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search, uploader
from ckan.logic import index_update_package
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ..catalogue.writer import CatalogueWriter
from ..tables.loader import missing_tables, settle_table
from ..tables.store import portal_context, site_user
from .catalogue import LIST_ID, DemoFile, agency_record, dataset_record, files_of, resource_record
from .city import city
from .entries import Entry, entries
from .people import ensure_publisher
from .tables import make_table
from .voices import load_voices

_BATCH = 84
_DAY = "govdata.demo.as_of"
_MAX_MEGABYTES = 10
Say = Callable[[str], None]


def load(say: Say) -> int:
    """Bring the whole demo city into the portal; returns how many datasets were added (0 when all were there).

    Raises tk.ValidationError when something else in the portal has one of its names.
    """
    as_of = reference_day()
    say(f"agencies: {len(city().agencies)} ({_load_agencies()} new)")
    catalogue = list(enumerate(entries(as_of), start=1))
    present = loaded_keys()
    missing = [(number, entry) for number, entry in catalogue if entry.key not in present]
    done = len(catalogue) - len(missing)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        _load_batch(batch, as_of)
        done += len(batch)
        say(f"datasets: {done} of {len(catalogue)}")
    say(f"tables for preview and API: {_load_tables()} loaded")
    say(f"requests, questions and ratings: {load_voices(as_of)} new")
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
    wanted = sa.select(model.Package).where(model.Package.extras["list_id"].astext == LIST_ID)
    return list(model.Session.scalars(wanted))


def loaded_keys() -> set[str]:
    """The keys of the entries that are in the portal."""
    return {package.extras["list_key"] for package in demo_packages()}


def _load_agencies() -> int:
    records = [agency_record(agency) for agency in city().agencies]
    ids = [record["id"] for record in records]
    present = set(model.Session.scalars(sa.select(model.Group.id).where(model.Group.id.in_(ids))))
    for record in records:
        if record["id"] not in present:
            tk.get_action("organization_create")(portal_context(), record)
    return len(records) - len(present)


def _load_batch(batch: Sequence[tuple[int, Entry]], as_of: datetime.date) -> None:
    """Write most entries at once; those that need an act of their own (review, release) one by one."""
    records = []
    for number, entry in batch:
        record = {**dataset_record(entry, number, as_of), "resources": _stored_files(entry, as_of)}
        if entry.waits_for_review or entry.template.get("released"):
            _write_alone(entry, record)
        else:
            records.append(record)
    for outcome in CatalogueWriter(site_user(), batch_size=_BATCH).create(records):
        if outcome.errors:
            raise tk.ValidationError({records[outcome.position]["name"]: [str(outcome.errors)]})


def _stored_files(entry: Entry, as_of: datetime.date) -> list[dict[str, Any]]:
    """Store the entry's files where CKAN's own uploader puts those of its resources, and return the resources."""
    files = files_of(entry, make_table(entry, as_of, entry.sample)) if entry.formats else []
    for file in files:
        _store(file)
    return [resource_record(entry, file) for file in files]


def _store(file: DemoFile) -> None:
    upload = FileStorage(io.BytesIO(file.content), filename=file.filename)
    uploader.get_resource_uploader({"upload": upload, "url": file.filename}).upload(file.id, _MAX_MEGABYTES)


def _write_alone(entry: Entry, record: dict[str, Any]) -> None:
    if entry.waits_for_review:
        del record["id"]  # CKAN lets only administrators choose it
    identifier = tk.get_action("package_create")(_context_for(entry), record)
    # The publisher's word on it does not count: by which list the entry came is the portal's own record.
    package = model.Session.get_one(model.Package, identifier)
    package.extras = {**package.extras, "list_id": record["list_id"], "list_key": record["list_key"]}
    model.Session.flush()
    index_update_package(portal_context(), identifier, defer_commit=True)
    model.repo.commit()


def _context_for(entry: Entry) -> Context:
    """Who loads the entry: the portal itself, or for one that waits for review the agency's own publisher."""
    more: dict[str, Any] = {"defer_commit": True, "return_id_only": True}
    if not entry.waits_for_review:
        return portal_context(govdata_released="true", **more)
    context: Any = {"user": ensure_publisher(), **more}
    return context


def _load_tables() -> int:
    own = {package.id for package in demo_packages()}
    missing = [resource.id for resource in missing_tables() if resource.package_id in own]
    for resource_id in missing:
        settle_table(resource_id)
        model.Session.commit()
    search.commit()
    return len(missing)
