"""Which entry a row is: by the source's own identifier where it is one, else by agency and title.

Identity holds over another order, another export and cosmetic change; a shared address is no identifier.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .agencies import key_of

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
# A short number is the place in the list, not an identifier.
_PLACE = re.compile(r"^\d{1,5}$")


def identity_candidates(entry: Mapping[str, Any], agency: str) -> tuple[str, ...]:
    """The keys by which a row may be known, best first; the last, from agency and title, is always there."""
    found: list[str] = []
    code = "".join(str(entry.get("resource_code") or "").split())
    if code and not _PLACE.match(code):
        found.append("code:" + code)
    url = _plain_url(str(entry.get("source_url") or ""))
    if url:
        found.append("url:" + url)
    return (*found, derived_key(agency, str(entry.get("title") or "")))


def derived_key(agency: str, title: str) -> str:
    """The key of an entry without an identifier of its own."""
    plain = "".join(unicodedata.normalize("NFKC", title).split()).lower()
    return "derived:" + digest(key_of(agency) + "\n" + plain)[:32]


def _plain_url(url: str) -> str:
    rest = "".join(_SCHEME.sub("", url.strip()).split())
    host, slash, path = rest.partition("/")
    return (host.lower() + slash + path).rstrip("/") if path.strip("/#") else ""


def content_hash(entry: Mapping[str, Any], agency: str) -> str:
    """SHA-256 of what a row says; the same for other white space, order of columns, of keywords or of formats."""
    plain = {key: _plain(value) for key, value in entry.items()}
    plain["tags"] = sorted(tag["name"].lower() for tag in entry.get("tags") or [])
    return digest(json.dumps([key_of(agency), plain], sort_keys=True, ensure_ascii=False))


def _plain(value: Any) -> Any:
    return "".join(value.split()) if isinstance(value, str) else value


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
