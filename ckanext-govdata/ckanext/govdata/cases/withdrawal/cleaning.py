"""What follows a withdrawal: files, rows and metadata are sealed as evidence and leave the portal, activities and index follow.

Guarantee: each step is one transaction and can be done again; whoever is killed leaves the rest to the next, and the portal's
own chores go on with it. The routes are shut all the while.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access import switch
from ...access.links import forget_links
from ...catalogue.origins import copies_of, forget_copies
from ...columns import now
from ...holdings import withdrawing as versions
from ...stored import path_of
from ...tables import store
from ...uses import tracing as uses
from .. import sealing
from . import carried, holders, titles
from .domain import Step
from .model import Sealed, Withdrawal

logger = logging.getLogger(__name__)

# What of an entry stays on the notice: whose it is, and where it stands. All else may have leaked with it.
_KEPT_EXTRAS = frozenset(
    {
        *(
            "open_tier",
            "publication",
            "open_basis",
            "open_exception",
            "sharing_tier",
            "sharing_basis",
            "grading",
            "theme",
        ),
        *("update_cycle", "list_id", "list_key", "list_hash", "released", "base_register"),
    }
)


def follow(case_id: str) -> bool:
    """Do what is left of a withdrawal; True when all is done. Each step is committed by itself."""
    return all(_follow(case_id, step) for step in Step)


def find_holders(case_id: str) -> None:
    """The first step alone: nothing is shut faster by it, so it comes after the withdrawal."""
    _follow(case_id, Step.HOLDERS)


def _follow(case_id: str, step: Step) -> bool:
    row = model.Session.get(Withdrawal, case_id, with_for_update=True, populate_existing=True)
    if row is None or row.withdrawn_at is None or step.value in row.done:
        model.Session.rollback()
        return row is not None and row.withdrawn_at is not None
    _STEPS[step](row)
    row.done = {**row.done, step.value: now().isoformat() + "Z"}
    if len(row.done) == len(Step):
        row.finished_at = now()
    model.Session.commit()
    return True


def cut_off(case_id: str) -> None:
    """End what web servers carry of it, at once after the withdrawal; what fails here is done again by the first steps."""
    row = withdrawal_of(case_id)
    for resource in _resources(row) if row else ():
        path = path_of(resource)
        try:
            if path is not None:
                carried.cut_off(path)
        except OSError:
            logger.exception("The file of %s could not be cut off at once; it is tried again", resource.id)


def withdrawal_of(case_id: str) -> Withdrawal | None:
    return model.Session.get(Withdrawal, case_id)


def follow_all() -> int:
    """Go on with every withdrawal that is not finished, as after a kill; returns how many there were."""
    waiting = sa.select(Withdrawal.case_id).where(
        Withdrawal.withdrawn_at.is_not(None), Withdrawal.finished_at.is_(None)
    )
    found = list(model.Session.scalars(waiting))
    for case_id in found:
        try:
            follow(case_id)
        except Exception:
            logger.exception("The withdrawal %s is shut, but not finished; it is tried again", case_id)
            model.Session.rollback()
    return len(found)


def _holders(row: Withdrawal) -> None:
    """Deliveries that were recorded while the switch was thrown."""
    uses.project()
    holders.note(row, holders.find(row.package_id))


def _files(row: Withdrawal) -> None:
    """Seal each file and take it from the storage; the row of evidence is committed before the file goes, by `_index`."""
    for resource in _resources(row):
        path = path_of(resource)
        if path is None or _is_sealed(row, f"file {resource.id}"):
            continue
        carried.cut_off(path)
        content = carried.content_of(path)
        if content is not None:
            _seal(row, "file", f"file {resource.id}", content)
    for name, replaced in versions.replaced_of(row.package_id):
        if not _is_sealed(row, name):
            _seal(row, "file", name, replaced.read_bytes())


def _rows(row: Withdrawal) -> None:
    """Seal each table of the DataStore and drop it."""
    if not p.plugin_loaded("datastore"):
        return
    for resource in _resources(row):
        if store.columns_in_store(resource.id):
            if not _is_sealed(row, f"rows {resource.id}"):
                _seal(row, "rows", f"rows {resource.id}", _dump(resource.id))
                _commit_evidence()
            store.drop_table(resource.id)


def _dump(resource_id: str) -> bytes:
    from ckanext.datastore.backend.postgres import get_read_engine, identifier

    out = io.BytesIO()
    connection: Any = get_read_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {identifier(resource_id)} TO STDOUT WITH (FORMAT csv, HEADER)", out)
    finally:
        connection.close()
    return out.getvalue()


def _copies(row: Withdrawal) -> None:
    """What other plugins keep of the entry, such as the lists that it came by, becomes evidence and is forgotten there."""
    package = _package(row)
    for copy in copies_of(package):
        if not _is_sealed(row, copy.name):
            _seal(row, "metadata", copy.name, copy.content)
    _commit_evidence()
    forget_copies(package)


def _metadata(row: Withdrawal) -> None:
    """Seal the entry as it is, and leave of it what the notice needs."""
    package = _package(row)
    if not _is_sealed(row, "entry"):
        _seal(row, "metadata", "entry", json.dumps(package.as_dict(), ensure_ascii=False, default=str).encode())
    package.notes, package.url, package.version = "", "", ""
    kept = {key: value for key, value in dict(package.extras or {}).items() if key in _KEPT_EXTRAS}
    package.extras = {**kept, **titles.put_on(package, row)}
    _forget_tags(package.id)
    forget_links(package.id)
    for resource in _resources(row):
        views = sa.delete(model.ResourceView).where(model.ResourceView.resource_id == resource.id)
        model.Session.execute(views)
        resource.state, resource.name, resource.description, resource.url = "deleted", "", "", ""
        resource.extras = {}
    package.metadata_modified = now()


def _forget_tags(package_id: str) -> None:
    """The entry's tags; a word that only this entry was tagged with goes too."""
    mine = sa.select(model.PackageTag.tag_id).where(model.PackageTag.package_id == package_id)
    words = list(model.Session.scalars(mine))
    model.Session.execute(sa.delete(model.PackageTag).where(model.PackageTag.package_id == package_id))
    free = sa.delete(model.Tag).where(model.Tag.id.in_(words), model.Tag.vocabulary_id.is_(None))
    model.Session.execute(free.where(model.Tag.id.not_in(sa.select(model.PackageTag.tag_id))))


