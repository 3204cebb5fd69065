"""What a kind of source is asked, and what it answers. Pure: no CKAN."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

from ..door import Fetched
from ..readers import ListError


class KindError(ListError):
    """A source gave no list: `cause` is a key of the report's words. `passing` says whether another try later may do."""

    def __init__(self, cause: str, detail: str = "", *, passing: bool = False) -> None:
        self.passing = passing
        super().__init__(cause, detail=detail)


@dataclass(frozen=True)
class Capabilities:
    """What a kind can do: be fetched by schedule, say that nothing changed, take secret headers, name tiers of its own,
    say what it withdrew (its setting `address` is a portal then)."""

    remote: bool = True
    conditional: bool = False
    secrets: bool = False
    tiers: bool = False
    tombstones: bool = False


@dataclass(frozen=True)
class Visit:
    """One visit to a source: a folder to put the list into, the only way out (`fetch`), and what was seen the last time.

    `fetch(address, headers)` goes through the guarded door, waits for its turn at the host, and raises DoorError. `uploaded`
    is the file that a person handed in. `secrets` are headers that only `fetch` may carry, and no message.
    """

    folder: Path
    fetch: Callable[..., Fetched]
    seen: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    uploaded: Path | None = None
    uploaded_name: str = ""


@dataclass(frozen=True)
class Collected:
    """The list as a file, its name as people know it, and what to remember for the next visit. Without a path: unchanged."""

    path: Path | None
    name: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """A kind of source. `settings` is a dataclass of plain texts; each field's metadata has `zh` and `en`, its label."""

    name: str
    label: Mapping[str, str]
    settings: type
    can: Capabilities

    def collect(self, settings: Any, visit: Visit) -> Collected:
        """Bring the list. Raises DoorError and KindError."""
        ...


def setting(zh: str, en: str, default: Any = MISSING) -> Any:
    """A field of a settings dataclass with its label in both languages."""
    return field(default=default, metadata={"zh": zh, "en": en})


def settings_of(kind: Kind, given: Mapping[str, Any]) -> Any:
    """The settings of a source. Raises KindError (`setting_missing`, `setting_unknown`) with the field's name."""
    known = {one.name: one for one in fields(kind.settings)}
    for name in given:
        if name not in known:
            raise KindError("setting_unknown", name)
    plain = {name: str(value).strip() for name, value in given.items() if str(value).strip()}
    for name, one in known.items():
        if one.default is MISSING and name not in plain:
            raise KindError("setting_missing", name)
    return kind.settings(**plain)


def rows_as_file(folder: Path, rows: Iterable[Mapping[str, Any]], name: str) -> Path:
    """Rows as JSON Lines, which the readers take like any list, however many they are."""
    path = folder / name
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path
