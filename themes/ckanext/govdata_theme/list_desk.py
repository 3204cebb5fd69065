"""The officers' pages of lists that come in: sources, runs, plans, decisions. They show and send; the actions decide."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from flask import Blueprint, make_response

from .parties import Answer, Errors, Steps, attempt, given, private, signed_in, taken
from .people import reader

_ROWS = 20


def act(action: str, **data: Any) -> Any:
    """Call an action on lists as this reader; a portal without harvesting has none."""
    try:
        function = tk.get_action(f"govdata_harvest_{action}")
    except KeyError:
        return tk.abort(404, tk._("There is no such page."))
    return function(reader(), data)


def _may(action: str, **data: Any) -> bool:
    try:
        tk.check_access(f"govdata_harvest_{action}", reader(), data)
    except (tk.NotAuthorized, tk.ObjectNotFound, ValueError):
        return False
    return True


def _page() -> int:
    return max(1, tk.request.args.get("page", 1, type=int))


def overview() -> Answer:
    """All sources at a glance: overdue, held, waiting, changed this week."""
    away = signed_in()
    if away:
        return away
    return _show_overview()


def _show_overview(errors: Errors | None = None) -> Answer:
    found, _ = attempt(lambda: act("overview"))
    for pair in found["twins"]:
        for one in pair:
            one["may_go"] = _may("twin_merge", gone=one["dataset"])
    for one in found["merged"]:
        one["may_part"] = _may("twin_part", id=one["id"])
    return private(tk.render("govdata_theme/lists.html", {"found": found, "errors": errors or {}}))


def twins_step(what: str) -> Answer:
    """Two entries are merged, or parted again."""
    return taken(what, _twins_steps, _show_overview, "govdata_pages.lists", _anchor="twins")


def _twins_steps() -> Steps:
    of = tk.request.form.get("of", "")
    return {
        "merge": (lambda: act("twin_merge", **given("kept", "gone", "reason")), tk._("The two are merged.")),
        "part": (lambda: act("twin_part", id=of), tk._("The merging is undone.")),
    }


def _agencies() -> list[dict[str, Any]]:
    """The agencies under whose name this reader may make a source; the operator, under every one."""
    wanted = {"all_fields": True, "include_dataset_count": False, "limit": 1000}
    every = tk.get_action("organization_list")(reader(), wanted)
    return [agency for agency in every if _may("source_create", agency=agency["id"])]


def new() -> Answer:
    """The form of a new source."""
    away = signed_in()
    if away:
        return away
    kinds, _ = attempt(lambda: act("kind_list"))
    errors: Errors = {}
    form = tk.request.form
    if tk.request.method == "POST":
        prefix = form.get("kind", "") + "."
        settings = {key.removeprefix(prefix): form[key] for key in form if key.startswith(prefix) and form[key].strip()}
        fields: dict[str, Any] = {**given("name", "title", "kind", "agency"), "settings": settings}
        fields |= {"every_hours": form.get("every_hours") or 0, **_quiet()}
        named = (("secret_name", "secret_value"), ("secret_name_2", "secret_value_2"))
        secrets = {form[name]: form.get(value, "") for name, value in named if form.get(name)}
        fields |= {"secrets": secrets} if secrets else {}
        made, errors = attempt(lambda: act("source_create", **fields))
        if not errors:
            tk.h.flash_success(
                tk._("The source is there. Its first run makes a plan; nothing is written before you send it.")
            )
            return tk.redirect_to("govdata_pages.list_source", id=made["name"])
    shown = {"kinds": kinds, "agencies": _agencies(), "errors": errors, "form": form}
    return private(tk.render("govdata_theme/list_new.html", shown))


def _quiet() -> dict[str, str]:
    """The quiet hours of a form, where both are given."""
    form = tk.request.form
    hours = {name: form.get(name, "").strip() for name in ("quiet_from", "quiet_to")}
    return hours if all(hours.values()) else {}


def source(id: str) -> Answer:
    return signed_in() or _show_source(id)


def _show_source(id: str, errors: Errors | None = None) -> Answer:
    found, _ = attempt(lambda: act("source_show", id=id))
    runs, _ = attempt(lambda: act("run_list", id=id, limit=_ROWS))
    revisions, _ = attempt(lambda: act("revision_list", id=id))
    files, _ = attempt(lambda: act("file_list", id=id, limit=_ROWS))
    shown = {
        "source": found,
        "runs": runs,
        "revisions": revisions,
        "files": files,
        "errors": errors or {},
        "may_run": _may("run_start", id=id),
        "may_trust": _may("source_trust", id=id),
    }
    return private(tk.render("govdata_theme/list_source.html", shown))


def start(id: str) -> Answer:
    """A run is started, with the file that was handed in."""
    away = signed_in()
    if away:
        return away
    form = tk.request.form
    data = {"id": id, "dry": form.get("dry") == "true", "agreed": form.get("agreed") == "true"}
    upload = tk.request.files.get("upload")
    run, errors = attempt(lambda: act("run_start", **data, **({"upload": upload} if upload else {})))
    return _show_source(id, errors) if errors else tk.redirect_to("govdata_pages.list_run", id=run["id"])


def source_step(id: str, what: str) -> Answer:
    """A form of a source's page: trust, pause."""
    return taken(
        what, lambda: _source_steps(id), lambda errors: _show_source(id, errors), "govdata_pages.list_source", id=id
    )


