"""The page that shows the administrator what is weak."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from .. import config, words
from ..factors import keeping
from ..weakness import Snapshot, weaknesses

administration = Blueprint("govdata_login_administration", __name__, url_prefix="/login/administration")


@administration.get("/")
def weak() -> Any:
    """What is weak in how people sign in here; for sysadmins."""
    try:
        tk.check_access("sysadmin", {"user": tk.current_user.name}, {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Only administrators see this page."))
    found = [(one, words.weakness(one.reason)) for one in weaknesses(snapshot())]
    request.environ["__no_cache__"] = True
    return tk.render("govdata_login/weak.html", {"found": found})


def snapshot() -> Snapshot:
    """The portal as it stands."""
    providers = config.providers()
    query = sa.select(model.User).where(model.User.sysadmin, model.User.state == model.State.ACTIVE)  # type: ignore[arg-type]
    people = [one for one in model.Session.execute(query).scalars() if one.name != tk.config["ckan.site_id"]]
    return Snapshot(
        settings=tk.config,
        plugins=tuple(str(tk.config["ckan.plugins"]).split()),
        http_providers=tuple(key for key, one in providers.items() if one.issuer.startswith("http:")),
        endless_providers=tuple(key for key, one in providers.items() if not one.sign_in_again_days),
        sysadmins_without_factor=sum(1 for one in people if not keeping.enrolled(one.id)),
        forwarded="X-Forwarded-For" in request.headers,
    )
