"""Obeying what another portal withdrew: shut at once, deleted never, and opened again by two persons of ours.

The threshold for lists that shrink has no say here; nor has anything a portal says about datasets that did not come from it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from .. import config
from ..door import Fetched, fetch
from ..identity import identity_candidates
from ..kinds import kind_of, kinds
from ..readers import ListError
from ..sealing import unseal
from ..source_model import HarvestSource, HarvestTombstone
from ..tombstones import Kept, Notices, ToPropose, ToShut, UnreadableTombstones, decide
from .asking import ask
from .domain import SourceState
from .politeness import wait_for_turn

log = logging.getLogger(__name__)
# The cause under which a report says that a portal's tombstones could not be read.
UNREADABLE = "tombstones_unreadable"


def obey(source_id: str, notices: Notices) -> dict[str, int]:
    """Do what a portal's tombstones ask for: how many datasets were shut, and how many openings proposed."""
    source = model.Session.get(HarvestSource, source_id)
    if source is None:
        return {"shut": 0, "proposed": 0}
    by_id, by_name = _held(source)
    rows = model.Session.scalars(sa.select(HarvestTombstone).where(HarvestTombstone.source_id == source_id)).all()
    kept = [
        Kept(row.remote_id, row.package_id, row.withdrawn_at, row.ours, row.proposed_at is not None) for row in rows
    ]
    portal = str(source.settings.get("address") or "").rstrip("/")
    to_shut, to_propose = decide(notices, by_id, by_name, kept)
    for one in to_shut:
        _shut(source_id, portal, one)
    proposed = sum(_propose(source_id, portal, one) for one in to_propose)
    return {"shut": len(to_shut), "proposed": proposed}


def _held(source: HarvestSource) -> tuple[dict[str, str], dict[str, str]]:
    """The datasets that this source brought: by the id and by the name that they have at their portal."""
    extras = model.package_table.c["extras"]
    rows = model.Session.execute(
        sa.select(model.package_table.c["id"], extras["resource_code"].astext, extras["source_url"].astext).where(
            extras["list_id"].astext == source.name, model.package_table.c["state"] == "active"
        )
    )
    portal = str(source.settings.get("address") or "").rstrip("/")
    page = _key_of_page(f"{portal}/dataset/")
    by_id, by_name = {}, {}
    for package_id, code, url in rows.tuples():
        if code:
            by_id[str(code)] = package_id
        plain = _key_of_page(str(url or ""))
        if page and plain.startswith(f"{page}/"):
            by_name[plain.removeprefix(f"{page}/")] = package_id
    return by_id, by_name


def _key_of_page(url: str) -> str:
    """An address as keys of entries have it: without scheme, host in small letters."""
    return next((key for key in identity_candidates({"source_url": url}, "") if key.startswith("url:")), "")


def _shut(source_id: str, portal: str, one: ToShut) -> None:
    reason = f"tombstone of {portal} of {one.tombstone.withdrawn_at.isoformat()}Z"
    shutting = tk.get_action("govdata_shut")(_site(), {"id": one.package_id, "reason": reason})
    values = {
        "package_id": one.package_id,
        "withdrawn_at": one.tombstone.withdrawn_at,
        "shutting_id": shutting["id"],
        # Shut by a person before, or for another reason: then no tombstone has a say in opening it.
        "ours": shutting["reason"] == reason,
        "proposed_at": None,
    }
    found = sa.select(HarvestTombstone).where(
        HarvestTombstone.source_id == source_id, HarvestTombstone.remote_id == one.tombstone.id
    )
    row = model.Session.scalar(found) or HarvestTombstone(source_id=source_id, remote_id=one.tombstone.id)
    for name, value in values.items():
        setattr(row, name, value)
    model.Session.add(row)
    model.Session.commit()


def _propose(source_id: str, portal: str, one: ToPropose) -> bool:
    """Propose, as the first of two, that a dataset is opened which this source's tombstone shut. Whether it was proposed."""
    row = model.Session.scalars(
        sa.select(HarvestTombstone).where(
            HarvestTombstone.source_id == source_id, HarvestTombstone.remote_id == one.opened.id
        )
    ).one()
    shut_now = tk.get_action("govdata_shut_list")(_site(), {"id": one.package_id, "limit": 1})["results"]
    if not shut_now or shut_now[0]["id"] != row.shutting_id or shut_now[0]["opened_at"]:
        return False
    reason = f"{portal} opened it again: {one.opened.opened_at.isoformat()}Z"
    try:
        tk.get_action("govdata_open_again_propose")(_site(), {"id": one.package_id, "reason": reason})
    except tk.ValidationError:
        # Somebody has proposed it already, or a withdrawal of our own has the say: people decide.
        model.Session.rollback()
        return False
    model.Session.execute(
        sa.update(HarvestTombstone).where(HarvestTombstone.id == row.id).values(proposed_at=one.opened.opened_at)
    )
    model.Session.commit()
    return True


def _site() -> Any:
    name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return {"ignore_auth": True, "user": name}


def ask_all() -> dict[str, int]:
    """Ask every portal that can answer, between its runs too. One that does not answer keeps no other from being asked."""
    names = [name for name, kind in kinds().items() if kind.can.tombstones]
    found = sa.select(HarvestSource).where(
        HarvestSource.state == SourceState.ACTIVE.value, HarvestSource.kind.in_(names)
    )
    done = {"shut": 0, "proposed": 0, "unreadable": 0}
    for source_id in [source.id for source in model.Session.scalars(found)]:
        try:
            for name, count in _ask_one(source_id).items():
                done[name] += count
        except (ListError, UnreadableTombstones) as error:
            model.Session.rollback()
            log.warning("the tombstones of source %s cannot be read: %s", source_id, error)
            done["unreadable"] += 1
    return done


def _ask_one(source_id: str) -> dict[str, int]:
    source = model.Session.get(HarvestSource, source_id)
    if source is None or not kind_of(source.kind).can.tombstones:
        return {}
    go = door(dict(unseal(source.id, source.secrets)))
    address = str(source.settings.get("address") or "")
    model.Session.commit()
    notices = ask(address, go)
    return obey(source_id, notices) if notices is not None else {}


def door(secrets: dict[str, str]) -> Callable[[str, Path], Fetched]:
    """The guarded door with the source's own headers, waiting for its turn at the host."""
    limits, pause = config.fetch_limits(), config.host_pause()

    def go(address: str, folder: Path) -> Fetched:
        wait_for_turn(address, pause)
        return fetch(address, folder, limits, secrets)

    return go


def queue_asking() -> bool:
    """Have a worker ask all portals, if nobody did so in the last minutes. Whether it was queued now."""
    seconds = config.tombstone_seconds()
    if not seconds:
        return False
    key = f"govdata_harvest:{tk.config.get('ckan.site_id')}:tombstones"
    try:
        if not connect_to_redis().set(key, 1, nx=True, ex=seconds):
            return False
        tk.enqueue_job(ask_all, title="tombstones of other portals")
    except (RedisError, OSError):
        return False
    return True