def _source_steps(id: str) -> Steps:
    form = tk.request.form
    steps: dict[str, Callable[[], Any]] = {
        "trust": lambda: act("source_trust", id=id, trusted=form.get("trusted") == "true"),
        "state": lambda: act("source_update", id=id, state=form.get("state", "")),
        "data": lambda: act("source_update", id=id, takes_data=form.get("takes_data") == "true"),
        "schedule": lambda: act("source_update", id=id, every_hours=form.get("every_hours") or 0, **_quiet()),
    }
    return {name: (step, tk._("Saved.")) for name, step in steps.items()}


def compare(id: str) -> Answer:
    """What lies between two revisions."""
    away = signed_in()
    if away:
        return away
    wanted = {name: tk.request.args.get(name, 0, type=int) for name in ("older", "newer")}
    found, errors = attempt(lambda: act("revision_compare", id=id, **wanted))
    if errors:
        return tk.redirect_to("govdata_pages.list_source", id=id)
    shown = {"found": found, "source": act("source_show", id=id), **wanted}
    return private(tk.render("govdata_theme/list_compare.html", shown))


def run(id: str) -> Answer:
    return signed_in() or _show_run(id)


def _show_run(id: str, failed: str = "", errors: Errors | None = None) -> Answer:
    found, _ = attempt(lambda: act("run_show", id=id))
    acted = tk.request.args.get("act", "")
    wanted = {"id": id, "limit": _ROWS, "offset": (_page() - 1) * _ROWS, **({"act": acted} if acted else {})}
    plan, _ = attempt(lambda: act("plan_show", **wanted))
    reviewer = found["turn"] or "authority"
    shown = {
        "run": found,
        "plan": {**plan, "page": _page(), "last": max(1, -(-plan["count"] // _ROWS)), "act": acted},
        "report": act("report_show", id=id),
        "words": act("word_list", id=id),
        "mapping": act("mapping_show", id=id),
        "failed": failed,
        "errors": errors or {},
        "form": tk.request.form,
        "may": {
            "send": _may("plan_send", id=id),
            "review": bool(found["turn"]) and _may("plan_decide", id=id, reviewer=reviewer),
            "comment": _may("plan_comment", id=id),
            "map": _may("mapping_save", id=found["source_id"]),
            "word": _may("word_decide", id=id),
            "open": _may("opening_propose", id=id),
        },
    }
    shown["openings"] = act("opening_list", id=id)
    _mark_confirmable(shown["words"]["decided"], "word_confirm")
    _mark_confirmable(shown["openings"]["openings"], "opening_decide")
    return private(tk.render("govdata_theme/list_run.html", shown))


def _mark_confirmable(decisions: list[dict[str, Any]], action: str) -> None:
    """Note at each decision whether this reader may be its second person."""
    for one in decisions:
        own = one["proposed_by_id"] == tk.current_user.id
        one["may_confirm"] = one["state"] == "pending" and not own and _may(action, id=one["id"])


def progress(id: str) -> Answer:
    """How far a run is: the piece of its page that renews itself."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: act("run_show", id=id))
    return private(tk.render("govdata_theme/list_progress.html", {"run": found}))


def _run_steps(id: str) -> Steps:
    """Each form of a run's page: what it does, and what is said when it is done."""
    form = tk.request.form
    accept = form.get("decision") == "accept"
    steps = [int(number) for number in form.getlist("steps") if number.isdigit()]
    confirmed = {"id": form.get("of", ""), "accept": accept, "reason": form.get("reason", "")}
    word = {**given("word", "tier", "reason"), "rows": form.get("rows") or 0}
    return {
        "send": (lambda: act("plan_send", id=id), tk._("The plan is sent.")),
        "cancel": (lambda: act("run_cancel", id=id), tk._("The run is cancelled.")),
        "undo": (lambda: act("run_undo", id=id), tk._("The run is undone.")),
        "comment": (lambda: act("plan_comment", id=id, note=form.get("note", "")), tk._("Your comment is there.")),
        "leave-out": (
            lambda: act("plan_leave_out", id=id, steps=steps, out=form.get("out") != "false"),
            tk._("The plan is changed."),
        ),
        "decide": (
            lambda: act("plan_decide", id=id, accept=accept, **given("reviewer", "note")),
            tk._("Your agreement is on record.") if accept else tk._("The plan went back to its agency."),
        ),
        "word": (lambda: act("word_decide", id=id, **word), tk._("The word is on record.")),
        "word-confirm": (lambda: act("word_confirm", **confirmed), tk._("Decided.")),
        "opening": (
            lambda: act("opening_propose", id=id, **given("reason", "proof_kind", "proof")),
            tk._("The proposal is on record; the authority decides."),
        ),
        "opening-decide": (
            lambda: act("opening_decide", **confirmed, entries=form.get("entries") or 0),
            tk._("Decided."),
        ),
        "mapping": (lambda: _save_mapping(id), tk._("The mapping is saved, and the plan is made anew.")),
    }


def _save_mapping(id: str) -> Any:
    """The columns whose field was changed in the form."""
    form, run = tk.request.form, act("run_show", id=id)
    before = {one["column"]: one["field"] for one in act("mapping_show", id=id)["columns"]}
    names = [form.get(f"name-{number}", "") for number in range(len(before))]
    chosen = {name: form.get(f"field-{number}", "") for number, name in enumerate(names) if name in before}
    changed = {name: field for name, field in chosen.items() if field and field != before[name]}
    return act("mapping_save", id=run["source_id"], columns=changed, reason=form.get("reason", ""))


def run_step(id: str, what: str) -> Answer:
    """One form of a run's page was sent."""

    def failed(errors: Errors) -> Answer:
        return _show_run(id, f"{what}{tk.request.form.get('of', '') or tk.request.form.get('word', '')}", errors)

    return taken(what, lambda: _run_steps(id), failed, "govdata_pages.list_run", id=id)


def report(id: str) -> Answer:
    """The report as a workbook."""
    away = signed_in()
    if away:
        return away
    found, errors = attempt(lambda: act("report_export", id=id))
    if errors:
        return tk.abort(404, tk._("There is no report yet."))
    answer = make_response(base64.b64decode(found["data"]))
    answer.headers["Content-Type"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer.headers["Content-Disposition"] = 'attachment; filename="report.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def vocabularies() -> Answer:
    """The words that all sources share."""
    away = signed_in()
    if away:
        return away
    found, _ = attempt(lambda: act("vocabulary_show"))
    return private(tk.render("govdata_theme/list_vocabularies.html", {"found": found}))


def add_rules(pages: Blueprint) -> None:
    post: dict[str, Any] = {"methods": ["POST"]}
    pages.add_url_rule("/desk/lists", endpoint="lists", view_func=overview)
    pages.add_url_rule("/desk/lists/new", endpoint="list_new", view_func=new, methods=["GET", "POST"])
    pages.add_url_rule("/desk/lists/twins/<what>", endpoint="list_twins", view_func=twins_step, **post)
    pages.add_url_rule("/desk/lists/words", endpoint="list_vocabularies", view_func=vocabularies)
    pages.add_url_rule("/desk/lists/runs/<id>", endpoint="list_run", view_func=run)
    pages.add_url_rule("/desk/lists/runs/<id>/progress", endpoint="list_progress", view_func=progress)
    pages.add_url_rule("/desk/lists/runs/<id>/report.xlsx", endpoint="list_report", view_func=report)
    pages.add_url_rule("/desk/lists/runs/<id>/<what>", endpoint="list_run_step", view_func=run_step, **post)
    pages.add_url_rule("/desk/lists/sources/<id>", endpoint="list_source", view_func=source)
    pages.add_url_rule("/desk/lists/sources/<id>/start", endpoint="list_start", view_func=start, **post)
    pages.add_url_rule("/desk/lists/sources/<id>/compare", endpoint="list_compare", view_func=compare)
    pages.add_url_rule("/desk/lists/sources/<id>/<what>", endpoint="list_source_step", view_func=source_step, **post)
