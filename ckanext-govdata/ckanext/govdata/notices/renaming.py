"""Puts another name in the place of one that must not be read any more, in notices that have been written (LYG-26)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from ckan import model

# A fact that is the name is replaced; one that only mentions it is somebody's own words, or another thing's name.
_REPLACE = """
UPDATE govdata_notice SET facts = (
    SELECT jsonb_object_agg(key, CASE WHEN value #>> '{}' = ANY(:old) THEN CAST(:new AS jsonb) ELSE value END)
    FROM jsonb_each(facts)
) WHERE EXISTS (SELECT 1 FROM jsonb_each_text(facts) AS fact WHERE fact.value = ANY(:old))
"""
_ABOUT = " AND about = ANY(:about)"


def rename(old: Collection[str], new: str | Mapping[str, str], about: Collection[str] | None = None) -> int:
    """Replace each fact that is one of the `old` names, in the caller's transaction; returns in how many notices.

    `new` is a text, or one in each language as `tell` takes it. `about` keeps to notices on these cases; None: all notices.
    A mail that has not left yet is written from the notice, and says the new name. Can be done again.
    """
    if not old:
        return 0
    given = {"old": list(old), "new": json.dumps(new if isinstance(new, str) else dict(new), ensure_ascii=False)}
    if about is None:
        return _changed(_REPLACE, given)
    return _changed(_REPLACE + _ABOUT, {**given, "about": list(about)})


def _changed(statement: str, given: Mapping[str, object]) -> int:
    model.Session.flush()
    found = model.Session.execute(sa.text(statement), dict(given))
    model.Session.expire_all()
    return int(getattr(found, "rowcount", 0))
