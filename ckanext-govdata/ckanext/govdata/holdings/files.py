"""The bytes of versions: the newest is the resource's own file; replaced ones lie beside, by resource and digest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

from ckan import model

from .. import config
from ..access.digests import sha256_of
from ..stored import place_of


def newest_file(resource: model.Resource) -> tuple[Path, str] | None:
    """Where a resource's own file lies, and its SHA-256; None where it has none."""
    place = place_of(resource)
    return (place[0], sha256_of(*place)) if place and place[0].is_file() else None


def replaced_file(resource_id: str, sha256: str) -> Path:
    """Where the bytes of a replaced version lie, if they are still there."""
    return config.versions_folder() / resource_id / sha256


def replaced_files(resource_id: str) -> list[Path]:
    """All bytes that are kept of a file, those without a version on record too: a file may be older than the record."""
    return sorted(config.versions_folder().joinpath(resource_id).glob("*"))


def keep_before_it_is_replaced(resource_id: str, path: Path, location: str) -> None:
    """Give a file that is about to be replaced a second name, under its digest; takes no space where links are possible."""
    target = replaced_file(resource_id, sha256_of(path, location))
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{uuid4().hex}.part")
    try:
        os.link(path, part)
    except OSError:
        shutil.copyfile(path, part)
    part.replace(target)


def release(resource_id: str, sha256: str) -> None:
    """Delete the bytes of a replaced version."""
    replaced_file(resource_id, sha256).unlink(missing_ok=True)
