"""Files of applications: an attachment, a desk's list and the public register as CSV or Excel."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ckan.common import current_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from ...uses import exports
from . import listing, register

blueprint = Blueprint("govdata_applications", __name__)
_FILTERS = ("desk", "state", "agency", "party", "dataset", "kind", "purpose", "officer", "q", "open", "overdue")
_PUBLIC = ("dataset", "agency", "purpose", "outcome", "kind", "year")


def _context() -> Any:
    user = current_user if current_user.is_authenticated else None
    return {"user": current_user.name, "auth_user_obj": user}


@blueprint.route("/application/file/<id>")
def attachment(id: str) -> Response:
    """An attachment, always as a file to keep and never shown in the page: what it is called runs nowhere."""
    try:
        context: Any = {**_context(), "as_bytes": True}
        found = tk.get_action("govdata_application_file_show")(context, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such application, or it is not yours to see."))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found['name'])}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(found["content"], content_type=found["media_type"], headers=headers)


@blueprint.route("/desk/applications.<any('csv', 'xlsx'):form>")
def desk(form: str) -> Response:
    """A desk's list, by the filters of the page."""
    given = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    try:
        rows = listing.exported(_context(), given)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    return _file(rows, listing.EXPORTED, form, f"applications-{listing.day()}")


@blueprint.route("/register/applications.<any('csv', 'xlsx'):form>")
def public(form: str) -> Response:
    """The public register, by the filters of the page."""
    given = {name: request.args[name] for name in _PUBLIC if request.args.get(name)}
    rows: list[dict[str, Any]] = []
    while len(rows) < 100_000:
        page = tk.get_action("govdata_register_list")(_context(), {**given, "limit": 1000, "offset": len(rows)})
        rows += page["results"]
        if len(page["results"]) < 1000:
            break
    return _file(rows, register.COLUMNS, form, f"register-{listing.day()}")


def _file(rows: list[dict[str, Any]], columns: tuple[str, ...], form: str, name: str) -> Response:
    media_type, write = exports.FORMS[form]
    headers = {"Content-Disposition": f"attachment; filename={name}.{form}"}
    return Response(write(rows, columns), content_type=media_type, headers=headers)
