"""A version for each new content of a file, in the transaction that changes the dataset, whichever way the file came."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ..catalogue.record import acting
from ..columns import now
from ..ledger import journal
from .domain import Origin, Way
from .files import newest_file
from .model import FileVersion

# Under this key a writer's context says where the file comes from.
ORIGIN = "govdata_data_origin"


def newest(resource_id: str) -> FileVersion | None:
    """The version that a resource's file is."""
    found = sa.select(FileVersion).where(FileVersion.resource_id == resource_id).order_by(FileVersion.number.desc())
    return model.Session.scalar(found.limit(1))


def record_versions(context: Context, package_id: str) -> None:
    """Give each file of a dataset that is new, or another than before, its next number."""
    package = model.Package.get(package_id)
    if package is None:
        return
    for resource in package.resources:
        if resource.url_type == "upload":
            _record(context, resource)


def _record(context: Context, resource: model.Resource) -> None:
    file = newest_file(resource)
    if file is None:
        return
    path, sha256 = file
    before = newest(resource.id)
    if before is not None and before.sha256 == sha256:
        return
    origin: Origin = context.get(ORIGIN) or Origin(Way.BY_HAND)
    if before is not None:
        before.replaced_at = now()
    number = before.number + 1 if before else 1
    model.Session.add(
        FileVersion(
            resource_id=resource.id,
            package_id=resource.package_id,
            number=number,
            sha256=sha256,
            bytes=path.stat().st_size,
            name=origin.file or str(resource.url or "").rsplit("/", 1)[-1],
            way=origin.way.value,
            address=origin.address,
            stored_by=acting(context),
        )
    )
    model.Session.flush()
    if origin.way is not Way.BY_HAND:
        _into_ledger(context, resource, origin, number, sha256)


def _into_ledger(context: Context, resource: model.Resource, origin: Origin, number: int, sha256: str) -> None:
    fields = {
        "govdata.dataset.id": resource.package_id,
        "govdata.resource.id": resource.id,
        "govdata.data.version": number,
        "govdata.data.way": origin.way.value,
        "file.hash.sha256": sha256,
    }
    journal.change("data-version-stored", acting(context), fields)
