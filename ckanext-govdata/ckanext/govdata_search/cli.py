"""The commands of search: `ckan govdata-search rebuild | check | status`."""

from __future__ import annotations

import sys

import click
from ckan import model
from ckan.lib import search as ckan_search
from ckan.plugins import toolkit as tk

from .errors import SearchEngineError
from .interpret import Manner, read_filter
from .projection import projection
from .request import Request


@click.group(name="govdata-search", short_help="The search index without Solr.")
def govdata_search() -> None:
    """Build, check and describe the search index."""


@govdata_search.command()
@click.option(
    "--from-tables", is_flag=True, help="Build every document anew from CKAN's own tables; slower, always right."
)
def rebuild(from_tables: bool) -> None:
    """Build the index anew in a folder of its own, and change over when it is ready; searches go on meanwhile."""
    try:
        if from_tables:
            ckan_search.rebuild(defer_commit=True, quiet=True)
            ckan_search.commit()
        projection().rebuild()
        click.echo(f"Rebuilt: {projection().status()['documents']} documents in the index")
    except SearchEngineError as error:
        tk.error_shout(error)
        sys.exit(1)


@govdata_search.command()
@click.option("--mend", is_flag=True, help="Index what is missing and remove what should not be there.")
def check(mend: bool) -> None:
    """Compare CKAN's active datasets with the index, both ways. Ends with 1 when they differ and are not mended."""
    missing, surplus = differences()
    for title, ids in (("missing in the index", missing), ("in the index but not in CKAN", surplus)):
        click.echo(f"{len(ids)} {title}" + "".join(f"\n  {id_}" for id_ in sorted(ids)[:50]))
    if mend and (missing or surplus):
        if missing:
            ckan_search.rebuild(package_ids=sorted(missing))
        for id_ in surplus:
            ckan_search.clear(id_)
        ckan_search.commit()
        missing, surplus = differences()
        click.echo(f"After mending: {len(missing)} missing, {len(surplus)} too many")
    if missing or surplus:
        sys.exit(1)


def differences() -> tuple[set[str], set[str]]:
    """The ids of active datasets that the index lacks, and the ids that only the index calls active."""
    held = {row[0] for row in model.Session.query(model.Package.id).filter_by(state=model.State.ACTIVE)}
    site = str(tk.config.get("ckan.site_id"))
    query = read_filter(f'+site_id:"{site}" +state:active +entity_type:package', Manner())
    count = projection().search(Request(query=query, rows=0)).count
    found = projection().search(Request(query=query, rows=count, fields=("id",)))
    indexed = {str(document["id"]) for document in found.documents}
    return held - indexed, indexed - held


@govdata_search.command()
def status() -> None:
    """Say which engine answers, where its index is, how many documents it has and how many changes wait."""
    for name, value in projection().status().items():
        click.echo(f"{name}: {value}")
