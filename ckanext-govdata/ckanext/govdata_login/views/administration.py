"""The pages for the administrator: what is weak, and what a mapping makes of a sample of claims."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
import yaml
from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from .. import accounts, config, words
from ..clients import api_tokens
from ..factors import keeping
from ..mapping import Facts, facts_of
from ..weakness import Snapshot, weaknesses

administration = Blueprint("govdata_login_administration", __name__, url_prefix="/login/administration")


@administration.get("/")
def weak() -> Any:
    """What is weak in how people sign in here; for sysadmins."""
    _administrators_only()
    found = [(one, words.weakness(one.reason)) for one in weaknesses(snapshot())]
    request.environ["__no_cache__"] = True
    return tk.render("govdata_login/weak.html", {"found": found})


@administration.route("/try", methods=["GET", "POST"])
def try_claims() -> Any:
    """A dry run: what the mapping of a service makes of a sample of claims. Nothing is written."""
    _administrators_only()
    known = config.providers()
    given = {name: request.form.get(name, "") for name in ("provider", "claims")}
    facts, error = None, ""
    provider = known.get(given["provider"])
    if request.method == "POST":
        claims = _claims(given["claims"])
        if provider is None:
            error = tk._("Choose an identity service.")
        elif claims is None:
            error = tk._("Write the claims of one person as one JSON object, such as {example}.").format(
                example='{"sub": "1"}'
            )
        else:
            facts = facts_of(claims, provider.claims)
    request.environ["__no_cache__"] = True
    values = {"known": list(known.values()), "given": given, "error": error, "rows": _rows(facts) if facts else []}
    return tk.render("govdata_login/try_claims.html", {**values, "facts": facts, "provider": provider})


def _claims(text: str) -> dict[str, Any] | None:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return found if isinstance(found, dict) else None


def _rows(facts: Facts) -> list[tuple[str, str, str]]:
    """Each fact with its value and the claim that it comes from."""
    rows = [
        (name, json.dumps(value, ensure_ascii=False), facts.sources[name] or "") for name, value in facts.values.items()
    ]
    return rows + [("memberships", f"{one.capacity} @ {one.organization}", "") for one in sorted(facts.memberships)]


def _administrators_only() -> None:
    try:
        tk.check_access("sysadmin", {"user": tk.current_user.name}, {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Only administrators see this page."))


def snapshot() -> Snapshot:
    """The portal as it stands."""
    providers = config.providers()
    query = sa.select(model.User).where(model.User.sysadmin, model.User.state == model.State.ACTIVE)  # type: ignore[arg-type]
    people = [one for one in model.Session.execute(query).scalars() if one.name != tk.config["ckan.site_id"]]
    return Snapshot(
        settings=tk.config,
        http_providers=tuple(key for key, one in providers.items() if one.issuer.startswith("http:")),
        endless_providers=tuple(key for key, one in providers.items() if not one.sign_in_again_days),
        sysadmins_without_factor=sum(1 for one in people if not keeping.enrolled(one.id)),
        endless_tokens=api_tokens.without_end(),
        orphans=accounts.orphaned(),
        forwarded="X-Forwarded-For" in request.headers,
    )
