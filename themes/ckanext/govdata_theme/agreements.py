"""The pages of agreements: the text whole, its main points beside it, what each click means; the public check of a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, attempt, private, signed_in
from .people import reader

# What waits for whom, by the document's step.
_STEPS = ("presented", "signed", "sealed")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_agreement_{action}")(reader(), data)


def verify() -> Answer:
    """Anybody checks the file of an agreement; nothing of it is kept."""
    told, errors = None, {}
    if tk.request.method == "POST":
        file = tk.request.files.get("file")
        told, errors = attempt(lambda: _act("verify", file=file or ""))
    return private(tk.render("govdata_theme/agreement_verify.html", {"told": told, "errors": errors}))


def mine() -> Answer:
    """The agreements that this reader sees, the newest first."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: _act("document_list", limit=200))
    return private(tk.render("govdata_theme/agreements.html", {"found": found}))


def agreement(id: str) -> Answer:
    """One agreement, to read whole and to sign."""
    return signed_in() or _show(id, {})


def _show(id: str, errors: dict[str, Any]) -> Answer:
    told, _ = attempt(lambda: _act("document_show", id=id))
    told["clauses"] = told["document"]["clauses"]
    shown = {"told": told, "errors": errors, "confirm": _confirm_address(id), "may_seal": _may_seal(id)}
    return private(tk.render("govdata_theme/agreement.html", {**shown, "steps": _STEPS}))


def _may_seal(id: str) -> bool:
    try:
        tk.check_access("govdata_agreement_document_seal", reader(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _confirm_address(id: str) -> str:
    """Where this person shows a second factor; empty when they have just done so, or nobody asks."""
    try:
        found = tk.get_action("govdata_login_confirmation_show")(reader(), {})
    except KeyError:
        return ""
    if found["confirmed"] or not found["address"]:
        return ""
    back = tk.url_for("govdata_pages.agreement", id=id)
    return f"{found['address']}?{urlencode({'purpose': 'sign_agreement', 'next': back})}"


def step(id: str, what: str) -> Answer:
    """Read to the end, sign, or seal."""
    away = signed_in()
    if away:
        return away
    data: dict[str, Any] = {"id": id, **({"name": tk.request.form.get("name", "")} if what == "sign" else {})}
    told, errors = attempt(lambda: _act(f"document_{what}", **data))
    if errors:
        return _show(id, errors)
    if what == "read":
        return tk.redirect_to(tk.url_for("govdata_pages.agreement", id=id) + "#sign")
    if any(one["state"] == "waiting" for one in told["signatures"]):
        tk.h.flash_notice(
            tk._("Not effective yet: the timestamp service does not answer. The portal tries again by itself.")
        )
    else:
        tk.h.flash_success(tk._("Done. The file below carries the signature."))
    return tk.redirect_to("govdata_pages.agreement", id=id)


def add_rules(pages: Blueprint) -> None:
    """Put these pages under their addresses."""
    pages.add_url_rule("/agreements", endpoint="agreements", view_func=mine)
    pages.add_url_rule("/agreements/verify", endpoint="agreement_verify", view_func=verify, methods=["GET", "POST"])
    pages.add_url_rule("/agreements/<id>", endpoint="agreement", view_func=agreement)
    pages.add_url_rule(
        "/agreements/<id>/<any('read', 'sign', 'seal'):what>",
        endpoint="agreement_step",
        view_func=step,
        methods=["POST"],
    )
