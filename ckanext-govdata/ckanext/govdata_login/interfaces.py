"""How other plugins take part in signing in: what claims say, who needs a second factor, and what has happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ckan.plugins as p
from ckan import model
from ckan.plugins import toolkit as tk

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

    def login_scopes(self, user: model.User) -> list[Mapping[str, Any]]:
        """What this account can let a program have: `name`, `title`, and what else `clients.scopes.Scope` holds."""
        return []

    def login_send_sms(self, number: str, text: str, reference: str) -> bool:
        """Hand a short message over, if your plugin knows a way; True once it was taken. Called in a job."""
        return False

    def login_closing(self, user: model.User) -> list[str]:
        """Why this account cannot be closed now, in the reader's language, each with what to do first; none if it can."""
        return []

    def login_event(self, name: str, details: Mapping[str, Any]) -> None:
        """Something happened that a log may want to keep; names and details stand in docs/login.md."""


def implementations() -> list[IGovdataLogin]:
    """The plugins that take part."""
    return list(p.PluginImplementations(IGovdataLogin))


# The same by name, for plugins that must run without this one: they connect to CKAN's signals and import nothing of ours.
FACTS_CHANGED = tk.signals.ckanext.signal("govdata_login_facts_changed")
NEEDS_SECOND_FACTOR = tk.signals.ckanext.signal("govdata_login_needs_second_factor")
SCOPES = tk.signals.ckanext.signal("govdata_login_scopes")
SMS = tk.signals.ckanext.signal("govdata_login_sms")
CLOSING = tk.signals.ckanext.signal("govdata_login_closing")
EVENT = tk.signals.ckanext.signal("govdata_login_event")


def facts_changed(
    user: model.User, provider: str, facts: Facts, before: Mapping[str, Any], trusted: bool = False
) -> None:
    """Tell all that take part; by signal, the sender is the account's id, with `provider`, `values`, `before`, `trusted`."""
    for plugin in implementations():
        plugin.login_facts_changed(user, provider, facts, before)
    FACTS_CHANGED.send(user.id, provider=provider, values=dict(facts.values), before=dict(before), trusted=trusted)


def needs_second_factor(user: model.User) -> bool:
    """Whether any that takes part demands a second factor of this person."""
    if any(plugin.login_needs_second_factor(user) for plugin in implementations()):
        return True
    return any(answer for _, answer in NEEDS_SECOND_FACTOR.send(user.id))


def scopes_of(user_id: str) -> Iterator[Mapping[str, Any]]:
    """The scopes that all who take part name for an account."""
    user = model.User.get(user_id)
    if user is None:
        return
    for plugin in implementations():
        yield from plugin.login_scopes(user)
    for _, answer in SCOPES.send(user_id):
        yield from answer or ()


def send_sms(number: str, text: str, reference: str) -> bool:
    """Let the first that can send a short message; by signal, the sender is the number, with `text`, `reference`."""
    if any(plugin.login_send_sms(number, text, reference) for plugin in implementations()):
        return True
    # One listener after the other, so that nobody gets a message twice.
    return any(bool(hear(number, text=text, reference=reference)) for hear in SMS.receivers_for(number))


def obstacles_to_closing(user: model.User) -> list[str]:
    """What all who take part say against closing an account; by signal, the sender is the account's id."""
    found = [words for plugin in implementations() for words in plugin.login_closing(user)]
    return found + [words for _, answer in CLOSING.send(user.id) for words in answer or ()]


def tell_event(name: str, details: Mapping[str, Any]) -> None:
    """Hand an event to all that take part; by signal, the sender is its name."""
    for plugin in implementations():
        plugin.login_event(name, details)
    EVENT.send(name, details=dict(details))
