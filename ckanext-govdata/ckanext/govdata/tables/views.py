"""The address at which a dataset describes itself to programs, and the links by which they find it."""

from __future__ import annotations

import json
from typing import Any

from ckan.common import current_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, request

from .. import config
from .openapi import MEDIA_TYPE, Column, Description, Table, Words, document

blueprint = Blueprint("govdata_tables", __name__)
_PAGES = ("dataset.read", "govdata_pages.dataset_api")


def _context() -> Any:
    user = current_user if current_user.is_authenticated else None
    return {"user": current_user.name, "auth_user_obj": user}


@blueprint.route("/dataset/<id>/openapi.json")
def openapi(id: str) -> Response:
    """The dataset's addresses for programs as an OpenAPI 3.1 document, in the reader's language."""
    try:
        entry = tk.get_action("package_show")(_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("Dataset not found."))  # pyright: ignore[reportReturnType]
    text = json.dumps(document(_about(entry), _words()), ensure_ascii=False, indent=1)
    headers = (
        {"Access-Control-Allow-Origin": "*"} if not entry.get("private") else {"Cache-Control": "private, no-store"}
    )
    return Response(text, content_type=MEDIA_TYPE, headers=headers)


@blueprint.after_app_request
def name_the_description(response: Response) -> Response:
    """Name the document in the header of the dataset's pages (RFC 8631), so that a program finds it from any of them."""
    view = request.view_args or {}
    if request.endpoint in _PAGES and response.status_code == 200 and view.get("id"):
        address = tk.url_for("govdata_tables.openapi", id=view["id"], locale="default")
        response.headers.add("Link", f'<{address}>; rel="service-desc"; type="{MEDIA_TYPE.split(";")[0]}"')
    return response


def _about(entry: dict[str, Any]) -> Description:
    return Description(
        entry=entry,
        site=tk.url_for("home.index", locale="default", _external=True).rstrip("/"),
        title=str(entry.get("title") or entry["name"]),
        terms_url=tk.url_for("home.about", locale="default", _external=True),
        tables=[_table(resource) for resource in entry["resources"] if resource.get("datastore_active")],
        most_rows=int(tk.config.get("ckan.datastore.search.rows_max") or 32000),
        key_needed=entry.get("open_tier") != "unconditional" or config.rule_pack().sign_in_for_unconditional,
    )


def _table(resource: dict[str, Any]) -> Table:
    title = str(resource.get("name") or resource.get("format") or resource["id"])
    try:
        fields = tk.get_action("datastore_info")(_context(), {"id": resource["id"]})["fields"]
    except (tk.ObjectNotFound, tk.NotAuthorized):
        fields = []
    return Table(resource["id"], title, tuple(Column(str(f["id"]), str(f["type"])) for f in fields if f["id"] != "_id"))


def _words() -> Words:
    return Words(
        summary=tk._("How a program reads this dataset"),
        describe=tk._("The description of the dataset, with the addresses of its files"),
        rows=tk._("Rows of a table, page by page"),
        file=tk._("The whole file"),
        which_table=tk._("Which table:"),
        limit=tk._("Number of rows in one answer"),
        offset=tk._("Number of rows to pass over"),
        q=tk._("Words to look for in all columns"),
        filters=tk._("A JSON object of column and value, to get only the rows that match"),
        fields=tk._("Names of columns, separated by commas, to get only these"),
        sort=tk._("A column, followed by asc or desc"),
        token=tk._("Your API token, made on your account's page"),
        answered=tk._("The answer"),
        denied=tk._("You may not have this data; the answer says why and what to do"),
        missing=tk._("There is no such dataset or table"),
        wrong=tk._("A parameter is wrong; the member error of the answer names it"),
        unavailable=tk._("The delivery cannot be recorded at the moment; try again in a few minutes"),
    )
