"""What people corrected in the mapping of one source: columns, words of other columns, and words for the tier. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .vocabulary import folded, is_placeholder, keys, raw

# A column that its name makes one of these keeps its say: a correction can add to them and take nothing away.
GUARDED = ("open_tier", "open_conditions", "open_mode", "secrecy", "grading", "sharing_tier", "open_exception")
IGNORED = "-"
TOPICS = ("update_cycle", "formats", "theme", "grading", "sharing_tier", "open_exception")


@dataclass(frozen=True)
class Correction:
    """`columns`: name -> field, or `-` to pass it by. `words`: topic -> folded word -> key. `tiers`: folded word -> tier."""

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: Mapping[str, Any], tiers: Mapping[str, str] | None = None) -> Correction:
        """The correction that a source keeps, with the words that were decided for it."""
        words = {
            topic: {folded(word): key for word, key in listed.items()}
            for topic, listed in (mapping.get("words") or {}).items()
        }
        decided = {folded(word): tier for word, tier in (tiers or {}).items() if not is_placeholder(word)}
        return cls(dict(mapping.get("columns") or {}), words, decided)

    def word(self, topic: str, value: Any) -> Any:
        """A value as the vocabulary knows it."""
        listed = self.words.get(topic)
        return listed.get(folded(value), value) if listed and isinstance(value, str) else value


def fields() -> tuple[str, ...]:
    """The fields that a column may fill."""
    return tuple(name for name in raw("columns") if name not in ("persons", "numbers"))


def mistakes(mapping: Mapping[str, Any], field_of_name: Any) -> dict[str, str]:
    """What is wrong with a mapping: the column or topic with a stable code; empty where it can be kept."""
    found: dict[str, str] = {}
    for column, name in (mapping.get("columns") or {}).items():
        known = field_of_name(column)
        if name not in (*fields(), IGNORED):
            found[column] = "field_unknown"
        elif known and known[0] in GUARDED and known[0] != name:
            found[column] = "column_guarded"
    for topic, listed in (mapping.get("words") or {}).items():
        if topic not in TOPICS:
            found[topic] = "topic_unknown"
            continue
        known_keys = set(keys("words", topic).values())
        found.update({word: "key_unknown" for word, key in listed.items() if key not in known_keys})
    return found
