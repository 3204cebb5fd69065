"""Agencies as lists name them: one name in several spellings is one agency."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_GROUP = re.compile(r"^【(.*?)】(.*)$")


def title_of(name: str) -> str:
    """The name to show: no white space; a place in 【】 before the name is joined to it, or left out where it stands twice."""
    plain = "".join(name.split())
    found = _GROUP.match(plain)
    if not found:
        return plain.replace("【", "").replace("】", "")
    place, rest = found[1], found[2]
    return rest if rest.startswith(place) else place + rest


def key_of(name: str) -> str:
    """What two spellings of one agency have in common: NFKC, lower case, no white space, no 【】."""
    return title_of(unicodedata.normalize("NFKC", name)).lower()


def slug_of(name: str) -> str:
    """A stable address for an agency of this name: `agency-` and ten hexadecimal digits."""
    return "agency-" + hashlib.sha256(key_of(name).encode()).hexdigest()[:10]
