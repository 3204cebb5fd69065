"""`ckan govdata-login`: try a mapping of claims, check the file of providers, end what is overdue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import yaml

from . import accounts, config, purging
from .errors import SettingsError
from .mapping import Facts, facts_of
from .oidc.provider import Provider

__all__ = ["govdata_login"]


@click.group("govdata-login", short_help="Signing in: providers, claims, terms")
def govdata_login() -> None:
    """Signing in: providers, claims, terms."""


@govdata_login.command("try-claims")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--provider", "key", help="Whose mapping to use; needed where the file of providers has several")
def try_claims(file: Path, key: str | None) -> None:
    """Show what the mapping of a provider makes of the claims in FILE (JSON or YAML). Writes nothing."""
    provider = _chosen(key)
    claims = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(claims, dict):
        raise click.ClickException(f"{file} must hold one object: the claims of one person")
    for line in report(facts_of(claims, provider.claims), provider):
        click.echo(line)


def report(facts: Facts, provider: Provider) -> list[str]:
    """A mapping's outcome in lines: each fact with the claim it comes from, then what could not be used."""
    lines = [
        f"Provider {provider.key} ({'trusted' if provider.trusted else 'not trusted: no roles without a second factor'})"
    ]
    for name, value in facts.values.items():
        origin = facts.sources[name]
        shown = json.dumps(value, ensure_ascii=False)
        lines.append(f"  {name} = {shown}" + (f"   from {origin}" if origin else "   by default"))
    for one in sorted(facts.memberships):
        lines.append(f"  {one.capacity} of {one.organization}")
    lines.extend(f"  ! {note}" for note in facts.notes)
    if facts.unused:
        lines.append(f"  not used: {', '.join(facts.unused)}")
    return lines


def _chosen(key: str | None) -> Provider:
    known = _known()
    if key is None and len(known) == 1:
        return next(iter(known.values()))
    if key not in known:
        raise click.ClickException(f"Name a provider by --provider; known are: {', '.join(known) or 'none'}")
    return known[key]


def _known() -> dict[str, Provider]:
    try:
        return config.providers()
    except SettingsError as error:
        raise click.ClickException("\n".join(str(fault) for fault in error.faults)) from None


@govdata_login.command("check")
def check() -> None:
    """Check the file of providers, and that each secret can be read."""
    for key, provider in _known().items():
        state: Any = "no secret needed"
        if provider.client_secret:
            provider.client_secret.reveal()
            state = "secret found"
        click.echo(f"{key}: {provider.issuer} ({provider.protocol}), {state}")


@govdata_login.command("sweep")
def sweep() -> None:
    """End roles, sessions and tokens of accounts that did not sign in at their provider within its term. For a timer."""
    click.echo(f"Terms ended: {accounts.lapse_overdue()}")


@govdata_login.command("purge")
def purge() -> None:
    """Delete tokens that can count no more, and sessions over their term of keeping. For a timer, once a day."""
    click.echo("; ".join(f"{name} deleted: {number}" for name, number in purging.purge().items()))
