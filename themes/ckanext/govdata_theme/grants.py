"""The pages of grants: my data and its terms, the officers' list, one grant with its steps, inspections. The actions decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint
from flask import Response as FlaskResponse

from . import export
from .parties import Answer, Errors, Steps, attempt, private, signed_in, taken
from .people import reader
from .words import today

_ROWS = 50
_AT_ONCE = 500
_KINDS = ("agreement", "sharing", "inspection")
_STATES = ("requested", "running", "suspended", "revoked", "refused")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(action)(reader(), data)


def _may(action: str, id: str = "") -> bool:
    try:
        tk.check_access(action, reader(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _page() -> int:
    return max(1, tk.request.args.get("page", 1, type=int))


def _paged(**wanted: Any) -> dict[str, Any]:
    page = _page()
    found = _act("govdata_grant_list", limit=_ROWS, offset=(page - 1) * _ROWS, **wanted)
    return {**found, "page": page, "last": max(1, -(-found["count"] // _ROWS))}


def _asked() -> dict[str, str]:
    """What the list is narrowed to, as far as it is a choice that the page offers."""
    kind, state = tk.request.args.get("kind", ""), tk.request.args.get("state", "")
    return {"kind": kind if kind in _KINDS else "", "state": state if state in _STATES else ""}


def mine() -> Answer:
    """What the reader has leave to have, alone or with a party, and on which terms."""
    return signed_in() or private(tk.render("govdata_theme/grants.html", {"found": _paged(mine=True)}))


def desk() -> Answer:
    """Grants and inspections on an agency's data; for operator and authority, all."""
    away = signed_in()
    if away:
        return away
    if not _may("govdata_shut_list"):
        return tk.abort(403, tk._("This list is for officers. Your own grants stand under my data."))
    shown = {"found": _paged(**_asked()), "asked": _asked(), "kinds": _KINDS, "states": _STATES}
    return private(tk.render("govdata_theme/grant_desk.html", shown))


def grant(id: str) -> Answer:
    return signed_in() or _show(id)


def _show(id: str, failed: str = "", errors: Errors | None = None) -> Answer:
    """One grant, its terms and its steps, with the forms that this reader may send; `failed` names the one that was refused."""
    found, _ = attempt(lambda: _act("govdata_grant_show", id=id))
    decides = _may("govdata_inspection_decide", id) and tk.current_user.id not in (found["asked_by"], found["user_id"])
    living = found["standing"] in ("running", "not_begun", "suspended")
    may = {
        "suspend": found["state"] == "running" and living and _may("govdata_grant_suspend", id),
        "resume": found["state"] == "suspended" and living and _may("govdata_grant_resume", id),
        "revoke": living and _may("govdata_grant_revoke", id),
        "decide": found["kind"] == "inspection" and found["state"] == "requested" and decides,
    }
    shown = {"grant": found, "may": may, "failed": failed, "errors": errors or {}, "form": tk.request.form}
    return private(tk.render("govdata_theme/grant.html", {**shown, "officer": _may("govdata_shut_list")}))


def _steps(id: str) -> Steps:
    """Each form of a grant's page: what it does, and what is said when it is done."""
    reason, accept = tk.request.form.get("reason", ""), tk.request.form.get("decision") == "accept"
    return {
        "suspend": (
            lambda: _act("govdata_grant_suspend", id=id, reason=reason),
            tk._("Suspended. What was on its way is broken off."),
        ),
        "resume": (lambda: _act("govdata_grant_resume", id=id, reason=reason), tk._("The grant goes on.")),
        "revoke": (lambda: _act("govdata_grant_revoke", id=id, reason=reason), tk._("Ended for good.")),
        "decide": (
            lambda: _act("govdata_inspection_decide", id=id, accept=accept, reason=reason),
            tk._("Allowed; the agency is told.") if accept else tk._("Refused; the agency is told."),
        ),
    }


def step(id: str, what: str) -> Answer:
    """One form of a grant's page was sent."""
    return taken(what, lambda: _steps(id), lambda errors: _show(id, what, errors), "govdata_pages.grant", id=id)


def inspection(id: str) -> Answer:
    """The form that asks for leave to look into a dataset's data."""
    away = signed_in()
    if away:
        return away
    entry, _ = attempt(lambda: _act("package_show", id=id))
    if not _may("govdata_inspection_request", entry["id"]):
        return tk.abort(
            403, tk._("Inspections are asked for by officers of the agency, the operator and the authority.")
        )
    form, errors = tk.request.form, {}
    if tk.request.method == "POST":
        asked = {"id": entry["id"], "reason": form.get("reason", ""), "days": form.get("days", "")}
        made, errors = attempt(lambda: _act("govdata_inspection_request", **asked))
        if not errors:
            tk.h.flash_success(tk._("On record. A second person decides, and the agency is told."))
            return tk.redirect_to("govdata_pages.grant", id=made["id"])
    return private(tk.render("govdata_theme/inspection.html", {"pkg_dict": entry, "form": form, "errors": errors}))


