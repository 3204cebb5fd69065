"""`ckan govdata demo`: load the made-up city, or take it out again."""

from __future__ import annotations

import time

import click


@click.group(short_help="The made-up city Jianghai: load it, remove it.")
def demo() -> None:
    """江海市, a city that does not exist: agencies, datasets of every tier, files, tables."""


@demo.command()
def load() -> None:
    """Load the demo city; what is there already stays as it is."""
    from ckanext.govdata.demo.loader import load as load_city

    began = time.monotonic()
    added = load_city(click.echo)
    click.echo(f"demo city: {added} datasets added in {time.monotonic() - began:.1f} s")


@demo.command()
def applications() -> None:
    """Make a dozen applications and agreements in different states; what is there already stays as it is."""
    from ckanext.govdata.demo.applications import load_applications

    began = time.monotonic()
    added = load_applications(click.echo)
    click.echo(f"demo applications: {added} made in {time.monotonic() - began:.1f} s")


@demo.command()
@click.confirmation_option(prompt="Remove the demo city with its agencies, datasets, files and sign-ins?")
def remove() -> None:
    """Remove exactly what the demo loaded."""
    from ckanext.govdata.demo.removal import remove as remove_city

    click.echo(f"demo city: {remove_city(click.echo)} datasets removed")
