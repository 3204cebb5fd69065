"""What of an entry's values may stand in the clear: codes, ids, digests, moments, numbers. Whatever else is text is not. Pure.

Guarantee: words that somebody wrote, and what looks like a person's number, never stand in an entry, whichever room composed it:
they are taken apart, and the entry commits to them like to any other personal value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Letters of codes and ids, without blanks, without @ (addresses of mail), without any letter of a people's writing.
_CODE = re.compile(r"[A-Za-z0-9._:/+=-]{0,300}")
# Telephone numbers, identity numbers of old and new form; moments and digests have other signs in them.
_NUMBER_OF_A_PERSON = re.compile(r"[+]?\d{7,}[Xx]?")
# The catalogue's own words: which columns went out, under the headings that everybody reads in the catalogue; and the proof,
# in base64, that somebody put other bytes under the id of an entry.
PUBLIC_WORDS = frozenset({"govdata.columns", "govdata.conflict.bytes"})


def is_clear(text: str) -> bool:
    """Whether a text is a code, an id, a digest or a moment, and so may stand in an entry as it is."""
    return bool(_CODE.fullmatch(text)) and not _NUMBER_OF_A_PERSON.fullmatch(text)


def apart(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields as they may stand in the clear, and by its dotted name each text that is only to be committed to.

    Values that hold others are gone through; a list with such a text goes apart as a whole, as JSON.
    """
    clear: dict[str, Any] = {}
    words: dict[str, str] = {}
    for name, value in fields.items():
        if name in PUBLIC_WORDS:
            clear[name] = value
        else:
            _sort(name, value, clear, words)
    return clear, words


def _sort(name: str, value: Any, clear: dict[str, Any], words: dict[str, str]) -> None:
    """Put a value where it belongs; of an object what is left in the clear stays one."""
    if isinstance(value, str) and not is_clear(value):
        words[name] = value
    elif isinstance(value, Mapping) and value:
        if not all(isinstance(key, str) and is_clear(key) for key in value):
            words[name] = _as_json(value)
            return
        left: dict[str, Any] = {}
        for key, one in value.items():
            _sort_within(name, key, one, left, words)
        if left:
            clear[name] = left
    elif isinstance(value, (list, tuple)) and not all(_is_clear_throughout(one) for one in value):
        words[name] = _as_json(value)
    else:
        clear[name] = value


def _sort_within(name: str, key: str, value: Any, left: dict[str, Any], words: dict[str, str]) -> None:
    inner: dict[str, Any] = {}
    found: dict[str, str] = {}
    _sort(f"{name}.{key}", value, inner, found)
    words |= found
    if inner:
        left[key] = next(iter(inner.values()))


def _is_clear_throughout(value: Any) -> bool:
    _, words = apart({"x": value})
    return not words


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
