"""The pages of agreements: the text whole, its main points beside it, what each click means; the public check of a file."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from . import agreement_life
from .parties import Answer, attempt, private, signed_in
from .people import reader


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
    shown = {"found": found, "lives": agreement_life.by_document()}
    return private(tk.render("govdata_theme/agreements.html", shown))


def agreement(id: str) -> Answer:
    """One agreement, to read whole and to sign; notices name it by the agreement's own id."""
    away = signed_in()
    if away:
        return away
    document = agreement_life.document_of(id)
    return tk.redirect_to("govdata_pages.agreement", id=document) if document else _show(id, {})


def _show(id: str, errors: dict[str, Any], failed: str = "") -> Answer:
    told, _ = attempt(lambda: _act("document_show", id=id))
    told["clauses"] = told["document"]["clauses"]
    confirm = agreement_life.confirm_address(tk.url_for("govdata_pages.agreement", id=id))
    shown = {"told": told, "errors": errors, "confirm": confirm, "may_seal": _may_seal(id)}
    life = {"life": agreement_life.life_of(id), "steps": agreement_life.STEPS, "breaches": agreement_life.BREACHES}
    more = {"failed": failed, "form": tk.request.form}
    return private(tk.render("govdata_theme/agreement.html", {**shown, **life, **more}))


def _may_seal(id: str) -> bool:
    try:
        tk.check_access("govdata_agreement_document_seal", reader(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


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


def life_step(id: str, command: str) -> Answer:
    """A step after the signatures, or instead of them; or a duty that was met."""
    away = signed_in()
    if away:
        return away
    _, errors = agreement_life.take(id, command)
    if errors:
        return _show(id, errors, command)
    tk.h.flash_success(tk._("Done, and on record."))
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
    rule = "/agreements/<id>/step/<command>"
    pages.add_url_rule(rule, endpoint="agreement_life_step", view_func=life_step, methods=["POST"])
