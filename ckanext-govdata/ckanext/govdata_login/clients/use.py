"""How often each program called, by day: counts in Redis that end after forty days.

A call is counted by one question to Redis, as every call of every program asks it.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

_DAYS = 40
_MINUTE = 60
_COUNT = """
redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
local calls = redis.call('INCR', KEYS[2])
if calls == 1 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
return calls
"""


@lru_cache(maxsize=1)
def _counting() -> tuple[Redis, Script]:
    # CKAN makes a client at each asking, which costs more than the question; they share one pool in any case.
    client = connect_to_redis()
    return client, client.register_script(_COUNT)


def _zone() -> ZoneInfo:
    return ZoneInfo(str(tk.config.get("ckan.display_timezone") or "UTC").replace("server", "UTC"))


def _name(client_id: str) -> str:
    return f"{tk.config['ckan.site_id']}:govdata_login:use:{client_id}"


def note(client_id: str, most: int) -> bool:
    """Count one call; False when the program made more than `most` within this minute (0 for no limit).

    Without Redis for a moment, programs still get in.
    """
    moment = datetime.datetime.now(_zone())
    keys = [_name(client_id), f"{_name(client_id)}:{moment:%H%M}"]
    try:
        client, count = _counting()
        calls = count(keys=keys, args=[moment.date().isoformat(), _DAYS * 86400, 2 * _MINUTE], client=client)
    except RedisError:
        return True
    return not most or int(calls) <= most


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
