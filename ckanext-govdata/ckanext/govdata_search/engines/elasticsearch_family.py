"""The names behind an alias: which indexes of a cluster are this portal's own, so that no other is ever touched.

A pattern of the cluster such as `stadt-v*` also fits another portal's `stadt-verkehr-v9-0a1b2c3d`.
"""

from __future__ import annotations

import re
import secrets

from elasticsearch import Elasticsearch

from ..errors import NoIndex
from .elasticsearch_index import VERSION

SETTING = "govdata.search.elasticsearch.index"


class Family:
    """The indexes of one alias, of every version of their layout."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._current = f"{alias}-v{VERSION}-"
        self._own = re.compile(rf"{re.escape(alias)}-v\d+-[0-9a-f]{{8}}")

    def new_name(self) -> str:
        return f"{self._current}{secrets.token_hex(4)}"

    def owns(self, index: str) -> bool:
        """Whether an index was made by the engine for this alias."""
        return self._own.fullmatch(index) is not None

    def is_current(self, index: str) -> bool:
        """Whether an index is this alias's and laid out as this version does it; others are built anew."""
        return self.owns(index) and index.startswith(self._current)

    def members(self, client: Elasticsearch) -> dict[str, set[str]]:
        """The alias's own indexes that are there, each with the aliases that it has."""
        found = client.indices.get(index=f"{self.alias}-v*", features="aliases")
        return {name: set(about.get("aliases", {})) for name, about in found.items() if self.owns(name)}

    def check_name(self, client: Elasticsearch) -> None:
        """Raises NoIndex where the alias's name stands for something else, before anything is built for it."""
        found = client.indices.get(index=self.alias, ignore_unavailable=True, features="aliases")
        foreign = sorted(name for name in found if not self.owns(name))
        if not foreign:
            return
        if foreign == [self.alias]:
            taken, remove = f"an index named {self.alias} exists, where the alias of that name has to be", "that index"
        else:
            taken, remove = f"the alias {self.alias} stands for {', '.join(foreign)}, which is another's", "that alias"
        raise NoIndex("preparing a new index", f"{taken}; set {SETTING} to another name, or remove {remove}")


def to_write(index: str) -> str:
    """The alias by which an index is written to: were it gone, the cluster would otherwise make another without mapping."""
    return f"{index}-w"
