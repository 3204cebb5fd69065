"""The plugin that puts the rooms of govdata into CKAN: schema, actions, permissions, labels, fields, commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins as p
import click
from ckan import model
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, CKANApp, Context, Validator
from flask import Blueprint

from . import beat, config, nonsense, outage
from .access import auth as access_auth
from .access import grant_actions, identities, switch_actions
from .access import helpers as access_helpers
from .access import rows as access_rows
from .access.links import seal_or_open_links
from .access.parties.actions import ACTIONS as PARTY_ACTIONS
from .access.parties.auth import AUTH as PARTY_AUTH
from .access.parties.quiet import keep_numbers_out_of_logs
from .access.storage import ADAPTER, GatedStorage, keep_resources_behind_the_gate
from .access.views import blueprint as access_blueprint
from .agreements.actions import ACTIONS as AGREEMENT_ACTIONS
from .agreements.applications.actions import ACTIONS as APPLICATION_ACTIONS
from .agreements.applications.auth import AUTH as APPLICATION_AUTH
from .agreements.applications.views import blueprint as application_blueprint
from .agreements.auth import AUTH as AGREEMENT_AUTH
from .agreements.life import actions as agreement_actions
from .agreements.life import listing as agreement_listing
from .agreements.life.auth import AUTH as LIFE_AUTH
from .agreements.texts.actions import ACTIONS as TEXT_ACTIONS
from .agreements.texts.auth import AUTH as TEXT_AUTH
from .agreements.views import blueprint as agreement_blueprint
from .cases.contributions.actions import ACTIONS as CONTRIBUTION_ACTIONS
from .cases.contributions.auth import AUTH as CONTRIBUTION_AUTH
from .cases.desk.actions import ACTIONS as DESK_ACTIONS
from .cases.desk.auth import AUTH as DESK_AUTH
from .cases.misuse.actions import ACTIONS as MISUSE_ACTIONS
from .cases.misuse.auth import AUTH as MISUSE_AUTH
from .cases.objections import marks
from .cases.objections.actions import ACTIONS as OBJECTION_ACTIONS
from .cases.objections.auth import AUTH as OBJECTION_AUTH
from .cases.objections.feeds import MarkedFeed, fields_of
from .cases.requests import helpers as request_helpers
from .cases.requests.actions import ACTIONS as REQUEST_ACTIONS
from .cases.requests.auth import AUTH as REQUEST_AUTH
from .cases.tracing.actions import ACTIONS as TRACING_ACTIONS
from .cases.tracing.auth import AUTH as TRACING_AUTH
from .cases.withdrawal.actions import ACTIONS as WITHDRAWAL_ACTIONS
from .cases.withdrawal.auth import AUTH as WITHDRAWAL_AUTH
from .catalogue import actions as catalogue_actions
from .catalogue import auth as catalogue_auth
from .catalogue import entry_type, hiding, sql_lists, traces
from .catalogue import helpers as catalogue_helpers
from .catalogue.domain import is_held_here
from .catalogue.indexing import count_what_is_there, index_entry
from .catalogue.record import record_first_tier, record_tier_step
from .catalogue.validators import VALIDATORS
from .catalogue.views import blueprint as catalogue_blueprint
from .catalogue.visibility import labels_of_dataset, labels_of_user
from .cli import commands
from .clocks import actions as clocks_actions
from .clocks import auth as clocks_auth
from .holdings.actions import ACTIONS as HOLDING_ACTIONS
from .holdings.auth import AUTH as HOLDING_AUTH
from .holdings.recording import record_versions
from .holdings.views import blueprint as holdings_blueprint
from .ledger import actions as ledger_actions
from .ledger import auth as ledger_auth
from .ledger.views import blueprint as ledger_blueprint
from .ledger.watching import watch
from .notices import actions as notices_actions
from .notices import auth as notices_auth
from .officers import actions as post_actions
from .officers import helpers as officers_helpers
from .officers.auth import AUTH as POST_AUTH
from .officers.views import blueprint as officers_blueprint
from .roles import actions as roles_actions
from .roles import auth as roles_auth
from .signin import joining
from .tables import hooks as table_hooks
from .tables.views import blueprint as tables_blueprint
from .uses import actions as uses_actions
from .uses import auth as uses_auth
from .uses.views import blueprint as uses_blueprint

# Actions and permissions chained to another plugin's, which exist only where that plugin is on.
_ACTIONS_OVER: dict[str, dict[str, Callable[..., Any]]] = {
    plugin: hiding.actions_over_plugin(plugin) for plugin in hiding.OF_PLUGINS
}
_ACTIONS_OVER["activity"] |= traces.ACTIONS
_ACTIONS_OVER["datastore"] |= access_rows.ACTIONS
_PERMISSIONS_OVER: dict[str, dict[str, Callable[..., Any]]] = {
    "activity": hiding.permissions_over_plugin("activity"),
    "datastore": access_auth.OVER_DATASTORE,
}


def _where_loaded(chained: dict[str, dict[str, Callable[..., Any]]]) -> dict[str, Callable[..., Any]]:
    return {
        name: function for plugin in chained if p.plugin_loaded(plugin) for name, function in chained[plugin].items()
    }


@tk.blanket.config_declarations
class GovdataPlugin(p.SingletonPlugin, DefaultTranslation):
    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.ITranslation)
    p.implements(p.IActions)
    p.implements(p.IAuthFunctions)
    p.implements(p.IValidators)
    p.implements(p.IPermissionLabels)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.ITemplateHelpers)
    p.implements(p.IClick)
    p.implements(p.IBlueprint)
    p.implements(p.IFiles, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.ISignal)
    p.implements(p.IFeed)

    def update_config(self, config_: CKANConfig) -> None:
        tk.add_template_directory(config_, "templates")
        # CKAN lets everybody search the list of all tables, which names the files of hidden entries.
        config_["ckan.datastore.public_table_search"] = []
        keep_resources_behind_the_gate(config_)

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        return outage.stand_before(app)

    def files_get_storage_adapters(self) -> dict[str, Any]:
        return {ADAPTER: GatedStorage}

    def configure(self, config_: CKANConfig) -> None:
        """Load the city's rules at start: a pack with a mistake stops the start, naming line and article."""
        config.rule_pack()
        config.promises()
        keep_numbers_out_of_logs()
        identities.watch()
        watch()

    def i18n_directory(self) -> str:
        return str(Path(__file__).parent / "i18n")

    def i18n_domain(self) -> str:
        return "ckanext-govdata"

    def get_actions(self) -> dict[str, Callable[..., Any]]:
        own = {
            **AGREEMENT_ACTIONS,
            **PARTY_ACTIONS,
            **TEXT_ACTIONS,
            **TRACING_ACTIONS,
            **OBJECTION_ACTIONS,
            **REQUEST_ACTIONS,
            **MISUSE_ACTIONS,
            **CONTRIBUTION_ACTIONS,
            **DESK_ACTIONS,
            **WITHDRAWAL_ACTIONS,
            **catalogue_actions.ACTIONS,
            **HOLDING_ACTIONS,
            **roles_actions.ACTIONS,
            **ledger_actions.ACTIONS,
            **uses_actions.ACTIONS,
            **APPLICATION_ACTIONS,
            **agreement_actions.ACTIONS,
            **agreement_listing.ACTIONS,
        }
        own |= post_actions.ACTIONS
        own |= {**grant_actions.ACTIONS, **switch_actions.ACTIONS}
        own |= {**clocks_actions.ACTIONS, **notices_actions.ACTIONS}
        core = {**hiding.actions(), **sql_lists.ACTIONS, **entry_type.ACTIONS, **traces.BULK_ACTIONS}
        over = _where_loaded(_ACTIONS_OVER)
        if not tk.asbool(tk.config.get("ckan.datastore.sqlsearch.enabled")):
            # The DataStore has this action only where it is switched on, and CKAN does not start over a chain to nothing.
            over.pop("datastore_search_sql", None)
        return {**own, **hiding.with_their_help({**core, **over})}

    def get_auth_functions(self) -> dict[str, AuthFunction]:
        return {
            **AGREEMENT_AUTH,
            **PARTY_AUTH,
            **TEXT_AUTH,
            **TRACING_AUTH,
            **OBJECTION_AUTH,
            **REQUEST_AUTH,
            **MISUSE_AUTH,
            **CONTRIBUTION_AUTH,
            **DESK_AUTH,
            **WITHDRAWAL_AUTH,
            **access_auth.AUTH,
            **catalogue_auth.AUTH,
            **HOLDING_AUTH,
            **roles_auth.AUTH,
            **POST_AUTH,
            **ledger_auth.AUTH,
            **uses_auth.AUTH,
            **clocks_auth.AUTH,
            **notices_auth.AUTH,
            **APPLICATION_AUTH,
            **LIFE_AUTH,
            **_where_loaded(_PERMISSIONS_OVER),
        }

    def get_validators(self) -> dict[str, Validator]:
        return dict(VALIDATORS)

    def get_helpers(self) -> dict[str, Callable[..., Any]]:
        rooms = (catalogue_helpers, access_helpers, officers_helpers, request_helpers)
        return {name: helper for room in rooms for name, helper in room.HELPERS.items()}

    def get_blueprint(self) -> list[Blueprint]:
        own = [
            access_blueprint,
            agreement_blueprint,
            application_blueprint,
            catalogue_blueprint,
            holdings_blueprint,
            ledger_blueprint,
            tables_blueprint,
            uses_blueprint,
        ]
        return [nonsense.blueprint, *own, officers_blueprint, beat.blueprint]

    def get_commands(self) -> list[click.Command]:
        return commands()

    def get_signal_subscriptions(self) -> dict[Any, Any]:
        return joining.subscriptions()

    def get_feed_class(self) -> type[MarkedFeed]:
        return MarkedFeed

    def get_item_additional_fields(self, dataset_dict: dict[str, Any]) -> dict[str, Any]:
        return fields_of(dataset_dict)

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        return labels_of_dataset(dataset_obj)

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        return labels_of_user(user_obj)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        return count_what_is_there(search_params)

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        return index_entry(pkg_dict)

    def after_dataset_show(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """The mark of an objection that is being verified; never into the index, where it would outlive its lifting.

        And `held_here`: whether the portal itself keeps the dataset's data, or only says where it is.
        """
        writing = context.get("for_update") or "govdata_ask_review" in context
        if not writing and context.get("validate") is not False:
            marks.mark_entries([pkg_dict])
            pkg_dict["held_here"] = is_held_here(pkg_dict.get("resources") or [])

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        marks.mark_entries([one for one in search_results.get("results") or [] if isinstance(one, dict)])
        return search_results

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        record_first_tier(context, pkg_dict["id"])
        seal_or_open_links(pkg_dict["id"])
        record_versions(context, pkg_dict["id"])
        table_hooks.after_dataset_create(context, pkg_dict)

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """What has to change with an entry, in the transaction that changes it."""
        record_tier_step(context, pkg_dict["id"])
        seal_or_open_links(pkg_dict["id"])
        record_versions(context, pkg_dict["id"])
        traces.follow_the_entry(pkg_dict["id"])
        table_hooks.after_dataset_update(context, pkg_dict)

    def after_dataset_delete(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        table_hooks.after_dataset_delete(context, pkg_dict)
