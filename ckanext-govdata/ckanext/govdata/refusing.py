"""Refusing an order: what was begun is undone, and the words stand beside their field."""

from __future__ import annotations

from typing import NoReturn

from ckan import model
from ckan.plugins import toolkit as tk


def refuse(field: str, words: str) -> NoReturn:
    """Undo what is not committed, and raise CKAN's ValidationError."""
    model.Session.rollback()
    raise tk.ValidationError({field: [words]})
