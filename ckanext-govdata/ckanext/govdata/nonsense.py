"""What no form and no link of the portal sends is answered 400 before anything is asked: PostgreSQL would only break at it."""

from __future__ import annotations

import re
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

blueprint = Blueprint("govdata_nonsense", __name__)
_FORM = "application/x-www-form-urlencoded"
_NUMBERS = ("page", "limit", "offset")
# PostgreSQL counts to 19 digits; a page's number is multiplied by its rows before.
_TOO_LARGE = re.compile(r"\s*[+-]?[\d_]{13,}\s*")


@blueprint.before_app_request
def turn_back() -> Any:
    """Answer 400 to texts with NUL in them, and to numbers of pages and rows that no list has."""
    texts = [request.path, *(value for _, value in request.args.items(multi=True))]
    if request.mimetype == _FORM:
        texts += [value for _, value in request.form.items(multi=True)]
    if any("\0" in one for one in texts):
        return base.abort(400, tk._("There is a character in this address or form that no text has."))
    if any(_TOO_LARGE.fullmatch(request.args.get(name, "")) for name in _NUMBERS):
        return base.abort(400, tk._("No list has so many pages or rows."))
    return None
