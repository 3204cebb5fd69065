"""The settings of search, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ckan.plugins import toolkit as tk

from .errors import BadSetting

# CKAN's tests switch the plugin off while its seam stays, so a setting may be undeclared.
_ENGINE = "tantivy"
_LOCK_SECONDS = 60
_ELASTIC = "govdata.search.elasticsearch."
_NAMES = (
    *("govdata.search.engine", "govdata.search.index_path", "govdata.search.lock_seconds"),
    *("ckan.site_id", "ckan.storage_path"),
    *(f"{_ELASTIC}{name}" for name in ("url", "index", "api_key", "user", "password", "ca_certs")),
    *(f"{_ELASTIC}{name}" for name in ("timeout", "shards", "replicas")),
)
"""Every setting that an engine's settings are made of."""
_COPIES = re.compile(r"[0-9]+|[0-9]+-([0-9]+|all)")
# What Elasticsearch takes for a name, with room for the ending.
_NAME = re.compile(r"""(?![-_+])(?!\.{1,2}$)[^\\/*?"<>|\s,#:]{1,60}""")
_NAMED = 'a name in small letters as Elasticsearch takes it: no spaces, none of \\ / * ? " < > | , # :, no - _ + at its beginning'


@dataclass(frozen=True)
class ElasticsearchSettings:
    """How a cluster is reached. Either an API key, or a user with a password, or neither."""

    urls: tuple[str, ...] = ("http://127.0.0.1:9200",)
    index: str = "ckan"
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca_certs: str = ""
    timeout: float = 10.0
    shards: int = 1
    replicas: str = "0-1"


@dataclass(frozen=True)
class Settings:
    """What an engine needs to know."""

    engine: str
    index_path: Path
    lock_seconds: float
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()


def _setting(key: str, default: object) -> object:
    return tk.config.get(key, default) or default


def engine() -> str:
    """Which engine answers: `tantivy`, `elasticsearch`, or `memory` for tests."""
    return str(_setting("govdata.search.engine", _ENGINE))


def index_path() -> Path:
    """The folder of the index, shared by all processes of the portal on one machine."""
    own = str(_setting("govdata.search.index_path", ""))
    if own:
        return Path(own)
    storage = str(_setting("ckan.storage_path", ""))
    return Path(storage or tempfile.gettempdir()) / "search-index"


def lock_seconds() -> float:
    """How long a write waits for another process's write, in seconds; 0 means not at all."""
    name = "govdata.search.lock_seconds"
    given = tk.config.get(name, "")
    return _number(name, _LOCK_SECONDS if given in (None, "") else given, "a number of seconds, 0 for not at all")


def _number(name: str, given: object, wanted: str, least: float = 0) -> float:
    """Raises BadSetting where a setting is no number, or a smaller one."""
    try:
        number = float(str(given))
    except ValueError as error:
        raise BadSetting(name, given, wanted) from error
    if not least <= number < float("inf"):
        raise BadSetting(name, given, wanted)
    return number


def elasticsearch_urls() -> tuple[str, ...]:
    """The addresses of the cluster's nodes; the next is asked where one does not answer."""
    return tuple(str(_elastic("url", "http://127.0.0.1:9200")).split())


def elasticsearch_index() -> str:
    """The alias that is searched; the indexes behind it carry its name with an ending. By default the site's id."""
    own = str(_elastic("index", ""))
    if own and (own != own.lower() or not _NAME.fullmatch(own)):
        raise BadSetting(f"{_ELASTIC}index", own, _NAMED)
    return own or re.sub(r"[^a-z0-9_-]", "-", str(_setting("ckan.site_id", "ckan")).lower()).lstrip("_-") or "ckan"


def elasticsearch_api_key() -> str:
    """The API key, as the cluster gave it out (base64)."""
    return str(_elastic("api_key", ""))


def elasticsearch_user() -> tuple[str, str]:
    """User and password; empty where an API key or nothing is needed."""
    return str(_elastic("user", "")), str(_elastic("password", ""))


def elasticsearch_ca_certs() -> str:
    """The file of the certificate authority that signed the cluster's certificate; empty means the system's."""
    return str(_elastic("ca_certs", ""))


def elasticsearch_timeout() -> float:
    """How long one request may take, in seconds."""
    return _number(f"{_ELASTIC}timeout", _elastic("timeout", 10), "a number of seconds, 0.1 or more", 0.1)


def elasticsearch_shards() -> int:
    """Into how many parts a new index is cut."""
    wanted = "a whole number, 1 or more"
    number = _number(f"{_ELASTIC}shards", given := _elastic("shards", 1), wanted, 1)
    if not number.is_integer():
        raise BadSetting(f"{_ELASTIC}shards", given, wanted)
    return int(number)


def elasticsearch_replicas() -> str:
    """How many copies of each part there are: a number, or a range such as `0-1` for as many as there are nodes for."""
    given = str(_elastic("replicas", "0-1"))
    if not _COPIES.fullmatch(given):
        raise BadSetting(f"{_ELASTIC}replicas", given, "a number such as 1, or a range such as 0-1 or 0-all")
    return given


def _elastic(name: str, default: object) -> object:
    return _setting(f"{_ELASTIC}{name}", default)


def _elasticsearch() -> ElasticsearchSettings:
    user, password = elasticsearch_user()
    return ElasticsearchSettings(
        urls=elasticsearch_urls(),
        index=elasticsearch_index(),
        api_key=elasticsearch_api_key(),
        user=user,
        password=password,
        ca_certs=elasticsearch_ca_certs(),
        timeout=elasticsearch_timeout(),
        shards=elasticsearch_shards(),
        replicas=elasticsearch_replicas(),
    )


def synonyms_file() -> Path | None:
    """The city's own file of synonyms; None where it has none. A change of the file counts with the next search."""
    own = str(_setting("govdata.search.synonyms_file", ""))
    return Path(own) if own else None


def settings() -> Settings:
    """All of it at once; what belongs to another engine keeps its default."""
    return _worked_out(tuple(tk.config.get(name, None) for name in _NAMES))


@lru_cache(maxsize=64)
def _worked_out(_said: tuple[object, ...]) -> Settings:
    """Once for all that is said in the settings: each search asks which engine answers, and how."""
    if engine() != "elasticsearch":
        return Settings(engine(), index_path(), lock_seconds())
    return Settings(engine(), index_path(), lock_seconds(), _elasticsearch())
