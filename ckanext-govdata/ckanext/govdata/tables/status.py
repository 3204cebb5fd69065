"""The register of tables: which resources have one or should, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from ckan import model

from .loader import wanted_resources
from .state import state_of
from .store import tables_in_store


def known_resources() -> list[str]:
    """The ids of resources that should have a table, and of those that have one and should not."""
    ours = {name for name in tables_in_store() if model.Resource.get(name) is not None}
    return sorted({*(resource.id for resource in wanted_resources()), *ours})


def report() -> Iterator[str]:
    """One line for each: id, state, rows, dataset, file; and the reason where there is no table."""
    there = tables_in_store()
    for identifier in known_resources():
        resource, state = model.Resource.get(identifier), state_of(identifier)
        if resource is None:
            continue
        word = state.state if state else ("loaded" if identifier in there else "waiting")
        rows = state.rows if state else 0
        reason = f" {state.message()}" if state and state.code else ""
        yield f"{identifier} {word} {rows} {resource.package.name} {resource.name or resource.url}{reason}"
