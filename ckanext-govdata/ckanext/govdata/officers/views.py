"""The pages of posts: an agency's officers, the register, and taking up a post. They show and send; the actions decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.common import current_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, make_response, request

from ..roles.actors import actor_of_user
from ..roles.domain import Role
from . import posts, register
from .domain import CAPACITIES

blueprint = Blueprint("govdata_officers", __name__, url_prefix="/officers")


@blueprint.before_request
def signed_in_only() -> Any:
    """Send visitors to sign in, and back."""
    if not current_user.is_authenticated:
        return tk.redirect_to("user.login", came_from=request.environ.get("CKAN_CURRENT_URL"))
    return None


def _call(action: str, **data: Any) -> Any:
    return tk.get_action(action)({"user": current_user.name}, data)


def _own() -> list[model.Group]:
    """The agencies whose posts this person manages; by name."""
    actor = actor_of_user(current_user)
    ids = [agency for agency, role in actor.capacities.items() if role is Role.DECIDER]
    return sorted((model.Group.get(one) for one in ids), key=lambda one: one.name)  # type: ignore[union-attr, arg-type, return-value]


def _register(agency: str) -> list[dict[str, Any]]:
    try:
        return _call("govdata_post_list", agency=agency)
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


@blueprint.get("/")
def index() -> Any:
    """The register: of the own agency, or of all for operator and authority; with the forms of whoever manages it."""
    own = _own()
    first = own[0].name if own and "all" not in request.args else ""
    chosen = request.args.get("agency") or first
    group = model.Group.get(chosen) if chosen else None
    manages = group is not None and tk.h.check_access("govdata_post_invite", {"agency": group.id})
    values = {"rows": _register(chosen), "agency": group, "manages": manages, "own": own, "capacities": CAPACITIES}
    values["sees_all"] = group is not None and tk.h.check_access("govdata_post_list")
    values["appoints"] = group is None and tk.h.check_access("govdata_officer_appoint")
    return _private(tk.render("govdata/officers.html", values))


@blueprint.get("/register.csv")
def exported() -> Response:
    """The register for spreadsheets."""
    heads = tk._("agency,unit,telephone,account,name,capacity,in charge of,since,until,ended,last trained").split(",")
    answer = _private(register.as_csv(_register(request.args.get("agency", "")), heads))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=officers.csv"
    return answer


def _sending(action: str, fields: tuple[str, ...], done: Callable[[], str]) -> Any:
    agency = request.form.get("agency", "")
    try:
        _call(action, **{name: request.form.get(name, "") for name in fields})
        tk.h.flash_success(done())
    except tk.ValidationError as error:
        tk.h.flash_error("; ".join(f"{words}" for words in error.error_summary.values()))
    except (tk.NotAuthorized, tk.ObjectNotFound) as error:
        tk.abort(403, str(error))
    return tk.redirect_to("govdata_officers.index", **({"agency": agency} if agency else {"all": "1"}))


@blueprint.post("/invite")
def invite() -> Any:
    """Offer a post by mail."""
    fields = ("agency", "mail", "capacity", "duty", "until")
    return _sending(
        "govdata_post_invite", fields, lambda: tk._("The invitation is on its way; it can be taken up for 7 days.")
    )


@blueprint.post("/end")
def end() -> Any:
    """End a post, or hand it over."""
    return _sending("govdata_post_end", ("id", "reason", "successor"), lambda: tk._("The post has ended."))


@blueprint.post("/office")
def office() -> Any:
    """Appoint an officer of the authority or the operator, change the last day, or end the term."""
    if request.form.get("do") == "dismiss":
        return _sending("govdata_officer_dismiss", ("user", "role"), lambda: tk._("The term has ended."))
    return _sending("govdata_officer_appoint", ("user", "role", "until"), lambda: tk._("The term of office is set."))


@blueprint.post("/training")
def training() -> Any:
    """Record a training."""
    fields = ("agency", "user", "subject", "held_on")
    return _sending("govdata_training_record", fields, lambda: tk._("The training is on record."))


@blueprint.post("/unit")
def unit() -> Any:
    """Name the unit in charge."""
    return _sending("govdata_unit_update", ("agency", "unit", "phone"), lambda: tk._("The unit in charge is named."))


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Any:
    """Show what a mailed link offers, and take it up."""
    if request.method == "POST":
        try:
            made = _call("govdata_post_accept", token=token)
        except tk.ObjectNotFound as error:
            tk.abort(404, str(error))
        tk.h.flash_success(tk._("You have taken up your post."))
        return tk.redirect_to("organization.read", id=made["agency_id"])
    row = posts.offered(token)
    if row is None:
        tk.abort(404, tk._("This link is out of date or was used. Ask your agency's administrator for a new one."))
    group = model.Group.get(row.agency_id)
    model.Session.rollback()
    return _private(tk.render("govdata/invitation.html", {"offer": row, "agency": group, "token": token}))


def _private(body: Any) -> Response:
    request.environ["__no_cache__"] = True
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
