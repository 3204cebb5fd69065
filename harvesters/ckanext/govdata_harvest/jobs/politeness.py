"""One request at a time to a host, with a pause between them, over all workers."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

_MOST_SECONDS = 60.0


def wait_for_turn(address: str, pause: float) -> None:
    """Return when the host may be asked. Where Redis is away, after the pause; after a minute in any case."""
    if not pause:
        return
    try:
        host = urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return
    until = time.monotonic() + _MOST_SECONDS
    try:
        redis = connect_to_redis()
        while not redis.set(f"govdata_harvest:host:{host}", 1, nx=True, px=int(pause * 1000)):
            if time.monotonic() > until:
                return
            time.sleep(min(0.1, pause))
    except (RedisError, OSError):
        time.sleep(pause)
