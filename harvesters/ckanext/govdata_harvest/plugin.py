"""The plugin that brings agencies' lists into the catalogue."""

from __future__ import annotations

import ckan.plugins as p
import click
from ckan.plugins import toolkit as tk

from . import model as _model  # noqa: F401 - CKAN drops tables whose models it does not know


@tk.blanket.config_declarations
class GovdataHarvestPlugin(p.SingletonPlugin):
    p.implements(p.IClick)

    def get_commands(self) -> list[click.Command]:
        """The command group `ckan govdata-harvest`, imported when CKAN's command line asks for it."""
        from .cli import govdata_harvest

        return [govdata_harvest]
