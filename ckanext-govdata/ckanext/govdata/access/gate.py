"""The gate with CKAN around it: finds the facts of a resource and a visitor, asks the domain, words the denial."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from .. import config
from ..catalogue.standing import standing_of
from ..roles.actors import actor_of_user
from .domain import Facts, Reason, Verdict, decide


def verdict_for_package(package: model.Package, user: Any) -> Verdict:
    """May this user (None or CKAN's anonymous user for visitors) have the data of this dataset?"""
    standing = standing_of(package)
    actor = actor_of_user(user)
    return decide(
        Facts(
            tier=standing.tier,
            publication=standing.publication,
            signed_in=actor.user_id is not None,
            own_agency=package.owner_org is not None and package.owner_org in actor.agencies,
            sign_in_for_unconditional=config.rule_pack().sign_in_for_unconditional,
        )
    )


def verdict_for_resource(resource_id: str, user: Any) -> Verdict | None:
    """The verdict on a resource's data; None when there is no such resource."""
    resource = model.Resource.get(resource_id)
    package = resource.package if resource else None
    return verdict_for_package(package, user) if package else None


def message(reason: Reason) -> str:
    """The denial in the reader's language: what is the matter and what to do."""
    return {
        Reason.OPEN: tk._("This data is open to everybody."),
        Reason.OWN_AGENCY: tk._("This is your agency's own data."),
        Reason.SIGN_IN_REQUIRED: tk._(
            "This city's rules ask you to sign in before you get the data. Sign in and try again."
        ),
        Reason.AGREEMENT_REQUIRED: tk._(
            "This data is open under conditions: it is given under an agreement with the agency. "
            "The dataset's page tells the conditions and whom to ask."
        ),
        Reason.NOT_OPEN: tk._("This data is not open."),
        Reason.NOT_PUBLISHED: tk._("This data is not published yet."),
    }[reason]
