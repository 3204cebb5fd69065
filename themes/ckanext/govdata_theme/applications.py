"""The pages of applications: asking, the application's own page, lists at each desk, the public register. Actions decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint

from . import agreement_life
from .parties import Answer, Errors, attempt, private, signed_in
from .people import reader

_ROWS = 20
_FILTERS = ("state", "agency", "dataset", "kind", "purpose", "q", "open", "overdue")
_PUBLIC = ("dataset", "agency", "purpose", "outcome", "kind", "year")
_MODES = ("download", "api", "view")
# What the applicant's own steps are called by the actions; the others' stand in `_steps`.
_OWN = ("submit", "discard", "complete", "withdraw", "appeal", "coordinate")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_{action}")(reader(), data)


def govdata_applying() -> bool:
    """Whether this portal takes applications."""
    try:
        tk.get_action("govdata_application_options")
    except KeyError:
        return False
    return True


def _ready() -> Any:
    """The way to sign in, or to the page that says that there is none; None where the reader may go on."""
    if not govdata_applying():
        return tk.abort(404, tk._("There is no such page."))
    return signed_in()


def apply(id: str) -> Answer:
    """One page that asks what the dataset's conditions need, and says by when the answer comes; then it is submitted."""
    away = _ready()
    if away:
        return away
    options, _ = attempt(lambda: _act("application_options", id=id))
    errors: Errors = {}
    if tk.request.method == "POST":
        made, errors = attempt(lambda: _act("application_draft", id=id, **_side(), **_content(options["conditions"])))
        if not errors:
            return _hand_in(made["id"])
    form = _typed() if tk.request.method == "POST" else _again(options["dataset"])
    shown = {"options": options, "errors": errors, "form": form, "application": None}
    return private(tk.render("govdata_theme/apply.html", {**shown, **_sides()}))


