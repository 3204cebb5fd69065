"""`ckan govdata tables`: load files into the DataStore, and say where each table stands."""

from __future__ import annotations

import click


@click.group(short_help="Tables of open files, for preview and API.")
def tables() -> None:
    """Rows of published unconditional CSV and Excel files in the DataStore."""


@tables.command()
@click.argument("resource", required=False)
@click.option("--all", "everything", is_flag=True, help="Every table that belongs there, and none that does not.")
def load(resource: str | None, everything: bool) -> None:
    """Load the table of RESOURCE (an id), or of all; a table that is up to date is left alone."""
    from ckanext.govdata.tables.loader import load_table
    from ckanext.govdata.tables.status import known_resources

    if (resource is None) is not everything:
        raise click.UsageError("Name a resource, or give --all.")
    for identifier in known_resources() if everything else [str(resource)]:
        click.echo(f"{identifier} {load_table(identifier).value}")


@tables.command()
def status() -> None:
    """List each table: state, rows, and why a file could not be loaded."""
    from ckanext.govdata.tables.status import report

    for line in report():
        click.echo(line)
