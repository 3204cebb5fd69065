"""How often each program called, by day: counts in Redis that end after forty days."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

_DAYS = 40
_MINUTE = 60


def _zone() -> ZoneInfo:
    return ZoneInfo(str(tk.config.get("ckan.display_timezone") or "UTC").replace("server", "UTC"))


def _name(client_id: str) -> str:
    return f"{tk.config['ckan.site_id']}:govdata_login:use:{client_id}"


def note(client_id: str, most: int) -> bool:
    """Count one call; False when the program made more than `most` within this minute (0 for no limit).

    Without Redis for a moment, programs still get in.
    """
    moment = datetime.datetime.now(_zone())
    rate = f"{_name(client_id)}:{moment:%H%M}"
    try:
        with connect_to_redis().pipeline(transaction=False) as pipe:
            pipe.hincrby(_name(client_id), moment.date().isoformat(), 1)
            pipe.expire(_name(client_id), _DAYS * 86400)
            pipe.incr(rate)
            pipe.expire(rate, 2 * _MINUTE)
            done = pipe.execute()
    except RedisError:
        return True
    return not most or int(done[2]) <= most


def by_day(client_id: str, days: int = 14) -> list[tuple[str, int]]:
    """Calls of the last days, oldest first."""
    today = datetime.datetime.now(_zone()).date()
    try:
        found = connect_to_redis().hgetall(_name(client_id))
    except RedisError:
        found = {}
    counts = {key.decode(): int(value) for key, value in found.items()}  # type: ignore[union-attr]
    names = [(today - datetime.timedelta(days=back)).isoformat() for back in range(days - 1, -1, -1)]
    return [(name, counts.get(name, 0)) for name in names]