def _again(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """What the form begins with: nothing, or for a renewal what an earlier application of the reader's for this data had."""
    earlier = tk.request.args.get("again", "")
    if not earlier:
        return {}
    found, _ = attempt(lambda: _act("application_show", id=earlier))
    if found["dataset"] != dataset["id"]:
        return {}
    side = f"party:{found['party']}" if found["party"] else f"agency:{found['applicant_agency']}"
    return {**found["content"], "party": side}


def edit(id: str) -> Answer:
    """The same page for a draft, or for one that came back."""
    away = _ready()
    if away:
        return away
    found, _ = attempt(lambda: _act("application_show", id=id))
    options, _ = attempt(lambda: _act("application_options", id=found["dataset"]))
    errors: Errors = {}
    if tk.request.method == "POST":
        _, errors = attempt(lambda: _act("application_update", id=id, **_content(found["conditions"])))
        if not errors:
            return _hand_in(id, "complete" if found["state"] == "returned" else "submit")
    return _show_edit(found, options, errors)


def _show_edit(found: dict[str, Any], options: dict[str, Any], errors: Errors) -> Answer:
    form = _typed() if tk.request.method == "POST" else {**found["content"], "party": found["party"]}
    shown = {"options": {**options, "conditions": found["conditions"]}, "errors": errors, "form": form}
    return private(tk.render("govdata_theme/apply.html", {**shown, "application": found, **_sides()}))


def _hand_in(id: str, command: str = "submit") -> Answer:
    """Keep the files; submit, unless the reader only saves. What lacks is shown beside its field, and nothing typed is lost."""
    errors: Errors = {}
    for file in tk.request.files.getlist("files"):
        if file.filename and not errors:
            _, errors = attempt(lambda file=file: _act("application_attach", id=id, upload=file))
            errors = {"files": next(iter(errors.values()))} if errors else {}
    if not errors and tk.request.form.get("then") != "save":
        _, errors = attempt(lambda: _act(f"application_{command}", id=id))
    if errors:
        found = _act("application_show", id=id)
        return _show_edit(found, _act("application_options", id=found["dataset"]), errors)
    if tk.request.form.get("then") == "save":
        tk.h.flash_success(tk._("Saved. Nothing has been sent yet."))
    else:
        tk.h.flash_success(tk._("Submitted. You see here what becomes of it, and you are told."))
    return tk.redirect_to("govdata_pages.application", id=id)


def _side() -> dict[str, str]:
    kind, _, reference = tk.request.form.get("party", "").partition(":")
    return {kind: reference} if kind in ("party", "agency") and reference else {}


def _sides() -> dict[str, Any]:
    """For whom the reader can apply: parties, and agencies whose publisher or decider they are."""
    agencies = tk.get_action("organization_list_for_user")(reader(), {"permission": "create_dataset"})
    return {"parties": _act("party_mine"), "agencies": agencies}


def _content(conditions: Mapping[str, Any]) -> dict[str, Any]:
    form = tk.request.form
    plain = {name: form.get(name, "") for name in ("purpose", "scenario", "security", "award")}
    flags = {name: form.get(name) == "1" for name in ("public_good", "operation", "consent")}
    months = {"months": int(form["months"])} if form.get("months", "").isdigit() else {}
    answers = {key: form.get(f"answer-{key}", "") for key in conditions}
    lists = {"items": form.getlist("items"), "modes": form.getlist("modes")}
    return {**plain, **flags, **months, **lists, "answers": answers}


def _typed() -> dict[str, Any]:
    """What the form is filled with when it is shown again."""
    form = tk.request.form
    answers = {name.removeprefix("answer-"): form[name] for name in form if name.startswith("answer-")}
    return {**form.to_dict(), "items": form.getlist("items"), "modes": form.getlist("modes"), "answers": answers}


def application(id: str) -> Answer:
    return _ready() or _show(id)


def _show(id: str, failed: str = "", errors: Errors | None = None) -> Answer:
    found, _ = attempt(lambda: _act("application_show", id=id))
    notices = _act("notice_list", about=id)["results"]
    shown = {"application": found, "failed": failed, "errors": errors or {}, "form": tk.request.form}
    agreements = agreement_life.following(id)
    may_present = agreement_life.may_present(found, agreements)
    before = agreement_life.in_force(found) if may_present else []
    more = {"agreements": agreements, "may_present": may_present, "before": before}
    return private(tk.render("govdata_theme/application.html", {**shown, **more, "notices": notices}))


def _steps(id: str) -> dict[str, Callable[[], Any]]:
    """Each form of an application's page, by its command."""
    form = tk.request.form
    words = {name: form.get(name, "") for name in ("reason", "basis")}
    missing = {key.removeprefix("missing-"): form[key] for key in form if key.startswith("missing-") and form[key]}
    checked = form.get("award_checked") == "1"
    steps: dict[str, Callable[[], Any]] = {
        "return": lambda: _act("application_return", id=id, missing=missing, reason=words["reason"]),
        "advise": lambda: _act("application_advise", id=id, reason=words["reason"]),
        "ask-extension": lambda: _act("application_extension_ask", id=id, reason=words["reason"]),
        "extend": lambda: _act("application_extend", id=id, reason=words["reason"]),
        "approve": lambda: _act("application_decide", id=id, accept=True, award_checked=checked, **words),
        "refuse": lambda: _act("application_decide", id=id, accept=False, **words),
        "supply": lambda: _act("application_supply", id=id, reason=words["reason"]),
        "uphold": lambda: _act("application_appeal_decide", id=id, uphold=True, reason=words["reason"]),
        "send-back": lambda: _act("application_appeal_decide", id=id, uphold=False, reason=words["reason"]),
        "assign": lambda: _act("application_assign", id=id, officer=form.get("officer", "")),
        "present": lambda: agreement_life.present(id),
    }
    for command in _OWN:
        steps[command] = lambda command=command: _act(f"application_{command}", id=id, **_reason(command, words))
    return steps


def _reason(command: str, words: Mapping[str, str]) -> dict[str, str]:
    return {} if command in ("submit", "complete") else {"reason": words["reason"]}


def step(id: str, command: str) -> Answer:
    """One form of an application's page was sent."""
    away = _ready()
    if away:
        return away
    do = _steps(id).get(command)
    if do is None:
        return tk.abort(404, tk._("There is no such page."))
    told, errors = attempt(do)
    if errors:
        return _show(id, failed=command, errors=errors)
    tk.h.flash_success(tk._("Done, and on record."))
    if command == "present":
        return tk.redirect_to("govdata_pages.agreement", id=told["document"])
    return tk.redirect_to("govdata_pages.application", id=id)


def listed(desk: str) -> Answer:
    """A list of applications: one's own, an agency's, or all; what is due stands first."""
    away = _ready()
    if away:
        return away
    given = {name: tk.request.args[name] for name in _FILTERS if tk.request.args.get(name)}
    found, _ = attempt(lambda: _act("application_list", desk=desk, **given, **_page()))
    return private(tk.render("govdata_theme/applications.html", {**_paged(found), "desk": desk, "given": given}))


def mine() -> Answer:
    return listed("mine")


def register() -> Answer:
    """How each application was decided, for everybody to see (LYG-19)."""
    if not govdata_applying():
        return tk.abort(404, tk._("There is no such page."))
    given = {name: tk.request.args[name] for name in _PUBLIC if tk.request.args.get(name)}
    found, _ = attempt(lambda: _act("register_list", **given, **_page()))
    return tk.render("govdata_theme/register.html", {**_paged(found), "given": given})


def _page() -> dict[str, int]:
    return {"limit": _ROWS, "offset": (max(1, tk.request.args.get("page", 1, type=int)) - 1) * _ROWS}


def _paged(found: dict[str, Any]) -> dict[str, Any]:
    page = max(1, tk.request.args.get("page", 1, type=int))
    return {"found": found, "page": page, "last": max(1, -(-found["count"] // _ROWS))}


def govdata_application_stages(state: str) -> list[dict[str, Any]]:
    """The line of steps: which are done, and where the application stands."""
    titles = [tk._("Drafted"), tk._("Received"), tk._("Answered"), tk._("Agreement or supply"), tk._("In use")]
    places = {"draft": 0, "approved": 3, "supplied": 4}
    answered = ("refused", "upheld", "refused_again", "closed", "appealed", "withdrawn", "discarded", "lapsed")
    here = places.get(state, 2 if state in answered else 1)
    return [{"title": title, "done": at < here, "here": at == here} for at, title in enumerate(titles)]


def govdata_application_mode(code: str) -> str:
    """A way of taking data."""
    return str({"download": tk._("Download"), "api": tk._("API"), "view": tk._("View online")}.get(code, code))


def govdata_application_outcome(code: str) -> str:
    """How an application came out, in the register's words."""
    words = {
        "approved": tk._("approved"),
        "refused": tk._("refused"),
        "withdrawn": tk._("withdrawn"),
        "pending": tk._("not answered yet"),
    }
    return str(words.get(code, code))


def govdata_applicant_kind(code: str | None) -> str:
    """What kind of applicant, in the register's words."""
    words = {"person": tk._("a person"), "enterprise": tk._("an enterprise"), "agency": tk._("an agency")}
    return str(words.get(code or "", code or ""))


HELPERS = {
    function.__name__: function
    for function in (
        govdata_applying,
        govdata_application_stages,
        govdata_application_mode,
        govdata_application_outcome,
        govdata_applicant_kind,
    )
}


def add_rules(pages: Blueprint) -> None:
    both = ["GET", "POST"]
    pages.add_url_rule("/dataset/<id>/apply", endpoint="apply", view_func=apply, methods=both)
    pages.add_url_rule("/applications", endpoint="applications", view_func=mine)
    pages.add_url_rule("/application/<id>", endpoint="application", view_func=application)
    pages.add_url_rule("/application/<id>/edit", endpoint="application_edit", view_func=edit, methods=both)
    pages.add_url_rule("/application/<id>/<command>", endpoint="application_step", view_func=step, methods=["POST"])
    rule = "/desk/applications/<any('agency', 'authority'):desk>"
    pages.add_url_rule(rule, endpoint="application_desk", view_func=listed)
    pages.add_url_rule("/register", endpoint="register", view_func=register)
