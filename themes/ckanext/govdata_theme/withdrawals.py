"""The pages of leaks: report one, follow a withdrawal, answer as a holder. They show and send; the actions decide."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from .parties import Answer, Errors, Steps, attempt, private, signed_in, taken
from .people import reader

_WORDS = ("reason", "what", "notice_title")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_{action}")(reader(), data)


def _form(*names: str) -> dict[str, str]:
    return {name: tk.request.form.get(name, "").strip() for name in names}


def report(id: str) -> Answer:
    """The form of a report, and afterwards its number and code, shown once; anybody may send one."""
    entry, _ = attempt(lambda: tk.get_action("package_show")(reader(), {"id": id}))
    made: dict[str, Any] | None = None
    errors: Errors = {}
    if tk.request.method == "POST":
        personal = tk.request.form.get("personal") == "true"
        made, errors = attempt(lambda: _act("withdrawal_report", id=entry["id"], personal=personal, **_form("text")))
    shown = {"pkg_dict": entry, "made": made, "errors": errors, "form": tk.request.form}
    return private(tk.render("govdata_theme/leak_report.html", shown))


def listed() -> Answer:
    """Reports and withdrawals that wait for something."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: _act("withdrawal_list", limit=100, open=tk.request.args.get("all") != "1"))
    return private(tk.render("govdata_theme/withdrawals.html", {"found": found}))


def case(id: str) -> Answer:
    return signed_in() or _show(id, {})


def _show(id: str, errors: Errors) -> Answer:
    found, _ = attempt(lambda: _act("withdrawal_show", id=id))
    return private(
        tk.render("govdata_theme/withdrawal.html", {"case": found, "errors": errors, "form": tk.request.form})
    )


def _steps(id: str) -> Steps:
    return {
        "confirm": (
            lambda: _act("withdrawal_confirm", id=id, **_form("answer")),
            tk._("Your confirmation is on record."),
        ),
        "persons": (lambda: _act("withdrawal_persons_told", id=id, **_form("how", "reason")), tk._("On record.")),
        "withdraw": (lambda: _withdraw(id), tk._("The dataset is withdrawn; its holders are told.")),
        "step": (lambda: _act("withdrawal_step", id=id, **_form("command", "reason", "tier")), tk._("On record.")),
    }


def _withdraw(id: str) -> Any:
    found = _act("withdrawal_show", id=id)
    return _act("withdraw", id=found["dataset"], case=id, personal=found["personal"], **_form(*_WORDS))


def step(id: str, what: str) -> Answer:
    """One form of the page was sent."""
    return taken(what, lambda: _steps(id), lambda errors: _show(id, errors), "govdata_pages.withdrawal", id=id)


def begin(id: str) -> Answer:
    """Withdraw a dataset from its page, without a report."""
    away = signed_in()
    if away:
        return away
    made, errors = attempt(lambda: _act("withdraw", id=id, **_form(*_WORDS)))
    if errors:
        for words in errors.values():
            tk.h.flash_error(" ".join(map(str, words)) if isinstance(words, list) else str(words))
        return tk.redirect_to("dataset.read", id=id)
    tk.h.flash_success(tk._("The dataset is withdrawn; its holders are told."))
    return tk.redirect_to("govdata_pages.withdrawal", id=made["id"])


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/dataset/<id>/report-leak", endpoint="leak_report", view_func=report, methods=["GET", "POST"])
    pages.add_url_rule("/dataset/<id>/withdraw", endpoint="withdraw", view_func=begin, methods=["POST"])
    pages.add_url_rule("/desk/withdrawals", endpoint="withdrawals", view_func=listed)
    pages.add_url_rule("/withdrawals/<id>", endpoint="withdrawal", view_func=case)
    pages.add_url_rule("/withdrawals/<id>/<what>", endpoint="withdrawal_step", view_func=step, methods=["POST"])
