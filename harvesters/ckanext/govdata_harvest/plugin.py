"""The plugin that brings agencies' lists into the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins as p
import click
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction
from flask import Blueprint

from ckanext.govdata.catalogue.origins import Copy, IGovdataEntries, Origin

from . import file_model as _file_model  # noqa: F401
from . import model as _model  # noqa: F401 - CKAN drops tables whose models it does not know
from . import origins
from . import source_model as _source_model  # noqa: F401
from .actions import ACTIONS
from .auth import AUTH
from .views import blueprint


@tk.blanket.config_declarations
class GovdataHarvestPlugin(p.SingletonPlugin):
    p.implements(p.IClick)
    p.implements(p.IActions)
    p.implements(p.IAuthFunctions)
    p.implements(p.IBlueprint)
    p.implements(IGovdataEntries)

    def get_commands(self) -> list[click.Command]:
        """The command group `ckan govdata-harvest`, imported when CKAN's command line asks for it."""
        from .cli import govdata_harvest

        return [govdata_harvest]

    def get_actions(self) -> dict[str, Callable[..., Any]]:
        return dict(ACTIONS)

    def get_auth_functions(self) -> dict[str, AuthFunction]:
        return dict(AUTH)

    def get_blueprint(self) -> list[Blueprint]:
        return [blueprint]

    def entry_origin(self, package: model.Package) -> Origin:
        return origins.origin_of(package)

    def entry_copies(self, package: model.Package) -> Iterable[Copy]:
        return origins.copies_of(package)

    def entry_forget(self, package: model.Package) -> None:
        origins.forget(package)
