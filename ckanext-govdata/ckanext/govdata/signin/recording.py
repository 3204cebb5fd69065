"""Events of signing in become entries of the ledger; guesses are counted by account and minute, one entry for each."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from ..ledger import journal
from .domain import Told, told

_MINUTE = 60
_KEPT_SECONDS = 86_400


def record(name: str, details: Mapping[str, Any]) -> None:
    """Record an event. What the ledger cannot take at the moment is counted as a gap: signing in goes on."""
    entry = told(name, details)
    if entry.counted and _count(entry):
        return
    journal.event(entry.action, entry.outcome, entry.fields)


def _name(minute: int) -> str:
    return f"{tk.config['ckan.site_id']}:govdata:signin-failures:{minute}"


def _count(entry: Told) -> bool:
    """Add one to the minute's number; False where Redis does not answer, so that the entry is written by itself."""
    minute = int(time.time()) // _MINUTE
    what = json.dumps([entry.action, entry.outcome, dict(entry.fields)], sort_keys=True)
    try:
        with connect_to_redis().pipeline() as pipe:
            pipe.hincrby(_name(minute), what, 1)
            pipe.expire(_name(minute), _KEPT_SECONDS)
            pipe.execute()
    except RedisError:
        return False
    return True


def write_counted(before: float | None = None) -> int:
    """Write the entries of the minutes that are over; gives how many. Of two at once, each minute is written by one."""
    limit = int(before if before is not None else time.time()) // _MINUTE
    redis = connect_to_redis()
    written = 0
    for key in redis.scan_iter(match=_name(0)[:-1] + "*"):
        minute = int(key.decode().rsplit(":", 1)[1])
        if minute >= limit:
            continue
        with redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(key)
            pipe.delete(key)
            found, _ = pipe.execute()
        for what, number in found.items():
            action, outcome, fields = json.loads(what)
            more = {"govdata.login.count": int(number), "govdata.login.minute": minute}
            journal.event(action, outcome, {**fields, **more})
            written += 1
    return written
