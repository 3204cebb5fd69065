"""No pages: the theme has them. The first request of a web process makes it look for sources that are due."""

from __future__ import annotations

from flask import Blueprint, current_app

from .jobs.watch import watch_in_background

blueprint = Blueprint("govdata_harvest", __name__)


@blueprint.before_app_request
def look_for_what_is_due() -> None:
    """Begin to look, once in each process."""
    application: object = current_app
    watch_in_background(getattr(application, "_get_current_object", lambda: application)())
