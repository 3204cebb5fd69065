"""A using agency's doubt about data that is shared with it (YZ-25): who may have one, and what its officers are told."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk

from ...access.grants import shared_with
from ...roles.domain import Actor
from .routing import agency_of


def using_agency(package: model.Package, actor: Actor) -> str:
    """The actor's agency that uses this dataset by sharing; raises ValidationError where there is none."""
    # Nobody settles their own doubt: neither the agency of the entry, nor that of the list it came by.
    own = sorted(one for one in actor.agencies if one not in (package.owner_org, agency_of(package)))
    found = shared_with(package.id, own)
    if found is None and (package.extras or {}).get("sharing_tier") == "unconditional":
        found = next(iter(own), None)
    if found is None:
        words = tk._("This data is not shared with an agency of yours. Object to it as everybody may.")
        raise tk.ValidationError({"sharing": [words]})
    return found
