"""A file of evidence as a download that no browser runs or keeps."""

from __future__ import annotations

import base64
from typing import Any

from ckan.types import Response
from flask import make_response

_SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def evidence_file(id: str, found: dict[str, Any]) -> Response:
    """What an action gave of a file: `media_type`, and `data` in base64."""
    answer = make_response(base64.b64decode(found["data"]))
    name = f"evidence-{id[:8]}.{_SUFFIXES.get(found['media_type'], 'bin')}"
    answer.headers.update(
        {
            "Content-Type": found["media_type"],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
    )
    return answer
