"""The portal's key of all marks: a file outside of the database, for its owner alone, made at the first marked delivery."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ... import config
from .model import MarkedDelivery

_BYTES = 32


class MarkKeyMissing(Exception):
    """The key file is gone although deliveries were marked with it, is readable to others, or is damaged."""


def portal_key() -> bytes:
    """The key; made where nothing was marked yet. Raises MarkKeyMissing."""
    file = config.tracing_key()
    try:
        return _read(file)
    except FileNotFoundError:
        return _first(file)


def _read(file: Path) -> bytes:
    if file.stat().st_mode & 0o077:
        raise MarkKeyMissing(
            tk._("Others than its owner may read the key file {file}. Run: chmod 600.").format(file=file)
        )
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise MarkKeyMissing(tk._("The key file {file} is damaged. Put it back from its backup.").format(file=file))
    return key


def _first(file: Path) -> bytes:
    """Of two processes that make the first key at once, one wins and both use its key."""
    if model.Session.scalar(sa.select(sa.exists(sa.select(MarkedDelivery.id)))):
        words = tk._("The key file {file} is gone, and deliveries were marked with it. Put it back from its backup.")
        raise MarkKeyMissing(words.format(file=file))
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_bytes(_BYTES).hex() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(fresh, file)
    except FileExistsError:
        return _read(file)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(file)
