"""`ckan govdata`: the door to the commands, one module a noun."""

from __future__ import annotations

import click

from .access import shut
from .agreements import agreements
from .clocks import sweep
from .days import days
from .demo import demo
from .docs import docs
from .leaks import leak_trace
from .ledger import ledger
from .parties import parties
from .rules import rules
from .succession import succession, sweep_agreements_now
from .tables import tables
from .uses import uses


@click.group(short_help="The portal's own commands: rules, demo city, tables, reference.")
def govdata() -> None:
    """What CKAN's commands do not know: rule packs, the demo city, tables for preview and API."""


_COMMANDS = (
    agreements,
    days,
    demo,
    docs,
    leak_trace,
    ledger,
    parties,
    rules,
    shut,
    succession,
    sweep,
    sweep_agreements_now,
    tables,
    uses,
)
for _command in _COMMANDS:
    govdata.add_command(_command)
