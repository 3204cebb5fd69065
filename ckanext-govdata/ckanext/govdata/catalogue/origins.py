"""What plugins that bring entries into the catalogue know of them: where one came from, and what else they keep of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ckan.plugins as p
from ckan import model


@dataclass(frozen=True)
class Origin:
    """Where an entry came from by the record of whoever brought it: an entry of this portal that it stands for, or an agency.

    `entry` is the id of a dataset, `agency` that of the organisation under whose list it came. None: the record says nothing.
    """

    entry: str | None = None
    agency: str | None = None


@dataclass(frozen=True)
class Copy:
    """Something that a plugin keeps of an entry beside the catalogue; `name` says what it is, never what is in it."""

    name: str
    content: bytes


class IGovdataEntries(p.Interface):
    """A plugin that brings entries into the catalogue and keeps records of them."""

    def entry_origin(self, package: model.Package) -> Origin:
        """Where an entry came from, by the plugin's own record; what the entry's writers can change is none."""
        return Origin()

    def entry_copies(self, package: model.Package) -> Iterable[Copy]:
        """What is kept of an entry's metadata beside the catalogue; it is sealed as evidence when the entry leaked (LYG-26)."""
        return ()

    def entry_forget(self, package: model.Package) -> None:
        """Forget all that `entry_copies` gave, in the caller's transaction; also a second time."""


def origin_of(package: model.Package) -> Origin:
    """Where an entry came from: the first record that says so."""
    said = (plugin.entry_origin(package) for plugin in p.PluginImplementations(IGovdataEntries))
    return next((one for one in said if one != Origin()), Origin())


def copies_of(package: model.Package) -> list[Copy]:
    """What is kept of an entry beside the catalogue."""
    return [copy for plugin in p.PluginImplementations(IGovdataEntries) for copy in plugin.entry_copies(package)]


def forget_copies(package: model.Package) -> None:
    """Have what is kept of an entry beside the catalogue forgotten, in the caller's transaction."""
    for plugin in p.PluginImplementations(IGovdataEntries):
        plugin.entry_forget(package)
