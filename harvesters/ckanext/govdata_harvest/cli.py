"""`ckan govdata-harvest`: check a list, take it in. Both print a report in words, or one JSON object."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from ckan import model
from ckan.plugins import toolkit as tk

from . import config
from .door import fetch
from .readers import ListError
from .words import error_text, language_of, lines, say

_FILE = click.argument("file", metavar="FILE|ADDRESS")
_AGENCY = click.option("--agency", metavar="SLUG", default="", help="Put all rows under this agency.")
_CREATE = click.option("--create-agencies", is_flag=True, help="Make an agency for each provider that the list names.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_LANG = click.option("--lang", default="", help="Language of the report: zh or en; without it, the portal's own.")
_LIST = click.option(
    "--list", "list_id", metavar="NAME", default="", help="Name by which the list's next export is known."
)
_USER = click.option("--user", "user_name", default="", help="In whose name; without it, the portal's own.")


@click.group("govdata-harvest", short_help="Check agencies' lists and take them in.")
def govdata_harvest() -> None:
    """Agencies' lists: check them, take them into the catalogue."""


@govdata_harvest.command("import", short_help="Take a list in.")
@_FILE
@_AGENCY
@_CREATE
@click.option(
    "--review", is_flag=True, help="Send what may be published through review, where the city's rule names reviewers."
)
@click.option(
    "--agree-to-withdraw",
    "agreed",
    is_flag=True,
    help="Withdraw what has left the list also where so much is missing that the list may be incomplete.",
)
@_LIST
@_USER
@_JSON
@_LANG
def import_(file: str, agency: str, create_agencies: bool, review: bool, agreed: bool, **options: Any) -> None:
    """Take a list in: the operator's own act, which applies at once what needs no second person.

    FILE is a workbook, a table in text, JSON, XML or a page, packed or not; what it is, is told by its content. An ADDRESS
    (http or https) is fetched first.
    """
    if bool(agency) == create_agencies:
        _fail(ListError("agency_choice"), options)
    _run(file, agency, options, writing=True, ask_review=review, agreed=agreed)


@govdata_harvest.command(short_help="Check a list without writing anything.")
@_FILE
@_AGENCY
@_LIST
@_USER
@_JSON
@_LANG
def check(file: str, agency: str, **options: Any) -> None:
    """Check a list: the same report as `import` would print, and nothing is written."""
    _run(file, agency, options, writing=False, ask_review=False, agreed=False)


def _run(file: str, agency: str, options: dict[str, Any], *, writing: bool, ask_review: bool, agreed: bool) -> None:
    from .importing import Importing

    user = _user(options)
    try:
        with _as_file(file) as path:
            report = Importing(path, user, agency, writing, ask_review, options["list_id"], agreed).run()
    except ListError as error:
        _fail(error, options)
        return
    if options["as_json"]:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for line in lines(report, _language(options)):
        click.echo(line)


