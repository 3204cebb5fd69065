"""The authority's pages of model texts (LYG-19): all versions, one to read as it will stand, the next one to write."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, Errors, attempt, may, private, signed_in
from .people import reader

_LANGUAGES = ("zh_Hans_CN", "en")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_agreement_text_{action}")(reader(), data)


def listed() -> Answer:
    """Every version; drafts for the authority alone."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: _act("list"))
    return private(tk.render("govdata_theme/model_texts.html", {"texts": found, "keeps": _keeps()}))


def _keeps() -> bool:
    return may("govdata_agreement_text_draft")


def text(id: str, errors: Errors | None = None) -> Answer:
    """One version as it stands in an agreement, the places to fill in marked."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: _act("show", id=id))
    return private(
        tk.render("govdata_theme/model_text.html", {"text": found, "keeps": _keeps(), "errors": errors or {}})
    )


def write() -> Answer:
    """The next version, begun from the one that `from` names; kept as a draft, and read before it is put in force."""
    away = signed_in()
    if away:
        return away
    if not _keeps():
        return tk.abort(403, tk._("Model texts are the authority's."))
    if tk.request.method == "POST":
        body, form = _written(), tk.request.form
        made, errors = attempt(
            lambda: _act("draft", key=form.get("key", "standard"), body=body, note=form.get("note", ""))
        )
        if not errors:
            tk.h.flash_success(tk._("Kept as a draft. Read it whole before you put it in force."))
            return tk.redirect_to("govdata_pages.model_text", id=made["id"])
        return _form(form.get("key", "standard"), body, form.get("note", ""), errors)
    begun, _ = attempt(lambda: _act("show", id=tk.request.args.get("from", "")))
    return _form(begun["key"], begun["body"], "", {})


def _form(key: str, body: dict[str, Any], note: str, errors: Errors) -> Answer:
    # Two empty clauses to add; what stays empty is left out.
    shown = {"key": key, "body": body, "note": note, "errors": errors, "more": 2}
    return private(tk.render("govdata_theme/model_text_write.html", shown))


def _written() -> dict[str, Any]:
    """The form's fields as a text's body; a clause whose words were all taken out is left out, rules stay with their clause."""
    form, clauses = tk.request.form, []
    for number in range(int(form.get("clauses", "0") or 0)):
        name = f"clause-{number}-"
        words = {part: _in_languages(f"{name}{part}-") for part in ("heading", "text", "plain")}
        if not any(words["heading"].values()) and not any(words["text"].values()):
            continue
        plain = {"plain": words["plain"]} if any(words["plain"].values()) else {}
        rules = form.get(f"{name}rules", "").replace(",", " ").split()
        clauses.append({"key": form.get(f"{name}key", ""), "rules": rules, "heading": words["heading"], **plain})
        clauses[-1]["text"] = words["text"]
    return {"title": _in_languages("title-"), "opening": _in_languages("opening-"), "clauses": clauses}


def _in_languages(name: str) -> dict[str, str]:
    return {language: tk.request.form.get(f"{name}{language}", "").strip() for language in _LANGUAGES}


def step(id: str, what: str) -> Answer:
    """A draft is put in force, or a text is retired."""
    away = signed_in()
    if away:
        return away
    _, errors = attempt(lambda: _act(what, id=id))
    if errors:
        return text(id, errors)
    tk.h.flash_success(tk._("Done, and on record."))
    return tk.redirect_to("govdata_pages.model_text", id=id)


def govdata_text_state(state: str) -> str:
    """Where a version of a model text stands."""
    return {"draft": tk._("draft version"), "in_force": tk._("version in force"), "retired": tk._("retired")}.get(
        state, state
    )


HELPERS = {"govdata_text_state": govdata_text_state}


def add_rules(pages: Blueprint) -> None:
    base = "/desk/model-texts"
    pages.add_url_rule(base, endpoint="model_texts", view_func=listed)
    pages.add_url_rule(f"{base}/new", endpoint="model_text_write", view_func=write, methods=["GET", "POST"])
    pages.add_url_rule(f"{base}/<id>", endpoint="model_text", view_func=text)
    rule = f"{base}/<id>/<any('enforce', 'retire'):what>"
    pages.add_url_rule(rule, endpoint="model_text_step", view_func=step, methods=["POST"])