def mine_file(form: str) -> Answer:
    return signed_in() or _file("grants", form, mine=True)


def desk_file(form: str) -> Answer:
    away = signed_in()
    if away:
        return away
    if not _may("govdata_shut_list"):
        return tk.abort(403, tk._("This list is for officers. Your own grants stand under my data."))
    return _file("all-grants", form, **_asked())


def _file(name: str, form: str, **wanted: Any) -> Response:
    # Read before answering: the session does not outlive the request that a streamed answer belongs to.
    rows = [_row(one) for one in _all(wanted)]
    if form == "json":
        body = export.as_json({"date": today().isoformat(), "count": len(rows)}, rows)
    else:
        body = (export.as_csv if form == "csv" else export.as_xlsx)(_columns(), rows)
    answer = FlaskResponse(body, content_type=export.MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{today().isoformat()}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _all(wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    start = 0
    while True:
        found = _act("govdata_grant_list", limit=_AT_ONCE, offset=start, **wanted)["results"]
        yield from found
        start += len(found)
        if len(found) < _AT_ONCE:
            return


def _columns() -> dict[str, str]:
    return {
        "id": tk._("Grant number"),
        "dataset": tk._("Dataset"),
        "holder": tk._("Who"),
        "kind": tk._("Kind"),
        "standing": tk._("State"),
        "agreement": tk._("Agreement"),
        "starts_at": tk._("From"),
        "ends_at": tk._("Until"),
        "items": tk._("Data items"),
        "modes": tk._("How it is taken"),
        "addresses": tk._("Network addresses"),
        "quota": tk._("Deliveries a day"),
        "page": tk._("Page"),
    }


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """A grant as a row: codes in the reader's words, lists joined, empty for what is not limited."""
    return {
        **{name: one[name] for name in ("id", "agreement", "starts_at", "ends_at", "quota")},
        "dataset": tk.h.govdata_use_title(one["package_id"]),
        "holder": one["party_name"] or one["user_name"] or one["agency_name"] or one["party_id"] or one["user_id"],
        "kind": govdata_grant_kind(one["kind"]),
        "standing": govdata_grant_standing(one["standing"]),
        "items": "; ".join(one["items"]),
        "modes": "; ".join(map(tk.h.govdata_use_mode, one["modes"])),
        "addresses": "; ".join(one["addresses"]),
        "page": tk.url_for("govdata_pages.grant", id=one["id"], _external=True),
    }


def govdata_grant_kind(kind: str) -> str:
    """Under what a grant stands."""
    return {
        "agreement": tk._("agreement"),
        "sharing": tk._("sharing between agencies"),
        "inspection": tk._("inspection"),
    }.get(kind, kind)


def govdata_grant_standing(standing: str) -> str:
    """How a grant stands, or to which state a step brought it."""
    return {
        "requested": tk._("waits for a second person"),
        "running": tk._("running"),
        "not_begun": tk._("not begun"),
        "ended": tk._("term over"),
        "suspended": tk._("suspended"),
        "revoked": tk._("ended early"),
        "refused": tk._("refused"),
    }.get(standing, standing)


def govdata_grant_items(package_id: str, items: list[str]) -> list[str]:
    """The titles of data items, as the dataset's page has them; their names where it has none."""
    try:
        entry = _act("package_show", id=package_id)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return items
    titles = {str(one.get("name")): str(one.get("title") or one.get("name")) for one in entry.get("data_items") or []}
    return [titles.get(item, item) for item in items]


def add_rules(pages: Blueprint) -> None:
    form = "any(csv, xlsx, json)"
    pages.add_url_rule("/grants", endpoint="grants", view_func=mine)
    pages.add_url_rule(f"/grants.<{form}:form>", endpoint="grants_file", view_func=mine_file)
    pages.add_url_rule("/desk/grants", endpoint="grant_desk", view_func=desk)
    pages.add_url_rule(f"/desk/grants.<{form}:form>", endpoint="grant_desk_file", view_func=desk_file)
    pages.add_url_rule("/grants/<id>", endpoint="grant", view_func=grant)
    pages.add_url_rule("/grants/<id>/<what>", endpoint="grant_step", view_func=step, methods=["POST"])
    pages.add_url_rule("/dataset/<id>/inspection", endpoint="inspection", view_func=inspection, methods=["GET", "POST"])


HELPERS: dict[str, Callable[..., Any]] = {
    "govdata_grant_kind": govdata_grant_kind,
    "govdata_grant_standing": govdata_grant_standing,
    "govdata_grant_items": govdata_grant_items,
}
