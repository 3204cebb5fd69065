"""The dataset's title as applications and agreements keep it in their rows; what is signed names it for good."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from .applications.model import Application
from .life.model import Agreement

_TABLES = (Application, Agreement)


def titles_of(package_id: str) -> set[str]:
    """Under which titles this dataset was applied for."""
    found = (sa.select(table.title).where(table.package_id == package_id) for table in _TABLES)
    return {title for statement in found for title in model.Session.scalars(statement)}


def rename(package_id: str, title: str) -> None:
    """Call the dataset so in every list and page of them, the public register too, in the caller's transaction (LYG-26).

    The documents, which two sides have signed, stay as they are. Can be done again.
    """
    for table in _TABLES:
        model.Session.execute(sa.update(table).where(table.package_id == package_id).values(title=title))


__all__ = ("rename", "titles_of")
