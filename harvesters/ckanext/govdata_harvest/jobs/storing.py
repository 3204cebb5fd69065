"""Files of lists between fetching and the end of their run; what is kept afterwards is the business of `history`."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

from ckan.plugins import toolkit as tk

from ..history import kept_file
from ..readers import ListError


def _folder() -> Path:
    folder = Path(tk.config["ckan.storage_path"]) / "govdata_harvest" / "waiting"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def move_in(path: Path, digest: str) -> None:
    """Keep a list until its run has ended. The file at `path` stays where it is."""
    target = _folder() / digest
    if not target.exists():
        part = _folder() / f"{uuid4().hex}.part"
        shutil.copyfile(path, part)
        part.replace(target)


def waiting_file(digest: str) -> Path:
    """Where the list of this digest is. Raises ListError where it is gone."""
    for path in (_folder() / digest, kept_file(digest)):
        if path.exists():
            return path
    raise ListError("list_gone")


def discard(digest: str) -> None:
    """Throw a list away: of a run that has ended, or that named a state secret (DCF-2, ZB-2)."""
    if digest:
        (_folder() / digest).unlink(missing_ok=True)
