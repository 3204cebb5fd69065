"""`ckan govdata uses`: counting and tracing by command."""

from __future__ import annotations

import click

from ckanext.govdata.uses.counting import sum_up
from ckanext.govdata.uses.tracing import project


@click.group(short_help="Uses: sum up the statistics, bring traces up to the ledger.")
def uses() -> None:
    """Statistics by month, and the rows by which uses are traced."""


@uses.command("sum-up")
def sum_up_command() -> None:
    """Add what has settled to the counts by month. The portal does so by itself when it is visited; cron may do it too."""
    click.echo(f"{sum_up()} requests were counted or found to be double clicks.")


@uses.command("project")
def project_command() -> None:
    """Bring the rows that traces are made from up to the ledger. Each trace does so by itself."""
    click.echo(f"{project()} entries of the log were read.")
