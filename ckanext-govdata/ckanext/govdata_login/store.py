"""Short-lived things in Redis: sign-ins under way, numbers used once, counts. Every key has an end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk


def digest(secret: str) -> str:
    """What stands for a secret wherever it is kept: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _name(kind: str, key: str) -> str:
    return f"{tk.config['ckan.site_id']}:govdata_login:{kind}:{digest(key)}"


def keep(kind: str, key: str, value: Mapping[str, Any], seconds: int) -> None:
    """Keep a value under a secret key for so many seconds."""
    connect_to_redis().set(_name(kind, key), json.dumps(value), ex=seconds)


def peek(kind: str, key: str) -> dict[str, Any] | None:
    """What is kept under a key, and leave it there."""
    found = connect_to_redis().get(_name(kind, key))
    return json.loads(found) if found else None  # type: ignore[arg-type]


def take(kind: str, key: str) -> dict[str, Any] | None:
    """What is kept under a key, taken out in one step: of two who ask at the same moment, one gets it."""
    with connect_to_redis().pipeline(transaction=True) as pipe:
        pipe.get(_name(kind, key))
        pipe.delete(_name(kind, key))
        found, _ = pipe.execute()
    return json.loads(found) if found else None


def once(kind: str, key: str, seconds: int) -> bool:
    """True the first time that a key is named within so many seconds."""
    return bool(connect_to_redis().set(_name(kind, key), "1", ex=seconds, nx=True))


def count(kind: str, key: str, seconds: int) -> int:
    """Add one to a count that starts anew so many seconds after its first; give the count."""
    name = _name(kind, key)
    with connect_to_redis().pipeline(transaction=True) as pipe:
        pipe.set(name, 0, ex=seconds, nx=True)
        pipe.incr(name)
        return int(pipe.execute()[1])


def counted(kind: str, key: str) -> int:
    """A count as it stands."""
    return int(connect_to_redis().get(_name(kind, key)) or 0)  # type: ignore[arg-type]


def counts(*named: tuple[str, str]) -> list[int]:
    """Several counts as they stand, each of a kind and a key, by one question."""
    found = connect_to_redis().mget([_name(kind, key) for kind, key in named])
    return [int(one or 0) for one in found]  # type: ignore[union-attr]


def forget(kind: str, key: str) -> None:
    """Drop what is kept under a key."""
    connect_to_redis().delete(_name(kind, key))
