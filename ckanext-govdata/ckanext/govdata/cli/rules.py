"""`ckan govdata rules`: show a city's rule pack, check a pack's file before the portal is started with it."""

from __future__ import annotations

from pathlib import Path

import click

from ckanext.govdata.rules.domain import RulePack
from ckanext.govdata.rules.errors import RulePackError
from ckanext.govdata.rules.packs import available_packs, check_file, load_pack
from ckanext.govdata.rules.table import lines


@click.group(short_help="Show and check rule packs.")
def rules() -> None:
    """Rule packs: what a city's rule on public data asks of the portal."""


@rules.command()
@click.option("--city", type=click.Choice(available_packs()), help="One of the packs; without it, the running city's.")
def show(city: str | None) -> None:
    """Print a pack: its text, and each entry with article, answer and words."""
    _print(load_pack(city) if city else _running())


@rules.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Read a pack's file, or one that extends a pack, and print what it makes or everything that is wrong in it."""
    try:
        _print(check_file(file))
    except RulePackError as error:
        raise click.ClickException(str(error)) from error


def _running() -> RulePack:
    from ckanext.govdata.config import rule_pack

    return rule_pack()


def _print(pack: RulePack) -> None:
    for line in lines(pack):
        click.echo(line)
