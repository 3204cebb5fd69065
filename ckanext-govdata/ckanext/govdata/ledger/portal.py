"""The ledger of the running portal: its folder and its database addresses."""

from __future__ import annotations

from typing import Any

import psycopg2
from ckan.plugins import toolkit as tk
from sqlalchemy.engine import make_url

from .. import config
from .keys import Folder


def folder() -> Folder:
    """The ledger's folder, by the settings."""
    return Folder(config.ledger_folder())


def portal_url() -> str:
    """The database as the portal's own role reaches it, in libpq's spelling."""
    return libpq(str(tk.config["sqlalchemy.url"]))


def keeper_url() -> str:
    """The database as the sequencer reaches it: by the keeper's role in strict mode, else by the portal's own."""
    return folder().keeper_url or portal_url()


def libpq(url: str) -> str:
    """A database address without the name of SQLAlchemy's driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def connect(url: str) -> Any:
    """A connection that notices within a minute when its database is gone."""
    settings: dict[str, Any] = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
    return psycopg2.connect(url, connect_timeout=10, application_name="govdata_ledger", **settings)
