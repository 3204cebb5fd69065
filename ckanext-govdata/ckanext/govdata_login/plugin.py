"""The plugin that lets people sign in with identity services, and keeps sessions on the server. Usable by any CKAN 2.12."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins as p
import yaml
from ckan import model as ckan_model
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key
from ckan.config.middleware.flask_app import ckan_before_request
from ckan.config.middleware.flask_app import csrf as ckan_csrf
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit as tk
from ckan.types import CKANApp, Response, Schema
from flask import Blueprint
from flask_login import user_logged_in, user_logged_out

from . import (
    actions,
    auth,
    cli,
    config,
    csrf,
    headers,
    helpers,
    limits,
    mailboxes,
    passwords,
    refusing,
    resets,
    sessions,
)
from .clients import api_tokens, programs
from .clients.model import TABLES as CLIENT_TABLES
from .floods import Door
from .model import TABLES
from .views.account import account
from .views.administration import administration
from .views.developer import developer
from .views.factors import factors
from .views.links import inviting, mailing
from .views.local import ask, browsers, sign_in_page
from .views.oauth import introspect, oauth, revoke, token
from .views.providers import back_channel, providers, sign_out
from .views.registration import registering

# CKAN's `db check` drops tables whose models nobody imported.
MODELS = (*TABLES, *CLIENT_TABLES)


def _next_after_ckan(app: CKANApp, hook: Callable[[], Response | None]) -> None:
    """Ask before other plugins answer a request, and after CKAN has found out whom it is from."""
    hooks: list[Any] = app.before_request_funcs.setdefault(None, [])
    hooks.insert(next((place for place, one in enumerate(hooks, 1) if one is ckan_before_request), 0), hook)


@tk.blanket.actions(actions)
@tk.blanket.auth_functions(auth)
@tk.blanket.helpers(helpers)
@tk.blanket.cli(cli)
class GovdataLoginPlugin(p.SingletonPlugin, DefaultTranslation):
    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.IBlueprint)
    p.implements(p.IAuthenticator, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IApiToken, inherit=True)
    p.implements(p.INotifier, inherit=True)
    p.implements(p.IValidators)
    p.implements(p.IConfigDeclaration)
    p.implements(p.ITranslation)

    def update_config(self, config_: CKANConfig) -> None:
        tk.add_template_directory(config_, "templates")
        tk.add_public_directory(config_, "public")
        if str(config_.get("govdata.login.registration") or "").strip():
            # CKAN's pages offer to register where this is so; the page that they lead to is ours (resets.py).
            config_["ckan.auth.create_user_via_web"] = True

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare our settings, and let CKAN's own default keep names and details of accounts from visitors."""
        place = Path(__file__).with_name("config_declaration.yaml")
        declaration.load_dict(yaml.safe_load(place.read_text(encoding="utf-8")))
        option = declaration.get("ckan.auth.public_user_details")
        if option is not None:
            option.set_default(False)

    def configure(self, config_: CKANConfig) -> None:
        """Read the file of providers once, so that a fault in it stops the portal at its start and not at a sign-in."""
        config.providers()
        csrf.protect(ckan_csrf, (f"{ask.__module__}.{ask.__name__}",))
        for view in (back_channel, token, revoke, introspect):
            ckan_csrf.exempt(f"{view.__module__}.{view.__name__}")

    def get_blueprint(self) -> list[Blueprint]:
        return [providers, account, factors, browsers, administration, oauth, developer, registering, inviting, mailing]

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        user_logged_in.connect(sessions.begin, app)
        user_logged_out.connect(sessions.leave, app)
        resets.install(app)
        limits.install(app)
        app.wsgi_app = Door(app.wsgi_app)  # pyright: ignore[reportAttributeAccessIssue]
        limits.trust_proxies(app)
        _next_after_ckan(app, programs.answer_bad_tokens)
        app.before_request(refusing.turn_back)
        app.after_request(headers.add)
        return app

    def identify_user(self, user_id: str | None = None) -> ckan_model.User | ckan_model.AnonymousUser | None:
        return sessions.identify(user_id)

    def login(self) -> Response | Any:
        return sign_in_page()

    def logout(self) -> Response | Any:
        return sign_out()

    def get_validators(self) -> dict[str, Any]:
        return {"user_password_validator": passwords.validator, "email_is_unique": mailboxes.email_is_unique}

    def notify_about_topic(self, already_notified: bool, topic: str, details: dict[str, Any] | None = None) -> bool:
        return resets.notify(already_notified, topic, details)

    def create_api_token_schema(self, schema: Schema) -> Schema:
        return api_tokens.schema(schema)

    def postprocess_api_token(self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
        return api_tokens.postprocess(data, jti, data_dict)

    def preprocess_api_token(self, data: Any) -> Any:
        return api_tokens.preprocess(data)

    def encode_api_token(self, data: dict[str, Any], **kwargs: Any) -> str | None:
        return api_tokens.encode(data)

    def decode_api_token(self, encoded: str, **kwargs: Any) -> dict[str, Any] | None:
        return api_tokens.decode(encoded)
