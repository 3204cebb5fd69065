"""A file as an action gets it: an upload of a form, or base64 in JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ckan.plugins import toolkit as tk

from ... import config


def content_of(given: Any, field: str) -> bytes:
    """The bytes; raises ValidationError where there are none, or too many."""
    try:
        stream = getattr(given, "stream", None) or getattr(given, "file", None)
        content = stream.read() if stream else base64.b64decode(str(given), validate=True)
    except (binascii.Error, ValueError) as error:
        raise tk.ValidationError({field: [tk._("Upload the file, or give it in base64.")]}) from error
    if not content:
        raise tk.ValidationError({field: [tk._("The file is empty. Choose the file once more.")]})
    if len(content) > config.tracing_megabytes() * 1_000_000:
        words = tk._("The file is larger than {most} MB. Give a part of it.")
        raise tk.ValidationError({field: [words.format(most=config.tracing_megabytes())]})
    return content
