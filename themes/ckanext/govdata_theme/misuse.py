"""The pages of reports of misuse: report without a name, follow by number and code, handle. The actions decide."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, Errors, attempt, private, signed_in
from .people import everybody, reader
from .robots import is_robot

_ROWS = 50
_AGREEMENTS = 20


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_misuse_{action}")(reader(), data)


def _form(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "").strip() for name in names}


def govdata_misuse_kinds() -> list[tuple[str, str]]:
    """What a report can be about, in the reporter's words."""
    return [
        ("harm_to_others", tk._("It harms other people's rights or privacy")),
        ("agreement_duties", tk._("It is used for another purpose, or passed on")),
        ("unlawful_gain", tk._("The data was obtained by deceit")),
        ("attack", tk._("The portal or its data is attacked")),
        ("security_duties", tk._("The data is not kept safe")),
        ("other", tk._("Something else")),
    ]


def govdata_misuse_clause(key: str, conditions: list[dict[str, Any]]) -> str:
    """What a clause of an agreement is called: the model text's own ones, and those of its conditions."""
    own = {
        "subject": tk._("The data"),
        "purpose": tk._("Purpose and scenario"),
        "term": tk._("Term"),
        "security": tk._("Security"),
        "record": tk._("Record"),
        "withdrawal": tk._("Withdrawal"),
        "breach": tk._("Breach"),
        "change": tk._("Changes"),
        "signature": tk._("Signature and effect"),
        "disputes": tk._("Disputes"),
    }
    named = next((one["label"] for one in conditions if str(one["code"]).partition(":")[0] == key), "")
    return named or own.get(key, key)


def report() -> Answer:
    """The form, and afterwards number and code, shown once. The action is asked in nobody's name, whoever is signed in."""
    made: dict[str, Any] | None = None
    errors: Errors = {}
    if tk.request.method == "POST" and not is_robot():
        given = _form("kind", "text", "who", "dataset", "contact")
        made, errors = attempt(lambda: tk.get_action("govdata_misuse_report")(everybody(), given))
    shown = {"made": made, "errors": errors, "form": tk.request.form, "dataset": tk.request.values.get("dataset", "")}
    return private(tk.render("govdata_theme/misuse_report.html", shown))


def follow() -> Answer:
    """How one's report stands; what is added, or answered, is sent with the same form."""
    found: dict[str, Any] | None = None
    errors: Errors = {}
    if tk.request.method == "POST":
        names = ("number", "code", "text") if tk.request.form.get("text", "").strip() else ("number", "code")
        action = "govdata_misuse_add" if "text" in names else "govdata_misuse_follow"
        try:
            found = tk.get_action(action)(everybody(), _form(*names))
        except tk.ValidationError as refused:
            errors = refused.error_dict
        except tk.ObjectNotFound as missing:
            errors = {"number": [str(missing)]}
    shown = {"found": found, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/misuse_follow.html", shown))


def listed() -> Answer:
    away = signed_in()
    if away:
        return away
    page = max(1, tk.request.args.get("page", 1, type=int))
    found, _ = attempt(lambda: _act("list", limit=_ROWS, offset=(page - 1) * _ROWS))
    shown = {"found": found, "page_number": page, "last": max(1, -(-found["count"] // _ROWS))}
    return private(tk.render("govdata_theme/misuse_list.html", shown))


def case(id: str) -> Answer:
    return signed_in() or _show(id, {})


def _show(id: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("show", id=id))
    name = tk.request.args.get("party", "").strip()
    parties = (
        tk.get_action("govdata_party_list")(reader(), {"q": name})["results"] if name and found.get("mine") else []
    )
    shown = {"case": found, "errors": errors, "form": tk.request.form, "name": name, "parties": parties}
    return private(tk.render("govdata_theme/misuse_case.html", {**shown, "agreements": _agreements(found)}))


def _agreements(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The tied party's agreements that are in force, whole: their breach path asks for one of their own clauses."""
    if not found.get("party"):
        return []
    asked = {"desk": "authority", "party": found["party"], "limit": _AGREEMENTS}
    try:
        lines = tk.get_action("govdata_agreement_list")(reader(), asked)["results"]
    except tk.NotAuthorized:
        return []
    show = tk.get_action("govdata_agreement_show")
    return [show(reader(), {"id": one["id"]}) for one in lines if one["state"] in ("effective", "noticed")]


def step(id: str) -> Answer:
    """A step of the case was sent."""
    away = signed_in()
    if away:
        return away
    if tk.request.form.get("command") == "notice":
        given = _form("agreement", "breach", "clause", "reason", "danger")
        _, errors = attempt(lambda: _act("notice", id=id, **given))
    else:
        _, errors = attempt(lambda: _act("step", id=id, **_form("command", "text", "party")))
    if errors:
        return _show(id, errors)
    tk.h.flash_success(tk._("On record."))
    return tk.redirect_to("govdata_pages.misuse_case", id=id)


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/misuse", endpoint="misuse_report", view_func=report, methods=["GET", "POST"])
    pages.add_url_rule("/misuse/follow", endpoint="misuse_follow", view_func=follow, methods=["GET", "POST"])
    pages.add_url_rule("/desk/misuse", endpoint="misuse_list", view_func=listed)
    pages.add_url_rule("/desk/misuse/<id>", endpoint="misuse_case", view_func=case)
    pages.add_url_rule("/desk/misuse/<id>/step", endpoint="misuse_step", view_func=step, methods=["POST"])


HELPERS = {"govdata_misuse_kinds": govdata_misuse_kinds, "govdata_misuse_clause": govdata_misuse_clause}
