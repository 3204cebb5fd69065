"""A scan of what the public gets: files with identity numbers in them are reported for people to look into (LYG-14, LYG-26).

Guarantee: a scan shuts nothing; each content of a file is reported once; a report says in which columns, never which numbers.
"""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ... import config
from ...access.digests import sha256_of
from ...catalogue.domain import OpenTier, Publication
from ...catalogue.standing import standing_of
from ...columns import now
from ...stored import place_of
from ...tables.domain import Sheet, TableError
from ...tables.reading import read_table
from ...workflow import cases
from ...workflow.domain import PORTAL
from ...workflow.model import CaseEvent
from .. import sealing
from ..identities import has_number
from . import holders
from .domain import MACHINE
from .model import Withdrawal

logger = logging.getLogger(__name__)
_MOST_BYTES = 50_000_000
# A file that was put up while no worker ran is looked at when one runs again.
_LATELY = datetime.timedelta(days=3)
_WORDS = {
    "zh": "自动扫描：文件“{file}”的下列各列中有形似公民身份号码的内容（单元格数）：{columns}",
    "en": "Scan: in these columns of the file “{file}” there are what look like identity numbers (cells): {columns}",
}


def numbers_in(sheet: Sheet) -> dict[str, int]:
    """By heading in how many cells there is an identity number of a person whose check digit is right."""
    found: Counter[str] = Counter()
    for row in sheet.rows:
        for heading, cell in zip(sheet.headings, row, strict=True):
            if cell and has_number(cell):
                found[heading] += 1
    return dict(found)


def scan(package: model.Package) -> list[str]:
    """Report each file of a dataset that has identity numbers, and was not reported as it is; answers the cases. Commits."""
    reported = [case for resource in package.resources if (case := _scan_one(package, resource))]
    model.Session.commit()
    return reported


def _scan_one(package: model.Package, resource: model.Resource) -> str | None:
    place = place_of(resource) if resource.url_type == "upload" else None
    if place is None or not place[0].is_file() or place[0].stat().st_size > _MOST_BYTES:
        return None
    digest = sha256_of(*place)
    if _known(package.id, digest):
        return None
    try:
        found = numbers_in(read_table(place[0].read_bytes(), config.tables_max_rows()))
    except TableError:
        return None
    return _report(package, resource, digest, found) if found else None


def _known(package_id: str, digest: str) -> bool:
    """Whether this content was reported already, whatever became of it."""
    events = sa.select(CaseEvent.case_id).join(cases.Case, cases.Case.id == CaseEvent.case_id)
    told = events.where(cases.Case.dataset == package_id, CaseEvent.facts["scan"].astext == digest)
    return model.Session.scalar(told.limit(1)) is not None


def _report(package: model.Package, resource: model.Resource, digest: str, found: dict[str, int]) -> str:
    case = cases.open_case(
        MACHINE, PORTAL, PORTAL, command="report", agency=package.owner_org, dataset=package.id, facts={"scan": digest}
    )
    chinese = str(tk.config.get("ckan.locale_default") or "").startswith("zh")
    columns = ", ".join(f"{heading} ({count})" for heading, count in found.items())
    words = _WORDS["zh" if chinese else "en"].format(file=resource.name or resource.id, columns=columns)
    row = Withdrawal(case_id=case.id, package_id=package.id, personal=True, grants=[], done={})
    row.report = sealing.seal(words.encode(), case.id)
    model.Session.add(row)
    holders.tell_handlers(case, package)
    return case.id


def scan_lately() -> int:
    """Scan what has changed lately of what people may get; returns how many reports were opened."""
    count = 0
    for package_id in list(_changed()):
        package = model.Session.get(model.Package, package_id)
        try:
            count += len(scan(package)) if package is not None else 0
        except Exception:
            logger.exception("The dataset %s could not be scanned", package_id)
            model.Session.rollback()
    return count


def _changed() -> Iterator[str]:
    """Datasets that are open, with or without conditions, and changed lately."""
    lately = model.Package.metadata_modified > now() - _LATELY
    for package in model.Session.scalars(sa.select(model.Package).where(lately, model.Package.state == "active")).all():
        standing = standing_of(package)
        is_open = standing.tier in (OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL)
        if is_open and standing.publication is Publication.PUBLISHED:
            yield package.id
