"""The plugin: importing this module puts the seam in, so CKAN searches without Solr; the class adds settings and commands."""

from __future__ import annotations

import ckan.plugins as p
import click
from ckan.common import CKANConfig
from ckan.plugins import toolkit as tk

from . import model, seam
from .cli import govdata_search

seam.install()

# CKAN's `db check` drops tables whose models nobody imported.
MODELS = (model.SearchDocument,)


@tk.blanket.config_declarations
class GovdataSearchPlugin(p.SingletonPlugin):
    p.implements(p.IConfigurer)
    p.implements(p.IClick)

    def update_config(self, config_: CKANConfig) -> None:
        if not config_.get("solr_url"):
            config_["solr_url"] = seam.PLACEHOLDER

    def get_commands(self) -> list[click.Command]:
        return [govdata_search]
