"""Whose data an objection is about: by the list that the entry came by, through mirrors and merged entries back to the source.

Only the records of whoever brought an entry are asked: what its writers say of its source is a hint for the operator, no more.
One datum has one source (YZ-16), and there it is verified.
"""

from __future__ import annotations

from ckan import model

from ...catalogue.origins import origin_of

_MOST_HOPS = 8


def source_of(package: model.Package) -> model.Package:
    """The entry that this one stands for, back to the first; the entry itself where no record names another."""
    seen, found = {package.id}, package
    for _ in range(_MOST_HOPS):
        named = origin_of(found).entry
        before = model.Session.get(model.Package, named) if named and named not in seen else None
        if before is None:
            break
        seen.add(before.id)
        found = before
    return found


def agency_of(package: model.Package) -> str | None:
    """The agency that verifies: whose list brought the source, else whose entry it is; one that still works."""
    source = source_of(package)
    asked = (origin_of(source).agency, source.owner_org, package.owner_org)
    return next((one for one in asked if one and _works(one)), package.owner_org)


def _works(agency: str) -> bool:
    group = model.Session.get(model.Group, agency)
    return group is not None and group.state == "active"
