"""Pages of other plugins that count every entry there is are for those alone who may see every entry."""

from __future__ import annotations

from typing import Any

from ckan.common import current_user
from ckan.lib import base
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from ..roles.actors import actor_of_user
from ..roles.domain import Permission, permits

blueprint = Blueprint("govdata_catalogue", __name__)
# The stats page counts by SQL, drafts and closed entries too; everybody has the portal's figures instead.
_COUNT_EVERYTHING = ("stats.index",)


@blueprint.before_app_request
def keep_counts_of_everything() -> Any:
    """Answer 404 to whoever may not see unpublished entries."""
    if request.endpoint not in _COUNT_EVERYTHING:
        return None
    if permits(actor_of_user(current_user), Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        return None
    return base.abort(404, tk._("This page is for the operator and the authority. The home page has the figures."))
