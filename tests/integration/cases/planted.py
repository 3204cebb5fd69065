"""A value planted in a dataset, and where it is found: tables of both databases, Redis, and files below the portal's folders."""

from __future__ import annotations

import secrets
import zlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model


def planted() -> str:
    """A value of a test's own, in plain letters: the same in JSON, in escapes and in addresses."""
    return "planted" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(14))


def everywhere(word: str) -> list[str]:
    """Every table of both databases that has the planted value in a row, in words or in bytes."""
    from ckanext.datastore.backend.postgres import get_write_engine

    found: list[str] = []
    for engine in (model.meta.engine, get_write_engine()):
        with engine.connect() as connection:
            wanted = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            for schema, table in connection.execute(sa.text(wanted)).all():
                words = sa.text(
                    f'SELECT count(*) FROM "{schema}"."{table}" AS t WHERE t::text LIKE :word OR t::text LIKE :hex'
                )
                if connection.execute(words, {"word": f"%{word}%", "hex": f"%{word.encode().hex()}%"}).scalar():
                    found.append(f"{schema}.{table}")
    return found


def in_redis(word: str) -> list[str]:
    """Every key of Redis whose name or value, of whichever type, has it."""
    from ckan.lib.redis import connect_to_redis

    redis: Any = connect_to_redis()
    readers: dict[bytes, Any] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": lambda key: redis.xrange(key),
    }
    found = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        jobs = redis.hget(key, "data") if kind == b"hash" else b""
        if word in f"{key!r}{readers[kind](key)!r}" or word.encode() in _unpacked(jobs):
            found.append(key.decode(errors="replace"))
    return found


def _unpacked(data: bytes | None) -> bytes:
    """A job's arguments, which RQ keeps compressed."""
    try:
        return zlib.decompress(data or b"")
    except zlib.error:
        return b""


def in_files(word: str, *folders: str) -> list[str]:
    """Every file below these folders that has it in its bytes, forwards or, as tantivy writes words, backwards."""
    words = (word.encode(), word.encode()[::-1])
    found = []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and any(one in path.read_bytes() for one in words):
                found.append(str(path))
    return found