def _activities(row: Withdrawal) -> None:
    """Older states of the entry, which CKAN keeps whole in its activities, become evidence too."""
    if not p.plugin_loaded("activity"):
        return
    from ckanext.activity.model import Activity

    about = list(model.Session.query(Activity).filter(Activity.object_id == row.package_id))
    kept = [{"id": one.id, "at": str(one.timestamp), "type": one.activity_type, "data": one.data} for one in about]
    if kept and not _is_sealed(row, "activities"):
        _seal(row, "activities", "activities", json.dumps(kept, ensure_ascii=False, default=str).encode())
    for one in about:
        package = (one.data or {}).get("package") or {}
        one.data = {"package": {name: package[name] for name in ("id", "name") if name in package}}


def _index(row: Withdrawal) -> None:
    """Files go from the storage when their evidence is committed; the index and its documents follow the entry."""
    for resource in _resources(row):
        path = path_of(resource)
        if path is not None and _is_sealed(row, f"file {resource.id}"):
            carried.remove(path)
    versions.forget(row.package_id)
    switch.follow_in_index(row.package_id)


def _forgotten(row: Withdrawal) -> None:
    """Have the index keep nothing of it in its files, where deleted documents wait for being merged away."""
    try:
        forget = tk.get_action("govdata_search_forget")
    except KeyError:
        return  # another search engine, which its keepers tell to forget: docs/withdrawal.md
    if not row.drill:
        forget({"ignore_auth": True, "user": ""}, {})


_STEPS: dict[Step, Callable[[Withdrawal], None]] = {
    Step.HOLDERS: _holders,
    Step.FILES: _files,
    Step.ROWS: _rows,
    Step.COPIES: _copies,
    Step.METADATA: _metadata,
    Step.ACTIVITIES: _activities,
    Step.TITLES: titles.replace,
    Step.INDEX: _index,
    Step.FORGOTTEN: _forgotten,
}


def _package(row: Withdrawal) -> model.Package:
    found = model.Session.get(model.Package, row.package_id, populate_existing=True)
    if found is None:
        raise LookupError(f"the dataset {row.package_id} is gone")
    return found


def _resources(row: Withdrawal) -> list[model.Resource]:
    """Of every state: a deleted one has left its file and its rows behind."""
    return list(model.Session.scalars(sa.select(model.Resource).where(model.Resource.package_id == row.package_id)))


def _seal(row: Withdrawal, kind: str, name: str, content: bytes) -> None:
    sealed = sealing.seal(content, row.case_id)
    model.Session.add(Sealed(case_id=row.case_id, kind=kind, name=name, size=len(content), sealed=sealed))
    model.Session.flush()


def _is_sealed(row: Withdrawal, name: str) -> bool:
    known = sa.select(Sealed.id).where(Sealed.case_id == row.case_id, Sealed.name == name)
    return model.Session.scalar(sa.select(sa.exists(known))) or False


def _commit_evidence() -> None:
    """What lies outside of this database, rows and files, goes only when its evidence cannot be lost."""
    model.Session.commit()
