"""CKAN's validation of what is shown, without work that cannot change its outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from operator import is_
from typing import Any

import ckan.lib.navl.dictization_functions as navl
import ckan.lib.plugins as lib_plugins
from ckan import logic
from ckan.types import Context

_ASKED_AGAIN = ("flatten_schema", "get_all_key_combinations", "make_full_schema")
_NAME = "package_name_validator"
_its_own = lib_plugins.plugin_validate
_order_key = lru_cache(maxsize=32_768)(navl.flattened_order_key)


class _Asked:
    """A function of CKAN's that is asked two or three times for the same within one validation: it works that out once."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._last: tuple[tuple[Any, ...], list[int], Any] | None = None

    def __call__(self, *given: Any) -> Any:
        last, lengths = self._last, [len(one) for one in given if one is not None]
        if last and last[1] == lengths and all(map(is_, last[0], given)):
            return last[2]
        made = self._function(*given)
        self._last = (given, lengths, made)
        return made

    def forget(self) -> None:
        """What was asked about belongs to another dataset, and may have changed."""
        self._last = None


class _Validation:
    """The default schema and that of a plain dataset are the same, so the second outcome is the first once more."""

    def __init__(self, asked: list[_Asked]) -> None:
        self._asked = asked
        self._last: tuple[Any, Any] | None = None

    def __call__(self, plugin: Any, context: Context, data: Any, schema: Any, action: Any) -> Any:
        if self._last and self._last[0] is data and type(plugin) is lib_plugins.DefaultDatasetForm:
            return self._last[1], {}
        for one in self._asked:
            one.forget()
        outcome, errors = _its_own(plugin, context, data, schema, action)
        # CKAN's own first round has a plugin that is nothing: what it returns is changed later, so a copy is kept.
        self._last = (data, copied(outcome)) if type(plugin) is object else None
        return outcome, errors


def copied(value: Any) -> Any:
    """Dictionaries and lists anew, with the same values in them."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def _name_is_its_own(_key: Any, _data: Any, _errors: Any, _context: Any) -> None:
    """Stands for the question whether another dataset has the name: the database allows none, and showing ignores the answer."""


@contextmanager
def shortened() -> Iterator[None]:
    """While it lasts, CKAN validates so."""
    asked = {name: _Asked(getattr(navl, name)) for name in _ASKED_AGAIN}
    validators, its_own = logic._validators_cache, logic.get_validator(_NAME)
    with ExitStack() as held:
        for name, function in {**asked, "flattened_order_key": _order_key}.items():
            held.callback(setattr, navl, name, getattr(navl, name))
            setattr(navl, name, function)
        held.callback(setattr, lib_plugins, "plugin_validate", _its_own)
        lib_plugins.plugin_validate = _Validation([*asked.values()])
        held.callback(validators.__setitem__, _NAME, its_own)
        validators[_NAME] = _name_is_its_own
        yield
