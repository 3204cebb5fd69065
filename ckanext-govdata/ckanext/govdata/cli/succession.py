"""`ckan govdata succession` and `ckan govdata sweep-agreements`: cases pass to a successor; what time does to agreements."""

from __future__ import annotations

import click
from ckan.plugins import toolkit as tk

from ckanext.govdata.agreements.life.sweeping import sweep as sweep_agreements


@click.command(short_help="Pass an agency's or an officer's cases to the successor.")
@click.option("--agency", help="Name of the agency that has ended or given up a task")
@click.option("--successor", help="Name of the agency that takes over")
@click.option("--officer", help="Name of the officer who leaves")
@click.option("--successor-officer", help="Name of the officer who takes over")
@click.option("--by", required=True, help="Name of the officer of the authority who orders it")
@click.option("--reason", required=True, help="The document that it rests on")
def succession(
    agency: str | None, successor: str | None, officer: str | None, successor_officer: str | None, by: str, reason: str
) -> None:
    """Pass open and closed cases to the successor, with their clocks; steps already taken stay as they were."""
    given = {"agency": agency, "successor": successor, "officer": officer, "successor_officer": successor_officer}
    data = {name: value for name, value in given.items() if value}
    try:
        done = tk.get_action("govdata_succession")({"user": by}, {**data, "reason": reason})
    except (tk.ValidationError, tk.NotAuthorized) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done['cases']} cases and {done['clocks']} clocks passed over.")


@click.command("sweep-agreements", short_help="Do what has come due with agreements.")
def sweep_agreements_now() -> None:
    """Let terms end, let lapse what nobody signed, tell ends and duties; the worker does it by itself."""
    done = sweep_agreements()
    click.echo(f"{done.expired} expired, {done.lapsed} lapsed, {done.closed} closed, {done.told} told.")
