"""The key file of the parties' numbers: outside of the database, for its owner alone, made at the first number."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ... import config
from .errors import KeysMissing
from .model import Evidence, Number
from .sealing import Keyring

_loaded: dict[Path, tuple[tuple[int, int], Keyring]] = {}


def keyring() -> Keyring:
    """The keys of the running portal; a changed file is read anew.

    Where there is none and nothing is sealed yet, keys are made, by the suite that the settings name.

    Raises KeysMissing when the file is gone although something was sealed, is readable to others, or is damaged.
    """
    file = config.parties_keys()
    try:
        return _read(file)
    except FileNotFoundError:
        return _first(file)


def replace(ring: Keyring) -> None:
    """Put a renewed keyring in the file's place, in one step."""
    file = config.parties_keys()
    fresh = _draft(file, ring)
    fresh.rename(file)


def _read(file: Path) -> Keyring:
    found = file.stat()
    if found.st_mode & 0o077:
        raise KeysMissing(f"Others than its owner may read the parties' key file {file}. Run: chmod 600 {file}.")
    mark = (found.st_mtime_ns, found.st_ino)
    known = _loaded.get(file)
    if known is None or known[0] != mark:
        known = (mark, Keyring.read(file.read_text(encoding="utf-8")))
        _loaded[file] = known
    return known[1]


def _first(file: Path) -> Keyring:
    """Make the first keys; of two processes that do so at once, one wins and both use its keys."""
    if _anything_sealed():
        raise KeysMissing(
            f"The parties' key file {file} is gone, and numbers are sealed with its keys. Put it back from its backup."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = _draft(file, Keyring.generate(config.parties_suite()))
    try:
        os.link(fresh, file)
    except FileExistsError:
        return _read(file)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(file)


def _draft(file: Path, ring: Keyring) -> Path:
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(ring.write() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return fresh


def _anything_sealed() -> bool:
    sealed = sa.or_(sa.exists(sa.select(Number.id)), sa.exists(sa.select(Evidence.id)))
    return bool(model.Session.scalar(sa.select(sealed)))
