"""Where the rows are in a JSON text that begins with an object: in an array inside it, or is it a row itself?

The text is walked once, element by element; so a list of any length that is wrapped in an object costs no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .columns import ColumnNames
from .json_values import Buffer, Pairs, walk

_SAMPLE = 20
_MOST_PATHS = 200

Path = tuple[str, ...]


@dataclass
class _Array:
    """An array of objects that was met: how many names its first elements have that are known, and how many it has."""

    known: int = 0
    count: int = 0


def wrapped_path(text: Callable[[], Iterable[str]], names: ColumnNames) -> Path:
    """The keys that lead to the array of rows in the first object; empty where the object is a row itself.

    Raises ListError where the text is no JSON.
    """
    arrays: dict[Path, _Array] = {}
    own: list[str] = []
    for path, value in walk(Buffer(text())):
        if len(path) == 1:
            own.append(path[0])
        if isinstance(value, Pairs) and (path in arrays or len(arrays) < _MOST_PATHS):
            array = arrays.setdefault(path, _Array())
            array.count += 1
            if array.count <= _SAMPLE:
                array.known = max(array.known, names.known(sorted({str(key) for key, _ in value})))
    best = max(arrays, key=lambda path: (arrays[path].known, arrays[path].count), default=())
    itself = names.known(sorted(set(own)))
    return best if best and arrays[best].known > max(1, itself) else ()
