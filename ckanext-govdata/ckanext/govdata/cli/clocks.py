"""`ckan govdata sweep`: what time does to terms, and sending what waits, by hand or by cron."""

from __future__ import annotations

import click

from ckanext.govdata.clocks.sweeping import sweep as sweep_clocks
from ckanext.govdata.notices.sending import send


@click.command(short_help="Sweep terms and send notices now.")
def sweep() -> None:
    """Breach what is over, remind, compute anew, send what waits. The worker does so each minute; cron may do it too."""
    done = sweep_clocks()
    click.echo(f"{done.breached} terms are over, {done.reminded} reminded of, {done.moved} moved.")
    click.echo(f"{send()} notices were taken by the mail server.")
