"""The inventory: every address and every action of the running portal, and whether it can give a dataset's bytes.

`inventory.yaml` says of each one that it gives nothing of a dataset (`none`), metadata alone (`metadata`), or bytes and rows
through the gate (`gated`). What nobody has classified makes a test fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ckan import logic
from flask import Flask

CLASSES = ("none", "metadata", "gated")
_FILE = Path(__file__).parent / "inventory.yaml"
_MEANING = {
    "none": "gives nothing of a dataset",
    "metadata": "gives metadata, to those who may see it",
    "gated": "gives bytes or rows, through the gate",
}


@dataclass(frozen=True)
class Inventory:
    """What is classified: of each kind (`routes`, `actions`) the class of each name."""

    routes: Mapping[str, str]
    actions: Mapping[str, str]


def load() -> Inventory:
    """Read the classification; ValueError when a name stands in two classes."""
    given = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Inventory(_by_name(given["routes"]), _by_name(given["actions"]))


def _by_name(classes: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name_of_class in CLASSES:
        for name in classes[name_of_class]:
            if name in found:
                raise ValueError(f"{name} is classified twice, as {found[name]} and as {name_of_class}")
            found[name] = name_of_class
    return found


def routes_of(app: Flask) -> set[str]:
    """Every address of an application, by its endpoint and rule."""
    return {f"{rule.endpoint} {rule.rule}" for rule in app.url_map.iter_rules()}


def actions_of() -> set[str]:
    """Every action of the running portal."""
    logic.get_action("package_show")  # the registry is filled by the first question
    return set(logic._actions)


def unclassified(names: Iterable[str], known: Mapping[str, Any]) -> list[str]:
    """Names that nobody has classified."""
    return sorted(set(names) - set(known))


def render() -> str:
    """The inventory as a page of the documentation."""
    inventory = load()
    parts = ["# Inventory of routes and actions", _INTRODUCTION]
    for title, known in (("Routes", inventory.routes), ("Actions", inventory.actions)):
        parts.append(f"## {title}")
        for name_of_class in reversed(CLASSES):
            names = sorted(name for name, given in known.items() if given == name_of_class)
            lines = "\n".join(f"- `{name}`" for name in names)
            parts.append(f"### {name_of_class}: {_MEANING[name_of_class]} ({len(names)})\n\n{lines}")
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = (
    "Made from `access/inventory.yaml` by `ckan govdata docs`. A test walks the addresses and actions of a portal with every "
    "plugin on and fails on one that is not listed here: classify it there after reading what it can give, and send what gives "
    "bytes through the gate."
)
