"""Files beside a list: in the archive that it came in, in its folder, in its bucket, at its address."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import quote, urljoin
from uuid import uuid4

from ckan.plugins import toolkit as tk

from ..kinds import KindError, Visit, kind_of
from ..kinds.protocol import settings_of
from ..readers import ListError
from ..readers.archive import unpacked_member
from ..readers.container import ZIP


def _kept(source_id: str) -> Path:
    return Path(tk.config["ckan.storage_path"]) / "govdata_harvest" / "beside" / source_id


def keep_list(source_id: str, digest: str, *, secrets: bool) -> None:
    """Keep the archive that the last list came in, for its data; one that names a state secret is not kept (DCF-2, ZB-2)."""
    from ..jobs.storing import waiting_file

    target = _kept(source_id)
    target.unlink(missing_ok=True)
    if secrets or not digest:
        return
    try:
        path = waiting_file(digest)
    except ListError:
        return
    with path.open("rb") as file:
        if file.read(4) != ZIP:
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{uuid4().hex}.part")
    try:
        os.link(path, part)
    except OSError:
        shutil.copyfile(path, part)
    part.replace(target)


def forget_beside(source_id: str) -> None:
    """Throw the kept archive of a source away; its next list brings another."""
    _kept(source_id).unlink(missing_ok=True)


def from_beside(
    kind: str, settings: dict[str, str], visit: Visit, source_id: str, name: str, limit: int
) -> tuple[Path, str, dict[str, str]] | None:
    """The file, where it was found, and what to remember; None where it has not changed. Raises ListError.

    `name` stays where it begins (mapping.data_files.inside_path), and what each kind opens is checked once more there.
    """
    archive = _kept(source_id)
    if archive.is_file():
        target = visit.folder / "member"
        unpacked_member(archive, name, target, limit)
        return target, name, {}
    found = kind_of(kind)
    beside = getattr(found, "beside", None)
    if beside is not None:
        collected = beside(settings_of(found, settings), visit, name)
        return None if collected.path is None else (collected.path, collected.name, dict(collected.seen))
    if settings.get("address"):
        return linked(visit, urljoin(settings["address"], quote(name)), visit.secrets)
    raise KindError("file_not_beside", name)


def linked(visit: Visit, address: str, headers: dict[str, str] | object) -> tuple[Path, str, dict[str, str]] | None:
    """A file by address, through the guarded door; asked whether it changed."""
    asked = {"If-None-Match": visit.seen["etag"]} if visit.seen.get("etag") else {}
    if not asked and visit.seen.get("modified"):
        asked = {"If-Modified-Since": visit.seen["modified"]}
    given = headers if isinstance(headers, dict) else {}
    found = visit.fetch(address, {**given, **asked})
    if found.unchanged:
        return None
    return found.path, found.address, {"etag": found.etag, "modified": found.modified, "name": found.name}
