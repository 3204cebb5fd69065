"""The actions of harvesting, by what they are about."""

from collections.abc import Callable
from typing import Any

from . import decisions, looking, merging, openings, plans, runs, sources

ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for module in (sources, runs, plans, decisions, openings, looking, merging)
    for function in module.ALL
}
