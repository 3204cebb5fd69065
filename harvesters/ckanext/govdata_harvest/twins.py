"""The same dataset in two agencies' catalogues: found by its title or its page, and shown to both (DCF-15, YZ-16).

One datum has one source: which of the two stays is settled by the agencies; nothing is merged by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from ckan import model

_MOST = 200
# An entry's title without white space, width and case; or the page that it has at its source.
_FOUND = sa.text(
    """
    with entry as (
        select id, name, title, owner_org, extras ->> 'publication' = 'published' as is_public,
               lower(regexp_replace(normalize(title, NFKC), '[[:space:]]', '', 'g')) as same_title,
               nullif(extras ->> 'source_url', '') as same_page
        from package
        where state = 'active' and type = 'dataset' and extras ? 'list_key'
          and coalesce(extras ->> 'publication', '') <> 'withdrawn'
    )
    select a.id, b.id
    from entry a join entry b on a.id < b.id and a.owner_org <> b.owner_org
        and (a.same_title = b.same_title or a.same_page = b.same_page)
    where (:everything or a.owner_org = any(:agencies) or b.owner_org = any(:agencies))
      and (:everything or a.is_public or a.owner_org = any(:agencies))
      and (:everything or b.is_public or b.owner_org = any(:agencies))
    order by a.title, a.id, b.id
    limit :most
    """
)


def twins(agencies: Collection[str] | None) -> list[list[dict[str, Any]]]:
    """Pairs of entries that are one dataset; of these agencies, or (None) of all. What is not public stays with its agency."""
    asked = {"everything": agencies is None, "agencies": list(agencies or ()), "most": _MOST}
    return [[_shown(one) for one in pair] for pair in model.Session.execute(_FOUND, asked).tuples()]


_ARE = sa.text(
    """
    select 1 from package a join package b on a.owner_org <> b.owner_org
        and (lower(regexp_replace(normalize(a.title, NFKC), '[[:space:]]', '', 'g'))
           = lower(regexp_replace(normalize(b.title, NFKC), '[[:space:]]', '', 'g'))
          or nullif(a.extras ->> 'source_url', '') = b.extras ->> 'source_url')
    where a.id = :one and b.id = :other and a.state = 'active' and b.state = 'active'
    """
)


def are_twins(one: str, other: str) -> bool:
    """Whether two entries are one dataset of two agencies, by title or page."""
    return model.Session.execute(_ARE, {"one": one, "other": other}).first() is not None


def _shown(package_id: str) -> dict[str, Any]:
    package = model.Session.get(model.Package, package_id)
    group = model.Session.get(model.Group, package.owner_org) if package is not None else None
    return {
        "dataset": package_id,
        "title": package.title if package else "",
        "agency": (group.title or group.name) if group else "",
        "agency_id": package.owner_org if package else "",
        "published": bool(package) and (package.extras or {}).get("publication") == "published",
        "list": (package.extras or {}).get("list_id", "") if package else "",
        "tier": (package.extras or {}).get("open_tier", "") if package else "",
    }
