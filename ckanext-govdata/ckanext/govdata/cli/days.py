"""`ckan govdata days`: the calendar of working days, and taking in a year's notice."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from ckanext.govdata.clocks.days import calendar
from ckanext.govdata.clocks.importing import DayImportError, import_file
from ckanext.govdata.rules.errors import RulePackError

_FORMAT = click.DateTime(["%Y-%m-%d"])


@click.group(short_help="Working days: show, import a year's notice, count.")
def days() -> None:
    """Working days by the State Council's yearly notices."""


@days.command("list")
def list_command() -> None:
    """The years that are known, with version and source."""
    for year, notice in sorted(calendar().notices.items()):
        click.echo(
            f"{year}  version {notice.version}  {len(notice.off)} off, {len(notice.work)} worked  {notice.source}"
        )


@days.command()
@click.argument("year", type=int)
def show(year: int) -> None:
    """The days off and the weekends worked of a year."""
    notice = calendar().notices.get(year)
    if notice is None:
        raise click.ClickException(f"{year} has no notice yet: its dates are provisional. Import it when it comes.")
    click.echo(f"{year}, version {notice.version}: {notice.source}")
    for word, found in (("off", notice.off), ("work", notice.work)):
        for day, holiday in sorted(found.items()):
            click.echo(f"  {word:4}  {day} {day:%a}  {holiday}")


@days.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(file: Path) -> None:
    """Take in a year's notice, and compute anew every term that it moves. May be repeated."""
    try:
        done = import_file(file)
    except (RulePackError, DayImportError) as error:
        raise click.ClickException(str(error)) from error
    for year in done.taken:
        click.echo(f"{year} is taken in.")
    for year in done.known:
        click.echo(f"{year} was known already.")
    click.echo(f"{done.moved} terms moved.")


@days.command()
@click.argument("received", type=_FORMAT)
@click.argument("number", type=click.IntRange(1, 250))
def why(received: datetime.datetime, number: int) -> None:
    """Count a term of NUMBER working days after the day RECEIVED, day by day."""
    due = calendar().due(received.date(), number)
    for step in due.steps:
        count = f"{step.number:3}" if step.number else "   "
        click.echo(f"{step.day} {step.day:%a} {count}  {step.kind.value}{f' ({step.holiday})' if step.holiday else ''}")
    click.echo(f"Ends with {due.day}, 24:00 in Shanghai{', provisional' if due.provisional else ''}.")
