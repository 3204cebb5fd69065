"""Stands in for the plugin that CKAN's tests load from a module which its wheel lacks: one that counts its calls."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import ckan.plugins as p

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

for _name in _NAMES:
    sys.modules.setdefault(_name, ModuleType(_name))
sys.modules[_NAMES[1]].__dict__["MockPackageControllerPlugin"] = MockPackageControllerPlugin
