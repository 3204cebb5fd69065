"""The plugin that gives the portal its public face: templates, assets, pages, facets and their words."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins as p
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit as tk
from flask import Blueprint

from . import views
from .helpers import HELPERS

_ROOM = Path(__file__).parent


@tk.blanket.config_declarations
class GovdataThemePlugin(p.SingletonPlugin, DefaultTranslation):
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)
    p.implements(p.ITemplateHelpers)
    p.implements(p.IBlueprint)
    p.implements(p.IFacets, inherit=True)

    def update_config(self, config_: CKANConfig) -> None:
        tk.add_template_directory(config_, "templates")
        tk.add_public_directory(config_, "public")
        tk.add_resource("assets", "govdata_theme")

    def i18n_directory(self) -> str:
        return str(_ROOM / "i18n")

    def i18n_domain(self) -> str:
        return "ckanext-govdata_theme"

    def get_helpers(self) -> dict[str, Callable[..., Any]]:
        return dict(HELPERS)

    def get_blueprint(self) -> list[Blueprint]:
        return views.blueprints()

    def dataset_facets(self, facets_dict: OrderedDict[str, str], package_type: str) -> OrderedDict[str, str]:
        """The facets of the search page, in the order in which people ask: may I have it, whose, about what, in which form."""
        return OrderedDict(
            open_tier=tk._("Open tier"),
            organization=tk._("Agency"),
            theme=tk._("Theme"),
            res_format=tk._("Format"),
            update_cycle=tk._("Update cycle"),
            grading=tk._("Grading"),
            base_register=tk._("Base register"),
        )
