"""Fetching the files that a source's lists name, one after another, and putting each into its entry as a version.

Guarantee: nothing is fetched for an entry that is not published, or is shut; a file that cannot be had leaves the one before
it; a worker that is killed is followed by any other, and each content becomes one version.
"""

from __future__ import annotations

import datetime
import logging
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.catalogue.domain import OpenTier, Publication
from ckanext.govdata.catalogue.standing import standing_of
from ckanext.govdata.columns import now
from ckanext.govdata.holdings import keeping
from ckanext.govdata.holdings.domain import CannotHold, Origin, Way

from .. import config
from ..door import Fetched, fetch
from ..file_model import HarvestFile
from ..jobs.planning import acting_user
from ..jobs.politeness import wait_for_turn
from ..kinds import Visit
from ..readers import ListError
from ..sealing import unseal
from ..source_model import HarvestSource
from .beside import from_beside, linked

log = logging.getLogger(__name__)
_AGAIN = (300, 3_600, 6 * 3_600, 24 * 3_600)
_NOT_YET = 3_600
_PAGE = (b"<!doctype html", b"<html")


def take(source_id: str) -> bool:
    """Fetch what is due of a source, for a slice of time; whether there is more. Nothing where somebody else is at it."""
    with _alone(source_id) as ours:
        until = time.monotonic() + config.slice_seconds()
        while ours and (row_id := _next(source_id)) is not None:
            try:
                _one(row_id)
            except Exception:
                # What nobody foresaw stops this file alone.
                model.Session.rollback()
                log.exception("file %s of source %s", row_id, source_id)
                _failed(row_id, "file_not_taken", "")
            if time.monotonic() > until:
                return _next(source_id) is not None
    return False


@contextmanager
def _alone(source_id: str) -> Iterator[bool]:
    """A lock of the database that ends with its connection, and so with its worker."""
    engine: Any = model.meta.engine
    with engine.connect() as connection:
        asked = {"name": f"govdata_files:{source_id}"}
        got = connection.execute(sa.text("select pg_try_advisory_lock(hashtext(:name))"), asked).scalar()
        try:
            yield bool(got)
        finally:
            if got:
                connection.execute(sa.text("select pg_advisory_unlock(hashtext(:name))"), asked)


def _next(source_id: str) -> int | None:
    due = (
        sa.select(HarvestFile.id)
        .join(HarvestSource, HarvestSource.id == HarvestFile.source_id)
        .where(
            HarvestFile.source_id == source_id,
            HarvestFile.state.in_(["wanted", "dropped"]),
            HarvestFile.due_at <= now(),
            HarvestSource.state == "active",
            HarvestSource.takes_data.is_(True),
        )
        .order_by(HarvestFile.due_at, HarvestFile.id)
    )
    found = model.Session.scalar(due.limit(1))
    model.Session.commit()
    return found


def _one(row_id: int) -> None:
    row, source = _both(row_id)
    package = _entry(source, row.key)
    if row.state == "dropped":
        _drop(row, package)
        return
    cause = _why_not(package)
    if cause:
        _failed(row_id, cause, "")
        return
    with tempfile.TemporaryDirectory(prefix="govdata-file-") as folder:
        try:
            _brought(row, source, package, Path(folder))
        except CannotHold as error:
            model.Session.rollback()
            _failed(row_id, error.cause, error.detail)
        except ListError as error:
            model.Session.rollback()
            _failed(row_id, error.cause, error.detail)
        except tk.ValidationError as error:
            model.Session.rollback()
            _failed(row_id, "file_not_taken", str(error.error_summary)[:200])


def _both(row_id: int) -> tuple[HarvestFile, HarvestSource]:
    model.Session.expire_all()
    row = model.Session.get_one(HarvestFile, row_id)
    return row, model.Session.get_one(HarvestSource, row.source_id)


def _entry(source: HarvestSource, key: str) -> model.Package | None:
    extras = model.package_table.c["extras"]
    found = sa.select(model.package_table.c["id"]).where(
        extras["list_id"].astext == source.name,
        extras["list_key"].astext == key,
        model.package_table.c["state"] == "active",
    )
    package_id = model.Session.scalar(found.limit(1))
    return model.Package.get(package_id) if package_id else None


def _why_not(package: model.Package | None) -> str:
    """Why nothing is fetched for an entry; empty where it is."""
    if package is None:
        return "entry_not_there"
    standing = standing_of(package)
    public = standing.tier in (OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL)
    if standing.publication is not Publication.PUBLISHED or not public:
        return "entry_not_published"
    try:
        keeping.refuse_closed(package)
    except CannotHold as error:
        return error.cause
    return ""


