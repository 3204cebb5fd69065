"""Files that people attach to what they say: told by their content, never by name or word of the sender, and limited in size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit as tk

FIELDS = ("evidence", "evidence_2", "evidence_3")
_MOST_BYTES = 5_000_000
_KINDS: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


def attached(given: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """The files as media type and bytes, read once; raises ValidationError for another kind, or too large a one."""
    return [_checked(name, given[name]) for name in FIELDS if getattr(given.get(name), "filename", None)]


def _checked(name: str, given: Any) -> tuple[str, bytes]:
    content = bytes(given.stream.read(_MOST_BYTES + 1))
    kind = next((media for beginning, media in _KINDS.items() if content.startswith(beginning)), None)
    if kind is None or len(content) > _MOST_BYTES:
        raise tk.ValidationError({name: [tk._("Attach PDF, JPEG or PNG files of at most 5 MB.")]})
    return kind, content
