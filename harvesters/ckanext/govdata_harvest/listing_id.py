"""By which name a list is known, so that its next export is recognised as the same list."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_SUFFIX = re.compile(r"(\.(json|jsonl|ndjson|csv|tsv|txt|gz))+$", re.IGNORECASE)
_EDITION = re.compile(r"[-_. ]?(v\d+|\d{4,}[-\d]*|\(\d+\))$", re.IGNORECASE)


def list_id_of(path: Path, agency_slug: str, hosts: Counter[str]) -> str:
    """The agency's own list where one agency is given; else the portal whose addresses most rows carry; else the file's name.

    A date or version at the end of the file's name does not count.
    """
    if agency_slug:
        return f"agency:{agency_slug}"
    host, count = hosts.most_common(1)[0] if hosts else ("", 0)
    if count * 2 > hosts.total():
        return host
    name = _SUFFIX.sub("", path.name)
    return "file:" + (_EDITION.sub("", name) or name)
