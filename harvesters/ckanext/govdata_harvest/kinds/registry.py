"""The kinds that this installation knows, by their entry points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from .protocol import Kind, KindError

GROUP = "govdata.harvest.kinds"


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name. One whose package is not installed is left out."""
    found: dict[str, Kind] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            found[point.name] = point.load()()
        except ModuleNotFoundError:
            continue
    return found


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises KindError."""
    if name not in kinds():
        raise KindError("kind_unknown", name)
    return kinds()[name]
