"""The commands under `ckan govdata`, one module a noun."""

from __future__ import annotations

import click


def commands() -> list[click.Command]:
    """The commands of the plugin; imported on demand, because each start of CKAN asks for them."""
    from .root import govdata
    from .withdraw import withdraw

    return [govdata, withdraw]
