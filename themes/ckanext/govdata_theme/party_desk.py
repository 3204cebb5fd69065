"""The officers' pages of parties: the queue of proofs, one case, blocks. They show and send; the actions decide."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .evidence import evidence_file
from .parties import Answer, Errors, Steps, act, attempt, given, may, private, show, signed_in, taken

_ROWS = 20


def _page() -> int:
    return max(1, tk.request.args.get("page", 1, type=int))


def _paged(action: str, **wanted: Any) -> dict[str, Any]:
    found = act(action, limit=_ROWS, offset=(_page() - 1) * _ROWS, **wanted)
    return {**found, "page": _page(), "last": max(1, -(-found["count"] // _ROWS))}


def desk() -> Answer:
    """What waits for officers in the matter of parties, by tabs: proofs, blocks, all parties."""
    away = signed_in()
    if away:
        return away
    if not may("govdata_party_list"):
        return tk.abort(403, tk._("This desk is for officers of the operator and the authority."))
    verifies = may("govdata_party_verification_list")
    tab = tk.request.args.get("tab") or ("cases" if verifies else "blocks")
    wanted = {"q": tk.request.args.get("q", ""), "state": tk.request.args.get("state", "")}
    actions = {"cases": "verification_list", "blocks": "block_list", "all": "list"}
    if tab not in actions or (tab == "cases" and not verifies):
        return tk.abort(404, tk._("There is no such page."))
    shown = {"found": _paged(actions[tab], **wanted), "tab": tab, "verifies": verifies, **wanted}
    return private(tk.render("govdata_theme/party_desk.html", shown))


def case(id: str) -> Answer:
    return signed_in() or _show_case(id)


def _show_case(id: str, errors: Errors | None = None, number: str = "") -> Answer:
    found, _ = attempt(lambda: act("verification_show", id=id))
    shown = {"case": found, "errors": errors or {}, "number": number, "reason": tk.request.form.get("reason", "")}
    return private(tk.render("govdata_theme/party_case.html", shown))


def decide(id: str) -> Answer:
    """The decision of a case."""
    accept = tk.request.form.get("decision") == "accept"
    reason = tk.request.form.get("reason", "")
    _, errors = attempt(lambda: act("verification_decide", id=id, accept=accept, reason=reason))
    if errors:
        return _show_case(id, errors)
    tk.h.flash_success(tk._("Accepted.") if accept else tk._("Refused; the party reads your reason."))
    return tk.redirect_to("govdata_pages.party_desk")


def number(id: str) -> Answer:
    """The case with its number in the clear, once."""
    found, errors = attempt(lambda: act("number_reveal", id=id))
    return _show_case(id, errors) if errors else _show_case(id, number=found["number"])


def evidence(id: str) -> Answer:
    """A file of evidence as a download that no browser runs or keeps."""
    found, errors = attempt(lambda: act("evidence_show", id=id))
    if errors:
        return tk.abort(409, " ".join(next(iter(errors.values()))))
    return evidence_file(id, found)


def _steps(id: str) -> Steps:
    """Each officers' form of a party's page: what it does, and what is said when it is done."""
    form = tk.request.form
    of, accept = form.get("of", ""), form.get("decision") == "accept"
    danger = form.get("danger") == "true"
    decision = {"id": of, "accept": accept, "reason": form.get("reason", "")}
    return {
        "block": (
            lambda: act("block_propose", id=id, danger=danger, **given("breach", "reason", "basis", "until")),
            tk._("Blocked at once.") if danger else tk._("Notice is given; the party may reply."),
        ),
        "block-decide": (lambda: act("block_decide", **decision), tk._("Decided.")),
        "appeal-decide": (lambda: act("block_appeal_decide", **decision), tk._("Decided.")),
        "lift": (
            lambda: act("block_lift", id=of, text=form.get("text", "")),
            tk._("On record; two officers lift a block."),
        ),
        "merge": (lambda: act("merge", id=id, **given("into", "reason")), tk._("On record; it takes two officers.")),
        "rename": (lambda: act("rename", id=id, **given("name", "reason")), tk._("Saved.")),
    }


def step(id: str, what: str) -> Answer:
    """One officers' form of a party's page was sent."""

    def failed(errors: Errors) -> Answer:
        return show(id, failed=f"{what}{tk.request.form.get('of', '')}", errors=errors)

    return taken(what, lambda: _steps(id), failed, "govdata_pages.party", id=id)


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/desk/parties", endpoint="party_desk", view_func=desk)
    pages.add_url_rule("/desk/parties/cases/<id>", endpoint="party_case", view_func=case)
    pages.add_url_rule("/desk/parties/cases/<id>/decide", endpoint="party_decide", view_func=decide, methods=["POST"])
    pages.add_url_rule("/desk/parties/cases/<id>/number", endpoint="party_number", view_func=number, methods=["POST"])
    pages.add_url_rule("/desk/parties/evidence/<id>", endpoint="party_evidence", view_func=evidence, methods=["POST"])
    pages.add_url_rule("/desk/parties/<id>/<what>", endpoint="party_officer_step", view_func=step, methods=["POST"])
