"""What the portal promises where no rule gives a number: working days and words, out of a file. Never called statutory.

Guarantee: a promise is data of its own and named as one; it stands in no pack, and a pack's number comes before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .errors import InvalidPackError, WrongTypeProblem
from .fields import Fields
from .located import Mapping as Node
from .located import Reader
from .topics import SUSPENSIONS

OURS = Path(__file__).parent / "promises.yaml"
KEYS = ("number", "words", "words_en", "extension", "suspended_while")


@dataclass(frozen=True)
class Promise:
    """Within how many working days the portal promises something, in words of both languages."""

    topic: str
    number: int
    words: str
    words_en: str
    extension: int | None = None
    suspended_while: tuple[str, ...] = ()


@cache
def load_promises(own: Path | None = None) -> Mapping[str, Promise]:
    """The promises by topic: ours, changed by the city's own file; `none` in place of a promise takes it away."""
    found = dict(_read(OURS))
    if own is not None:
        found |= _read(own)
    return MappingProxyType({topic: promise for topic, promise in found.items() if promise is not None})


def _read(path: Path) -> dict[str, Promise | None]:
    reader = Reader(path)
    root = reader.read()
    found: dict[str, Promise | None] = {}
    if isinstance(root, Node):
        for topic in root.entries:
            found[topic] = _promise(reader, root, topic)
    elif not reader.problems:
        facts = {"key": path.name, "value": "…", "expected": "a mapping of keys", "expected_zh": "键值结构"}
        reader.report(WrongTypeProblem, root.line if root else 1, **facts)
    if reader.problems:
        raise InvalidPackError(sorted(reader.problems, key=lambda problem: problem.line))
    return found


def _promise(reader: Reader, root: Node, topic: str) -> Promise | None:
    whole = Fields(reader, root)
    if re.fullmatch(r"[a-z][a-z0-9_]*", topic) is None:
        facts = {"expected": "a word such as agreement_seal", "expected_zh": "小写英文词，如 agreement_seal"}
        whole.report(WrongTypeProblem, topic, key="topic", value=topic, **facts)
        return None
    if getattr(root.entries[topic], "value", "") == "none":
        return None
    node = whole.sub(topic)
    if node is None:
        return None
    fields = Fields(reader, node, topic)
    fields.only(KEYS)
    number, words, words_en = fields.whole("number"), fields.text("words"), fields.text("words_en")
    rests = fields.words("suspended_while", SUSPENSIONS, several=True) if fields.has("suspended_while") else ()
    extension = fields.whole("extension", required=False)
    if number is None or words is None or words_en is None:
        return None
    return Promise(topic, number, words, words_en, extension, rests)
