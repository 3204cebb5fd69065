"""How often one address may ask for what costs something: by Flask-Limiter, counted in Redis for all processes together."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import CKANApp
from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.middleware.proxy_fix import ProxyFix

from . import config

_VIEWS = {
    "rate_sign_in": (
        "user.login",
        "govdata_login_factor.second_factor",
        "govdata_login_factor.passkey_show",
        "govdata_login_registration.code",
    ),
    "rate_mail": (
        "user.request_reset",
        "user.register",
        "govdata_login_browser.ask",
        "govdata_login_registration.begin",
    ),
    "rate_provider": ("govdata_login.with_provider", "govdata_login.back", "govdata_login.back_channel"),
    "rate_token": (
        "govdata_login_oauth.token",
        "govdata_login_oauth.revoke",
        "govdata_login_oauth.introspect",
    ),
}


# CKAN's form of one's profile takes the old password: whoever found a browser signed in could try passwords there at will.
_OLD_PASSWORD = "10 per 15 minutes"  # noqa: S105  (a limit, no password)


def install(app: CKANApp) -> None:
    """Put the limits of the settings on an app's views. Without Redis for a moment, people still get in."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=str(tk.config["ckan.redis.url"]),
        key_prefix=f"{tk.config['ckan.site_id']}:govdata_login",
        strategy="moving-window",
        swallow_errors=True,
    )
    for setting, endpoints in _VIEWS.items():
        rule = config.rate(setting)
        for endpoint in endpoints:
            view = app.view_functions.get(endpoint)
            if rule and view is not None:
                app.view_functions[endpoint] = limiter.limit(rule, methods=_methods(setting))(view)  # type: ignore[arg-type]
    edit = app.view_functions["user.edit"]
    limit = limiter.limit(_OLD_PASSWORD, key_func=_account, methods=["POST"], exempt_when=_no_old_password)
    app.view_functions["user.edit"] = limit(edit)  # type: ignore[arg-type]


def _account() -> str:
    return f"account {tk.current_user.id}" if tk.current_user.is_authenticated else get_remote_address()


def _no_old_password() -> bool:
    return not request.form.get("old_password")


def _methods(setting: str) -> list[str]:
    return ["GET", "POST"] if setting == "rate_provider" else ["POST"]


def trust_proxies(app: CKANApp) -> None:
    """Believe as many proxies as the setting says, and no more, about where a request comes from and whether by TLS."""
    count = config.trusted_proxies()
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0)
