"""Programs at the gate: what is registered, the token that it is given, and what it downloads."""

from __future__ import annotations

import pytest
import requests

from ckanext.govdata_login.clients import registering

from .stage import PLUGINS, Dataset, Stage
from .web import Answer, Web

# The portal with programs on it, for a whole module of tests.
WITH_PROGRAMS = [
    pytest.mark.ckan_config("ckan.plugins", f"{PLUGINS} govdata_login"),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.ckan_config("SESSION_TYPE", "redis"),
]


def program(stage: Stage, grant: str) -> tuple[str, str]:
    return program_held_to(stage, f"grant:{grant}")


def program_held_to(stage: Stage, scope: str) -> tuple[str, str]:
    person = stage.people["running"]
    assert person is not None
    row, secret = registering.register(person["id"], {"title": "parking board", "scopes": [scope]})
    return row.id, secret


def token_of(web: Web, id: str, secret: str) -> str:
    given = requests.post(
        f"{web.base}/oauth/token", auth=(id, secret), data={"grant_type": "client_credentials"}, timeout=20
    )
    return str(given.json()["access_token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def download(web: Web, dataset: Dataset, token: str) -> Answer:
    return web.get(f"/dataset/{dataset.id}/resource/{dataset.file}/download", headers=bearer(token))
