"""A using agency's doubt about data that is shared with it (YZ-25): who may have one, and what its officers are told."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...access.domain import Kind, State
from ...access.model import Grant
from ...columns import now
from ...roles.domain import Actor


def using_agency(package: model.Package, actor: Actor) -> str:
    """The actor's agency that uses this dataset by sharing; raises ValidationError where there is none."""
    own = sorted(one for one in actor.agencies if one != package.owner_org)
    running = sa.select(Grant.agency_id).where(
        Grant.package_id == package.id,
        Grant.kind == Kind.SHARING.value,
        Grant.state == State.RUNNING.value,
        Grant.ends_at > now(),
        Grant.agency_id.in_(own),
    )
    found = model.Session.scalars(running.order_by(Grant.agency_id)).first()
    if found is None and (package.extras or {}).get("sharing_tier") == "unconditional":
        found = next(iter(own), None)
    if found is None:
        words = tk._("This data is not shared with an agency of yours. Object to it as everybody may.")
        raise tk.ValidationError({"sharing": [words]})
    return str(found)
