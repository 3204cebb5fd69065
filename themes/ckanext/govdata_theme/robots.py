"""A field that people neither see nor hear of: what is filled in there was sent by a program. No picture has to be read."""

from __future__ import annotations

from ckan.plugins import toolkit as tk

FIELD = "website"


def is_robot() -> bool:
    """Whether the form that was sent has the field filled in. A program is told what a person is told, and nothing is done."""
    return bool(tk.request.form.get(FIELD, "").strip())