def _brought(row: HarvestFile, source: HarvestSource, package: Any, folder: Path) -> None:
    row_id, resource_id = row.id, _resource_of(row, source, package)
    given = {"title": row.title, "format": row.format}
    way = Way.LINKED if row.address else Way.BESIDE
    found = _fetched(row, source, folder)
    if found is None:
        _taken(row_id, {}, row.resource_id, row.number)
        return
    path, place, seen = found
    name = seen.pop("name", "") or row.file or place
    with path.open("rb") as stream:
        _refuse_page(stream.read(512), name)
        incoming = keeping.Incoming(stream, name, Origin(way, place if row.address else ""), **given)
        user = acting_user(source.created_by)
        context = {"user": user.name, "ignore_auth": True, "govdata_ask_review": False}
        again = _entry(source, row.key)
        if again is None or _why_not(again):
            raise CannotHold(_why_not(again))
        held = keeping.put(again, replace(incoming, resource_id=resource_id), context)
    _taken(row_id, seen, held.resource_id, held.number)


def _resource_of(row: HarvestFile, source: HarvestSource, package: model.Package) -> str:
    """The file's place in the entry: where it was, where the link of its address is, or always the same new one."""
    here = {one.id: one for one in package.resources}
    if row.resource_id in here:
        return row.resource_id
    link = next((one.id for one in here.values() if row.address and one.url == row.address), "")
    named = f"{source.id}\n{row.key}\n{row.address or row.file}"
    return link or str(uuid.uuid5(uuid.NAMESPACE_URL, named))


def _fetched(row: HarvestFile, source: HarvestSource, folder: Path) -> tuple[Path, str, dict[str, str]] | None:
    limits = replace(config.fetch_limits(), bytes_sent=keeping.largest(), bytes_unpacked=keeping.largest(), tries=1)
    secrets = unseal(source.id, source.secrets)
    # What is not here any more is fetched whole, whatever was seen.
    seen: Mapping[str, Any] = dict(row.seen) if row.resource_id and model.Resource.get(row.resource_id) else {}
    kind, settings, source_id = source.kind, dict(source.settings), source.id
    address, file = row.address, row.file
    pause = config.host_pause()
    # Nothing of the database is held open while somebody else's server takes its time.
    model.Session.commit()

    def go(asked: str, headers: Mapping[str, str] | None = None) -> Fetched:
        wait_for_turn(asked, pause)
        return fetch(asked, folder, limits, headers)

    visit = Visit(folder, go, seen, secrets)
    if address:
        return linked(visit, address, secrets if _one_host(address, settings.get("address", "")) else {})
    return from_beside(kind, settings, visit, source_id, file, keeping.largest())


def _one_host(address: str, other: str) -> bool:
    """Secrets of a source go to its own host alone."""
    one, two = urlsplit(address), urlsplit(other)
    return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)


def _refuse_page(head: bytes, name: str) -> None:
    """A page in place of a file is a notice of an error, unless a page is what was named."""
    if head.lstrip().lower().startswith(_PAGE) and not name.lower().endswith((".html", ".htm")):
        raise CannotHold("answer_is_page")


def _drop(row: HarvestFile, package: model.Package | None) -> None:
    """What the list of a published entry no longer names is taken off its page; the versions of it are kept as any."""
    row_id, resource_id = row.id, row.resource_id
    there = package is not None and not _why_not(package) and resource_id in {one.id for one in package.resources}
    if there:
        user = acting_user(the_source(row).created_by)
        tk.get_action("resource_delete")({"user": user.name, "ignore_auth": True}, {"id": resource_id})
    model.Session.execute(sa.delete(HarvestFile).where(HarvestFile.id == row_id, HarvestFile.state == "dropped"))
    model.Session.commit()


def the_source(row: HarvestFile) -> HarvestSource:
    return model.Session.get_one(HarvestSource, row.source_id)


def _taken(row_id: int, seen: dict[str, str], resource_id: str, number: int) -> None:
    values: dict[str, Any] = {"resource_id": resource_id, "number": number, "taken_at": now(), "due_at": None}
    values |= {"seen": seen} if seen else {}
    _put_down(row_id, {**values, "failures": 0, "cause": "", "detail": ""})


def _failed(row_id: int, cause: str, detail: str) -> None:
    """Said on the source's page, and tried again after a pause that grows, until the next run begins anew."""
    row = model.Session.get_one(HarvestFile, row_id, populate_existing=True)
    waits = cause in ("entry_not_published", "dataset_shut", "entry_not_there")
    pause = _NOT_YET if waits else (_AGAIN[row.failures] if row.failures < len(_AGAIN) else None)
    due = now() + datetime.timedelta(seconds=pause) if pause else None
    more = 0 if waits else 1
    _put_down(row_id, {"cause": cause, "detail": detail[:300], "due_at": due, "failures": row.failures + more})


def _put_down(row_id: int, values: dict[str, Any]) -> None:
    model.Session.execute(sa.update(HarvestFile).where(HarvestFile.id == row_id).values(**values))
    model.Session.commit()
