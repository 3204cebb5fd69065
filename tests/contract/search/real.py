"""Real lists for the long run, where a folder of them is named: their texts, with the other fields made up."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench._made import records
from tests.bench.chinese import texts_of

LISTS = "GOVDATA_REAL_LISTS"
"""A folder of lists as Chinese portals give them: `*.json.gz`, each a JSON array. They are no part of the project."""


def real_records(count: int) -> Iterator[dict[str, Any]]:
    """Index documents with the titles, descriptions and tags of the lists, one list after another.

    Raises ValueError where the lists have fewer: nothing agrees with everything.
    """
    found = (record for path in sorted(Path(os.environ[LISTS]).glob("*.json.gz")) for record in _list(path))
    for made, real in zip(records(count, seed=3), itertools.islice(found, count), strict=True):
        texts = {name: text for name, text in texts_of(real).items() if text}
        kept = {name: value for name, value in made.items() if name not in ("notes", "res_name")}
        yield kept | texts | {"title_string": texts.get("title", "")}


def _list(path: Path) -> list[dict[str, Any]]:
    return json.loads(gzip.decompress(path.read_bytes()))
