"""Puts another name in the place of one that must not be read any more, in terms that have been set (LYG-26)."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from ckan import model

from .model import Clock


def rename(old: Collection[str], new: str, cases: Collection[str] | None = None) -> None:
    """Call what a term is about `new` where it is called one of `old`, in the caller's transaction.

    `cases` keeps to terms on these cases; None: all terms. Can be done again.
    """
    called = sa.update(Clock).where(Clock.thing.in_(list(old)))
    if cases is not None:
        called = called.where(Clock.case_id.in_(list(cases)))
    model.Session.execute(called.values(thing=new))


__all__ = ("rename",)
