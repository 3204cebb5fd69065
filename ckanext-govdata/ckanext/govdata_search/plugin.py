"""The plugin: importing this module puts the seam in, so CKAN searches without Solr; the class adds settings and commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan.plugins as p
import click
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit as tk
from flask import Flask

from . import actions, auth, helpers, model, nearest, seam, settled, unavailable
from .cli import govdata_search

seam.install()

# CKAN's `db check` drops tables whose models nobody imported.
MODELS = (model.SearchDocument,)


@tk.blanket.config_declarations
@tk.blanket.actions(actions.ACTIONS)
@tk.blanket.auth_functions(auth.FUNCTIONS)
@tk.blanket.helpers(helpers.HELPERS)
class GovdataSearchPlugin(p.SingletonPlugin, DefaultTranslation):
    p.implements(p.IConfigurer)
    p.implements(p.IClick)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.ITranslation)
    p.implements(p.IPackageController, inherit=True)

    def update_config(self, config_: CKANConfig) -> None:
        if not config_.get("solr_url"):
            config_["solr_url"] = seam.PLACEHOLDER
        tk.add_template_directory(config_, "templates")

    def make_middleware(self, app: Flask, config: CKANConfig) -> Flask:
        unavailable.watch(app)
        settled.settle()
        return app

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        """`nearest` where nothing has all that was asked for and the results come nearest; else as CKAN answers."""
        if nearest.comes_nearest(search_params.get("q")):
            search_results["nearest"] = True
        return search_results

    def i18n_directory(self) -> str:
        return str(Path(__file__).parent / "i18n")

    def i18n_domain(self) -> str:
        return "ckanext-govdata_search"

    def get_commands(self) -> list[click.Command]:
        return [govdata_search]
