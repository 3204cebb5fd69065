"""The routes that give a resource's bytes pass the gate before CKAN's own view runs, and answer with its reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ckan import model
from ckan.common import current_user
from ckan.lib import base, signals
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, request, stream_with_context

from ..cases.objections import marks
from ..catalogue.traces import KEPT_HERE
from .delivery import Denied, open_delivery
from .domain import Reason
from .files import deliver_file, keep_nowhere
from .gate import asker, is_absent_for, once
from .links import sealed_link
from .manifest import manifest_of
from .messages import as_dict, message
from .rows import resource_of_table
from .serving import disposition
from .transfer import watched

blueprint = Blueprint("govdata_access", __name__)


def _own_file(resource: model.Resource) -> Any:
    if resource.url_type == "upload":
        try:
            return deliver_file(resource, asker())
        except FileNotFoundError:
            return base.abort(404, tk._("The file is not in the portal's storage. Ask the agency to upload it again."))
    return _link(resource)


def _link(resource: model.Resource) -> Any:
    """A file that lies elsewhere: open data and one's own by CKAN's redirect or the kept address, no other data at all."""
    delivery = open_delivery(resource, asker())
    if resource.url_type in KEPT_HERE:
        return None  # CKAN leads on to the table's dump, which is judged by itself
    if delivery.verdict.reason in (Reason.GRANTED, Reason.INSPECTION):
        raise delivery.deny(Reason.ELSEWHERE)
    if request.method != "HEAD":
        delivery.settle()
    link = sealed_link(resource.id)
    if link is None:
        return None
    signals.resource_download.send(resource.id)
    return redirect(link)


def _table(resource: model.Resource) -> Any:
    """CKAN's own dump, page by page through the gate's action, broken off when its leave ends."""
    open_delivery(resource, asker())
    view = current_app.view_functions[str(request.endpoint)]
    answer = make_response(view(**(request.view_args or {})))
    delivery = next(
        (one for one in once("deliveries").values() if one.resource_id == resource.id and one.settled), None
    )
    if delivery is None or answer.status_code != 200:
        return answer
    pieces: Any = answer.response
    answer.response = stream_with_context(watched(pieces, delivery))
    ending = str(request.args.get("format") or "csv").lower()
    answer.headers["Content-Disposition"] = disposition(f"{resource.name or resource.id}.{ending}")
    if delivery.is_closed:
        keep_nowhere(answer, delivery)
    return answer


# Endpoint's last part -> the argument that names the resource, and what answers; every route that sends a resource's bytes.
_BYTE_ROUTES: Mapping[str, tuple[str, Callable[[model.Resource], Any]]] = {
    "resource.download": ("resource_id", _own_file),
    "datastore.dump": ("resource_id", _table),
    "resource_proxy.proxy_view": ("resource_id", _link),
}


@blueprint.before_app_request
def ask_the_gate() -> Any:
    """Answer a byte route; whatever does not exist, or not for this visitor, is left to CKAN's own answer."""
    # What may be asked of an address (OPTIONS) is no question of bytes.
    found = _resource_of_route() if request.method in ("GET", "HEAD") else None
    if found is None:
        return None
    resource, answering = found
    try:
        return answering(resource)
    except Denied as denied:
        return denial(denied)
    except tk.NotAuthorized:
        return denial(g.govdata_denied) if g.get("govdata_denied") else base.abort(404)
    except tk.ValidationError as error:
        return base.abort(400, _said(error))


def _said(error: tk.ValidationError) -> str:
    """What is wrong with an order, field by field; what else PostgreSQL tells (the statement, as a mapping) is left out."""
    lists: dict[str, Any] = {field: words for field, words in error.error_dict.items() if isinstance(words, list)}
    return "; ".join(f"{field}: {words}" for field, words in tk.ValidationError(lists).error_summary.items())


def _resource_of_route() -> tuple[model.Resource, Callable[[model.Resource], Any]] | None:
    endpoint = request.endpoint or ""
    for route, (argument, answering) in _BYTE_ROUTES.items():
        if not endpoint.endswith(route):
            continue
        name = str((request.view_args or {}).get(argument) or "")
        resource = resource_of_table(name) if route == "datastore.dump" else model.Resource.get(name)
        absent = is_absent_for(resource.package if resource else None, asker())
        if resource is None or absent or resource.state != "active":
            if resource is not None:
                _ask_for_nothing()
            return None
        return resource, answering
    return None


def _ask_for_nothing() -> None:
    """Have CKAN's own view look for what never existed: its answer, and the work that it makes, are those of nothing."""
    nothing = {name: str(uuid.uuid4()) for name in ("id", "resource_id") if name in (request.view_args or {})}
    request.view_args = {**(request.view_args or {}), **nothing}


def denial(denied: Denied) -> Any:
    """A page for people, a sign-in where that is all that is missing, and codes for programs."""
    verdict = denied.verdict
    if "text/html" not in request.headers.get("Accept", ""):
        answer = jsonify(as_dict(verdict))
        answer.status_code = denied.status
        return answer
    if verdict.reason is Reason.SIGN_IN_REQUIRED:
        tk.h.flash_notice(message(verdict.reason))
        return tk.redirect_to("user.login", next=request.full_path.rstrip("?"))
    return base.abort(denied.status, message(verdict.reason))


@blueprint.after_app_request
def tell_programs(answer: Response) -> Response:
    """Codes in the API's denials, which CKAN words by itself, the numbers of deliveries, and the mark of an objection."""
    denied: Denied | None = g.get("govdata_denied")
    if denied is not None and str(request.endpoint or "").endswith("api.action") and answer.status_code == 403:
        body = answer.get_json(silent=True)
        if isinstance(body, dict) and isinstance(body.get("error"), dict):
            body["error"] |= {key: value for key, value in as_dict(denied.verdict).items() if key in ("reason", "next")}
            answer.set_data(current_app.json.dumps(body))
            answer.status_code = denied.status
    # Of a refused page nothing is looked up: work would tell that there is something.
    if answer.status_code < 400:
        taken = {one.data.dataset_id for one in once("deliveries").values()} | _shown_in_a_view()
        if taken and (at := marks.earliest(taken)):
            answer.headers["X-Under-Objection-Since"] = at
    closed = [one for one in once("deliveries").values() if one.number is not None and one.is_closed]
    if closed and "X-Delivery-Number" not in answer.headers:
        keep_nowhere(answer, closed[0])
    return answer


def _shown_in_a_view() -> set[str]:
    """The dataset whose view stands alone on a page, without the page's own words about the dataset."""
    if not str(request.endpoint or "").endswith("resource.view"):
        return set()
    package = model.Package.get((request.view_args or {}).get("id"))
    return {package.id} if package else set()


@blueprint.get("/delivery/<number>/manifest")
def manifest(number: str) -> Any:
    """What was delivered, under which agreement, and how to cite it (DCF-25): for whoever received it."""
    found = manifest_of(number, current_user.id if current_user.is_authenticated else None)
    if found is None:
        return base.abort(404, tk._("There is no such delivery of yours."))
    return jsonify(found)
