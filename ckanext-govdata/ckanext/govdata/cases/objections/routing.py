"""Whose data an objection is about: of a dataset that was taken from another one of this portal, that one's agency.

A mirrored or merged dataset names the entry that it was taken from as its source; one datum has one source (YZ-16), and there
it is verified. An entry that came by a list stands under the agency that the list names.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from ckan import model
from ckan.plugins import toolkit as tk

_MOST_HOPS = 8


def source_of(package: model.Package) -> model.Package:
    """The entry that this one was taken from, back to the first; the entry itself where it names none of this portal."""
    seen, found = {package.id}, package
    for _ in range(_MOST_HOPS):
        before = _named(str(found.extras.get("source_url") or ""))
        if before is None or before.id in seen:
            break
        seen.add(before.id)
        found = before
    return found


def agency_of(package: model.Package) -> str | None:
    """The agency that verifies: the source's where it is one that still works, else the one under which the entry stands."""
    agency = source_of(package).owner_org
    group = model.Session.get(model.Group, agency) if agency else None
    return agency if group is not None and group.state == "active" else package.owner_org


def _named(address: str) -> model.Package | None:
    """The dataset of this portal at an address, whatever the page's language; also one that was deleted since."""
    here, there = urlsplit(str(tk.config.get("ckan.site_url") or "")), urlsplit(address.strip())
    if not there.netloc or there.netloc != here.netloc:
        return None
    steps = [unquote(step) for step in there.path.split("/") if step]
    if len(steps) < 2 or steps[-2] != "dataset":
        return None
    return model.Package.get(steps[-1])