@govdata_harvest.command(short_help="Show the runs that took lists in.")
@click.option("--list", "list_id", metavar="NAME", default="", help="Only the runs of this list.")
@_JSON
@_LANG
def runs(list_id: str, **options: Any) -> None:
    """The last fifty runs, newest first: when, which list in which revision, with what result, and the run's number."""
    from . import history

    found = history.runs(list_id)
    if options["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for run in found:
        click.echo(say("counts", "run", _language(options), **run))


@govdata_harvest.command(short_help="Undo a run as a whole.")
@click.argument("run")
@_USER
@_JSON
@_LANG
def undo(run: str, **options: Any) -> None:
    """Undo the last run of a list: what it changed is as it was, what it withdrew is back, what it added is withdrawn.

    A tier that the run made stricter stays: a looser one needs two persons.
    """
    from .undoing import undo as undo_run

    try:
        found = undo_run(run, _user(options))
    except ListError as error:
        _fail(error, options)
        return
    if options["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(say("counts", "undone", _language(options), **found))
    if kept := found["looser_needs_two_persons"]:
        names = "、".join(kept[:10])
        click.echo(say("counts", "undone_looser", _language(options), count=len(kept), names=names))


@contextmanager
def _as_file(name: str) -> Iterator[Path]:
    """The list as a file of this machine; one that is named by address is fetched, and gone afterwards."""
    if not name.lower().startswith(("http://", "https://")):
        path = Path(name)
        if not path.is_file():
            raise ListError("file_missing", detail=name)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="govdata-fetched-") as folder:
        found = fetch(name, Path(folder), config.fetch_limits())
        yield found.path.rename(found.path.with_name(found.name))


def _user(options: dict[str, Any]) -> model.User:
    name = options["user_name"] or tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    user = model.User.get(name)
    if user is None:
        raise click.ClickException(f"{name}: ?")
    return user


def _language(options: dict[str, Any]) -> str:
    return language_of(options["lang"] or str(tk.config.get("ckan.locale_default") or "en"))


def _fail(error: ListError, options: dict[str, Any]) -> None:
    """Say why the list was not read, and end with status 1; with --json the object still has all its counts."""
    text = error_text(error, _language(options))
    if options["as_json"]:
        from .report import Report

        refused = Report("", "", False).as_dict()
        said = {"cause": error.cause, "line": error.line, "sheet": error.sheet, "text": text}
        whole = {**refused, "safety": {"cause": error.cause}, "error": said}
        click.echo(json.dumps(whole, ensure_ascii=False))
        raise SystemExit(1)
    raise click.ClickException(text)


@govdata_harvest.command(short_help="Show the sources and how their last runs went.")
@_USER
@_JSON
@_LANG
def status(**options: Any) -> None:
    """Every source with its last run: kind, state, counts, whose turn it is, what was wrong."""
    found = tk.get_action("govdata_harvest_source_list")(_own(options), {"limit": 500})["results"]
    if options["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for source in found:
        last = source["last_run"] or {"state": "-", "counts": {}, "error": "", "turn": None}
        counts = " ".join(f"{name} {count}" for name, count in last["counts"].items() if count)
        late = " !" if source["overdue"] else ""
        click.echo(f"{source['name']}  {source['kind']}  {last['state']}{late}  {counts}  {last['error']}".rstrip())


@govdata_harvest.command(name="run", short_help="Run a source now, in this process.")
@click.argument("source")
@click.option("--dry", is_flag=True, help="Only make the plan.")
@_USER
@_JSON
@_LANG
def run_(source: str, dry: bool, **options: Any) -> None:
    """Run a source now and wait until it has ended or waits for a person; progress goes to the error output."""
    from .jobs.domain import WORKING
    from .jobs.working import work

    context = _own(options)
    try:
        run = tk.get_action("govdata_harvest_run_start")(context, {"id": source, "dry": dry})
    except (tk.ValidationError, tk.ObjectNotFound) as error:
        raise click.ClickException(str(error)) from None
    working = [state.value for state in WORKING]
    while run["state"] in working and not run["not_before"]:
        work(run["id"])
        run = tk.get_action("govdata_harvest_run_show")(context, {"id": run["id"]})
        click.echo(f"{run['state']} {run['done']}/{run['total']}", err=True)
    if options["as_json"]:
        click.echo(json.dumps(run, ensure_ascii=False))
    elif run["error"]:
        raise click.ClickException(run["error"])
    else:
        for line in lines(run["report"], _language(options)):
            click.echo(line)


@govdata_harvest.command(short_help="Start what is due, and hand on what stands still.")
@_JSON
@_LANG
def tick(**options: Any) -> None:
    """What the web processes do by turns; for portals whose web processes are asleep."""
    from .jobs.watch import tick as look

    done = look()
    click.echo(json.dumps(done) if options["as_json"] else f"{done['started']} + {done['handed_on']}")


def _own(options: dict[str, Any]) -> Any:
    user = _user(options)
    return {"user": user.name, "ignore_auth": True, "auth_user_obj": user}
