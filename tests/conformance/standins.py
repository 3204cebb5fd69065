"""Stands in for what CKAN's wheel lacks: the plugins that its tests load from a module outside the wheel.

Also shows the tests of coding standards CKAN's own files only: they look at all files two folders up, which in a checkout
are CKAN's and in an installation those of every package there is.

And keeps words that the tests of search ask for out of made-up titles: CKAN's factories draw English words at random, `record`
among them, and one time in fifty a dataset that should not be found has it.

And hashes passwords with the rounds that CKAN hashes with, at which its tests look.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import ckan.plugins as p
import pytest
from ckan.model import user as users
from ckan.tests import test_coding_standards
from faker.providers.lorem import en_US
from passlib.hash import pbkdf2_sha512  # pyright: ignore[reportAttributeAccessIssue] - made on demand

_NAMES = ("tests.plugins", "tests.plugins.ckantestplugins")
_GIVEN_BACK = frozenset(
    (
        "before_dataset_search",
        "after_dataset_search",
        "before_dataset_index",
        "before_dataset_view",
    )
)


def _counted(name: str) -> Callable[..., Any]:
    def method(self: Any, *given: Any) -> Any:
        self.calls[name] += 1
        if name == "after_dataset_create":
            self.id_in_dict = "id" in given[1]
        return given[0] if name in _GIVEN_BACK else None

    return method


class MockPackageControllerPlugin(p.SingletonPlugin):
    """Counts how often each method of IPackageController is called."""

    p.implements(p.IPackageController)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.calls: Counter[str] = Counter()
        self.id_in_dict = False


for _name in [name for name in vars(p.IPackageController) if not name.startswith("_")]:
    setattr(MockPackageControllerPlugin, _name, _counted(_name))


class Recorder:
    """Notes how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *given: Any, **named: Any) -> None:
        self.calls.append((given, named))


class PluginObserverPlugin(p.SingletonPlugin):
    """Notes which plugins come and go."""

    p.implements(p.IPluginObserver)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.before_load, self.after_load = Recorder(), Recorder()
        self.before_unload, self.after_unload = Recorder(), Recorder()

    def reset_calls(self) -> None:
        for recorder in (self.before_load, self.after_load, self.before_unload, self.after_unload):
            recorder.calls.clear()


class ActionPlugin(p.SingletonPlugin):
    """Answers for status_show."""

    p.implements(p.IActions)

    def get_actions(self) -> dict[str, Any]:
        return {"status_show": lambda _context, _data: {}}


class AuthPlugin(p.SingletonPlugin):
    """Decides about package_list."""

    p.implements(p.IAuthFunctions)

    def get_auth_functions(self) -> dict[str, Any]:
        return {"package_list": lambda _context, _data: {}}


class MockResourceViewExtension(p.SingletonPlugin):
    """Shows resources of the format "mock" and counts how often it is asked what."""

    p.implements(p.IResourceView)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.calls: Counter[str] = Counter()

    def info(self) -> dict[str, Any]:
        return {"name": "test_resource_view", "title": "Test", "iframed": True}

    def can_view(self, data_dict: dict[str, Any]) -> bool:
        self.calls["can_view"] += 1
        return data_dict["resource"].get("format", "").lower() == "mock"

    def setup_template_variables(self, _context: Any, _data: dict[str, Any]) -> dict[str, Any]:
        self.calls["setup_template_variables"] += 1
        return {}

    def view_template(self, _context: Any, _data: dict[str, Any]) -> str:
        self.calls["view_template"] += 1
        return "tests/mock_resource_preview_template.html"

    def form_template(self, _context: Any, _data: dict[str, Any]) -> str:
        return "tests/mock_resource_preview_form.html"


for _name in _NAMES:
    sys.modules.setdefault(_name, ModuleType(_name))
for _plugin in (MockPackageControllerPlugin, PluginObserverPlugin, ActionPlugin, AuthPlugin, MockResourceViewExtension):
    sys.modules[_NAMES[1]].__dict__[_plugin.__name__] = _plugin

_CKANS_OWN = frozenset(str(file) for file in distribution("ckan").files or ())
_walk = test_coding_standards.walk_python_files


def walk_python_files(ext: str = ".py") -> Iterator[tuple[str, str]]:
    """CKAN's own, without what other packages brought."""
    return (pair for pair in _walk(ext) if pair[1] in _CKANS_OWN)


test_coding_standards.walk_python_files = walk_python_files

_ASKED = re.compile(r"[a-z]+")


def plain_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that no test of search asks for."""
    folder = Path(test_coding_standards.__file__).parent / "lib" / "search"
    asked = {word for file in folder.glob("test_*.py") for word in _ASKED.findall(file.read_text("utf-8").lower())}
    return tuple(word for word in words if word.lower() not in asked)


en_US.Provider.word_list = plain_words(en_US.Provider.word_list)


@pytest.fixture(autouse=True)
def hashed_as_by_ckan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords with CKAN's own rounds, which its tests look at: ours are set up with fewer."""
    monkeypatch.setattr(users, "pbkdf2_sha512", pbkdf2_sha512)
