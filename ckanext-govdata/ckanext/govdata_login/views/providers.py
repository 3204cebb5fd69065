"""Going to an identity service and coming back: signing in, linking an identity, confirming, and its logout calls."""

from __future__ import annotations

import time
from typing import Any

from ckan.common import logout_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, jsonify, make_response, request

from .. import accounts, config, events, refusing, sessions, stepup, words
from ..addresses import safe_next
from ..errors import ProviderUnavailable, Refused
from ..oidc import flow, logout
from ..oidc.flow import Answer, Wish
from ..oidc.provider import Provider, SecretMissing
from .answers import page, uncached
from .local import enter

providers = Blueprint("govdata_login", __name__, url_prefix="/login")


def redirect_uri(provider: Provider) -> str:
    """Where a service sends people back: one address for each service, so that the answer of one cannot pass for another's."""
    return tk.url_for("govdata_login.back", provider=provider.key, qualified=True, locale="default")


@providers.get("/with/<provider>")
def with_provider(provider: str) -> Any:
    """Start signing in at a service."""
    wish = Wish(next=refusing.next_page(request.args.get("next"), tk.url_for("user.me")))
    return _go(_known(provider), wish)


@providers.post("/link/<provider>")
def link(provider: str) -> Any:
    """Start linking an identity to the account that is signed in."""
    row = sessions.current()
    if row is None:
        return _refused(Refused("link_needs_sign_in"), provider)
    return _go(_known(provider), Wish(tk.url_for("govdata_login_account.security"), "link", row.id, prompt="login"))


@providers.get("/back/<provider>")
def back(provider: str) -> Any:
    """The service's redirect."""
    known = _known(provider)
    try:
        answer = flow.finish(known, request.args)
        return _PURPOSES[answer.wish.purpose](answer)
    except Refused as refused:
        return _refused(refused, provider)
    except (ProviderUnavailable, SecretMissing) as error:
        return _unavailable(known, str(error))


def _known(key: str) -> Provider:
    found = config.providers().get(key)
    if found is None:
        tk.abort(404, tk._("This portal knows no such identity service."))
    return found


def _go(provider: Provider, wish: Wish) -> Any:
    try:
        return uncached(tk.redirect_to(flow.start(provider, wish, redirect_uri(provider))))
    except (ProviderUnavailable, SecretMissing) as error:
        return _unavailable(provider, str(error))


def _signed_in(answer: Answer) -> Any:
    user, how = accounts.account_for(answer)
    return enter(user, how, answer.wish.next)


def _linked(answer: Answer) -> Any:
    row = sessions.current()
    if row is None or row.id != answer.wish.session:
        raise Refused("link_needs_sign_in")
    accounts.link(row.user_id, answer)
    tk.h.flash_success(tk._("The identity is linked. You can sign in with it from now on."))
    return tk.redirect_to(answer.wish.next)


def _confirmed(answer: Answer) -> Any:
    row = sessions.current()
    if row is None or row.id != answer.wish.session:
        raise Refused("state_of_other_browser")
    if (row.issuer, row.subject) != (answer.provider.issuer, answer.subject):
        raise Refused("other_identity")
    moment = accounts.moment_of(answer.claims.get("auth_time"))
    sessions.confirm(row, "provider", moment, str(answer.claims.get("acr") or "") or None)
    return tk.redirect_to(safe_next(answer.wish.next))


_PURPOSES = {"sign_in": _signed_in, "link": _linked, "step_up": _confirmed}


@providers.get("/confirm")
def step_up() -> Any:
    """Ask a person to show once more who they are, at the service they came from or by their second factor."""
    row = sessions.current()
    following = refusing.next_page(request.args.get("next"))
    if row is None:
        return tk.redirect_to("user.login", next=request.full_path)
    if stepup.confirmed(row):
        return tk.redirect_to(following)
    provider = stepup.provider_of(row)
    if provider is None or not stepup.can_confirm(provider):
        return tk.redirect_to("govdata_login_factor.second_factor", next=following)
    wish = Wish(following, "step_up", row.id, max_age=0, acr_values=provider.step_up_acr_values, prompt="login")
    return _go(provider, wish)


def sign_out() -> Response | None:
    """Sign out here, then at the service where the session began; None where there is no such service."""
    if sessions.waiting() is not None:
        logout_user()
        return tk.redirect_to("user.logged_out_page")
    row = sessions.current()
    provider = stepup.provider_of(row) if row else None
    if row is None or provider is None or not provider.is_oidc:
        return None
    home = tk.url_for("govdata_login.signed_out", qualified=True, locale="default")
    try:
        address = logout.address(provider, row.id_token, home)
    except ProviderUnavailable:
        # The person leaves this portal all the same; the service ends its own session in its own time.
        return None
    logout_user()
    return uncached(tk.redirect_to(address)) if address else tk.redirect_to(home)


@providers.get("/signed-out")
def signed_out() -> str:
    """Where a service sends people after its logout."""
    return tk.render("user/logout.html")


@providers.post("/back-channel/<provider>")
def back_channel(provider: str) -> Response:
    """A service tells that one of its sessions, or all of a person's, ended (OpenID Connect Back-Channel Logout)."""
    known = _known(provider)
    try:
        logout.end_by_token(known, request.form.get("logout_token"), time.time())
    except Refused as refused:
        events.tell("sign_in_refused", provider=provider, reason=refused.reason, detail=refused.detail)
        answer = jsonify(error="invalid_request", error_description=refused.reason)
        return uncached(make_response(answer, 400))
    except ProviderUnavailable as error:
        return uncached(make_response(jsonify(error="temporarily_unavailable", error_description=error.detail), 503))
    return uncached(make_response("", 200))


def _refused(refused: Refused, provider: str) -> Any:
    events.tell("sign_in_refused", provider=provider, reason=refused.reason, detail=refused.detail)
    return page("refused", {"reason": refused.reason, "sentence": words.refusal(refused.reason)}, 403)


def _unavailable(provider: Provider, detail: str) -> Any:
    events.tell("sign_in_refused", provider=provider.key, reason="provider_unavailable", detail=detail)
    return page("unavailable", {"title": provider.title(tk.h.lang())}, 503)
