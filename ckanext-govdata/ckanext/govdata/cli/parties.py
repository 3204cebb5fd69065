"""`ckan govdata parties`: keys of the sealed numbers, and the purge of what is over."""

from __future__ import annotations

import click
from ckan import model

from ckanext.govdata import config
from ckanext.govdata.access.parties import keys, numbers
from ckanext.govdata.access.parties.errors import PartyError
from ckanext.govdata.access.parties.purging import purge as purge_values
from ckanext.govdata.access.parties.sealing import SUITES


@click.group(short_help="Parties: keys of the numbers, purge.")
def parties() -> None:
    """The persons and enterprises that use data: keys that seal their numbers, and what is deleted after its term."""


@parties.command()
def status() -> None:
    """Say which keys are in the key file, and which are in use."""
    try:
        ring, used = keys.keyring(), numbers.keys_in_use()
    except PartyError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Keys in {config.parties_keys()}:")
    for key in ring.keys.values():
        marks = [word for word, true in _marks(ring.seal_with, ring.digest_with, used, key.id) if true]
        click.echo(f"  {key.id} {key.algorithm} made {key.made} {', '.join(marks)}".rstrip())
    for missing in sorted(used - set(ring.keys)):
        click.echo(f"  {missing} is missing, and records need it. Put back the key file from its backup.", err=True)


def _marks(seals: str, digests: str, used: set[str], key: str) -> list[tuple[str, bool]]:
    return [("seals now", key == seals), ("finds numbers now", key == digests), ("not used", key not in used)]


@parties.command()
@click.option(
    "--suite", type=click.Choice(sorted(SUITES)), help="Algorithms of the new keys; the setting's unless given"
)
@click.option(
    "--digests", is_flag=True, help="Renew the key that finds numbers as well; stop the web servers meanwhile"
)
def rekey(suite: str | None, digests: bool) -> None:
    """Make new keys, seal everything anew with them, and drop keys that nothing needs. May be repeated after a failure.

    The key file has to reach each web node before it is used there: it is written first, and old keys stay in it to the end.
    """
    try:
        keys.replace(keys.keyring().renewed(suite or config.parties_suite(), digests))
        _finish()
    except PartyError as error:
        raise click.ClickException(str(error)) from error


@parties.command()
def reseal() -> None:
    """Finish a change of keys that was cut short."""
    try:
        _finish()
    except PartyError as error:
        raise click.ClickException(str(error)) from error


def _finish() -> None:
    total = numbers.redigest()
    model.Session.commit()
    sealed = 0
    while done := numbers.reseal():
        model.Session.commit()
        sealed += done
    ring = keys.keyring()
    unused = set(ring.keys) - numbers.keys_in_use()
    slim = ring.without(unused)
    if len(slim.keys) < len(ring.keys):
        keys.replace(slim)
    click.echo(f"{sealed} records sealed anew, {total} numbers can be found, {len(slim.keys)} keys kept.")


@parties.command()
def purge() -> None:
    """Delete names, numbers and files whose term is over. The worker of background jobs does so daily."""
    found = purge_values()
    click.echo(f"Purged {found['parties']} parties, {found['numbers']} numbers, {found['files']} files.")
