"""How other plugins take part in signing in: what claims say, who needs a second factor, and what has happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins as p
from ckan import model

from .mapping import Facts


class IGovdataLogin(p.Interface):
    """Implement what you need; every method has a default that does nothing."""

    def login_facts_changed(self, user: model.User, provider: str, facts: Facts, before: Mapping[str, Any]) -> None:
        """An identity service told of a person at their sign-in, or (with empty facts) their term there ran out.

        `facts.values` holds what the provider's mapping names; `before` the values of the sign-in before. Whatever your
        plugin gave because of a fact that is gone has to be taken back here. Called before the session begins; an
        exception stops the sign-in.
        """

    def login_needs_second_factor(self, user: model.User) -> bool:
        """Whether this person may go on only with a second factor; one plugin that says so is enough."""
        return False

    def login_event(self, name: str, details: Mapping[str, Any]) -> None:
        """Something happened that a log may want to keep; names and details stand in docs/login.md."""


def implementations() -> list[IGovdataLogin]:
    """The plugins that take part."""
    return list(p.PluginImplementations(IGovdataLogin))
