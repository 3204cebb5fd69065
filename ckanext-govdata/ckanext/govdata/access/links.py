"""Links of data that is not open to everybody are kept out of the metadata, and put back when the data opens."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ..catalogue.domain import OpenTier
from ..catalogue.standing import standing_of
from ..catalogue.traces import KEPT_HERE
from .gate import is_shut
from .model import SealedLink


def seal_or_open_links(package_id: str) -> None:
    """Bring the links of a dataset's resources in line with its tier, in the transaction that changes the dataset."""
    package = model.Package.get(package_id)
    if package is None or not package.resources:
        return
    model.Session.flush()
    rows = model.Session.query(SealedLink).filter(SealedLink.package_id == package_id)
    sealed = {row.resource_id: row for row in rows}
    is_open = standing_of(package).tier is OpenTier.UNCONDITIONAL and not is_shut(package_id)
    for resource in package.resources:
        if is_open:
            _open(resource, sealed.get(resource.id))
        else:
            _seal(resource, sealed.get(resource.id))
    # CKAN reads the rows past the session next, for its answer and for the index: they must be sealed by then.
    model.Session.flush()


def _seal(resource: model.Resource, row: SealedLink | None) -> None:
    if resource.url_type in KEPT_HERE and row is not None:
        model.Session.delete(row)  # a file has taken the place of the link, which must not be given in its stead
    if resource.url_type in KEPT_HERE or not resource.url:
        return
    if row is None:
        row = SealedLink(resource_id=resource.id, package_id=resource.package_id)
        model.Session.add(row)
    row.url = resource.url
    resource.url = ""


def _open(resource: model.Resource, row: SealedLink | None) -> None:
    if row is None:
        return
    if not resource.url:
        resource.url = row.url
    model.Session.delete(row)


def sealed_link(resource_id: str) -> str | None:
    """The kept address of a resource, for those whom the gate lets through."""
    row = model.Session.get(SealedLink, resource_id)
    return row.url if row else None


def forget_links(package_id: str) -> None:
    """Delete the kept addresses of a dataset, in the caller's transaction: what leaked may be one of them."""
    model.Session.execute(sa.delete(SealedLink).where(SealedLink.package_id == package_id))
