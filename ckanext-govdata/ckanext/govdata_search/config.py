"""The settings of search, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from ckan.plugins import toolkit as tk

# CKAN's tests switch the plugin off while its seam stays, so a setting may be undeclared.
_ENGINE = "tantivy"
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Settings:
    """What an engine needs to know."""

    engine: str
    index_path: Path
    lock_seconds: float


def _setting(key: str, default: object) -> object:
    return tk.config.get(key, default) or default


def engine() -> str:
    """Which engine answers: `tantivy`, or `memory` for tests."""
    return str(_setting("govdata.search.engine", _ENGINE))


def index_path() -> Path:
    """The folder of the index, shared by all processes of the portal on one machine."""
    own = str(_setting("govdata.search.index_path", ""))
    if own:
        return Path(own)
    storage = str(_setting("ckan.storage_path", ""))
    return Path(storage or tempfile.gettempdir()) / "search-index"


def lock_seconds() -> float:
    """How long a write waits for another process's write, in seconds."""
    return float(str(_setting("govdata.search.lock_seconds", _LOCK_SECONDS)))


def settings() -> Settings:
    return Settings(engine(), index_path(), lock_seconds())
