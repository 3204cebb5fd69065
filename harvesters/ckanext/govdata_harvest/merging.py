"""Merging the same dataset of two agencies (DCF-15, YZ-16): one entry stays, the other goes, and comes back if it was wrong.

Guarantee: merging opens nothing, and changes nothing of the entry that stays; no list brings the other one back; undoing gives
it the place that it had, unless somebody changed it meanwhile.
"""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.govdata.catalogue.domain import Publication
from ckanext.govdata.catalogue.standing import standing_of
from ckanext.govdata.columns import now
from ckanext.govdata.holdings.domain import CannotHold
from ckanext.govdata.holdings.keeping import refuse_closed

from .file_model import HarvestMerge
from .jobs.planning import is_granted
from .twins import are_twins

# Before the digest of the row that the entry was made of: to its list it is withdrawn by a person, and not by the list.
_MERGED = "merged "


class CannotMerge(Exception):
    """Why two entries are not merged, or not parted: `code` is a key of the refusals' words."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def merge(kept: model.Package, gone: model.Package, reason: str, by: model.User) -> HarvestMerge:
    """Withdraw `gone` in favour of `kept`, in one transaction that the caller has begun to record in. Raises CannotMerge."""
    if not are_twins(kept.id, gone.id):
        raise CannotMerge("no_twins")
    if standing_of(kept).publication is not Publication.PUBLISHED:
        raise CannotMerge("kept_not_published")
    try:
        refuse_closed(gone)
    except CannotHold as error:
        raise CannotMerge(error.cause) from error
    if is_granted(gone.id):
        raise CannotMerge("granted_to_somebody")
    standing = standing_of(gone)
    row = HarvestMerge(
        kept_id=kept.id,
        gone_id=gone.id,
        agency_id=gone.owner_org or "",
        publication=standing.publication.value,
        tier=standing.tier.value if standing.tier else "",
        reason=reason,
        merged_by=by.id,
    )
    model.Session.add(row)
    model.Session.flush()
    _patch(gone.id, _MERGED + _digest(gone), Publication.WITHDRAWN, by)
    return row


def part(row: HarvestMerge, by: model.User) -> None:
    """Give the entry that went its place again. Raises CannotMerge where it is not as the merging left it."""
    gone = model.Package.get(row.gone_id)
    standing = standing_of(gone)
    if gone is None or gone.state != "active" or standing.publication is not Publication.WITHDRAWN:
        raise CannotMerge("changed_since_merging")
    if (standing.tier.value if standing.tier else "") != row.tier:
        raise CannotMerge("changed_since_merging")
    row.undone_by, row.undone_at = by.id, now()
    model.Session.flush()
    # What was held or in review is looked at anew.
    published = row.publication == Publication.PUBLISHED.value
    place = Publication.PUBLISHED if published else Publication.DRAFT
    _patch(gone.id, _digest(gone).removeprefix(_MERGED), place, by)


def merged(agencies: Any | None) -> list[HarvestMerge]:
    """What is merged now, newest first; of these agencies, or (None) of all."""
    found = sa.select(HarvestMerge).where(HarvestMerge.undone_at.is_(None)).order_by(HarvestMerge.merged_at.desc())
    if agencies is not None:
        found = found.where(HarvestMerge.agency_id.in_(agencies))
    return list(model.Session.scalars(found.limit(100)))


def _digest(package: model.Package) -> str:
    return str((package.extras or {}).get("list_hash") or "")


def _patch(package_id: str, digest: str, publication: Publication, by: model.User) -> None:
    """Through CKAN's own action, so that index, activity and ledger follow; it commits all of it."""
    context = {"ignore_auth": True, "user": by.name, "govdata_ask_review": False, "govdata_asked": publication.value}
    tk.get_action("package_patch")(cast("Context", context), {"id": package_id, "list_hash": digest})
