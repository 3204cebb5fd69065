"""The commands of search: `ckan govdata-search rebuild | check | status`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from ckan.plugins import toolkit as tk

from . import check as comparing
from .errors import SearchEngineError
from .from_tables import demand_documents, make_all
from .progress import Progress
from .projection import projection


@click.group(name="govdata-search", short_help="The search index without Solr.")
def govdata_search() -> None:
    """Build, check and describe the search index."""


@govdata_search.command()
@click.option(
    "--from-tables", is_flag=True, help="Make every document anew from CKAN's own tables; slower, always right."
)
@click.option(
    "--processes", type=click.IntRange(1), help="How many processes make and lay out documents. [default: one a core]"
)
@click.option("--anew", is_flag=True, help="Begin again where an interrupted rebuild would be gone on with.")
def rebuild(from_tables: bool, processes: int | None, anew: bool) -> None:
    """Build the index anew beside the old one, and change over when it is ready; searches go on meanwhile.

    An interrupted rebuild is gone on with.
    """
    failed: dict[str, str] = {}
    several = processes or os.cpu_count() or 1
    with _said():
        if from_tables:
            outcome = make_all(several, anew, _progress("Documents made"))
            failed = outcome.failed
            click.echo(f"\nMade {outcome.made} documents, removed {outcome.removed} of datasets that are gone")
        else:
            demand_documents()
        projection().rebuild(_progress("Documents indexed"), several, anew)
        click.echo(f"\nRebuilt: {projection().status()['documents']} documents in the index")
    _report(failed)


@govdata_search.command()
@click.option("--mend", is_flag=True, help="Index what is missing or old and remove what should not be there.")
def check(mend: bool) -> None:
    """Compare CKAN's datasets with the index, both ways. Ends with 1 when they differ and are not mended."""
    failed: dict[str, str] = {}
    with _said():
        found = comparing.differences()
        for title, ids in (
            ("missing in the index", sorted(found.missing)),
            ("older in the index than in CKAN", sorted(found.stale)),
            ("in the index but not in CKAN", comparing.names_of(found.surplus)),
        ):
            click.echo(f"{len(ids)} {title}" + "".join(f"\n  {id_}" for id_ in ids[:50]))
        if mend and found:
            failed = comparing.mend(found)
            found = comparing.differences()
            click.echo(
                f"After mending: {len(found.missing)} missing, {len(found.stale)} old, {len(found.surplus)} too many"
            )
    _report(failed)
    if found:
        sys.exit(1)


@contextmanager
def _said() -> Iterator[None]:
    """What goes wrong in search is said in one line, and ends the command with 1."""
    try:
        yield
    except SearchEngineError as error:
        tk.error_shout(error)
        sys.exit(1)


def _progress(what: str) -> Progress:
    over = sys.stdout.isatty()
    return Progress(lambda line: click.echo(line, nl=not over), over, what)


def _report(failed: dict[str, str]) -> None:
    for id_, reason in sorted(failed.items()):
        tk.error_shout(f"No document could be made of dataset {id_}: {reason}")
    if failed:
        sys.exit(1)


@govdata_search.command()
def status() -> None:
    """Say which engine answers, where its index is, how many documents it has and how many changes wait."""
    with _said():
        for name, value in projection().status().items():
            click.echo(f"{name}: {value}")
