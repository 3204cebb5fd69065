"""Where the portal's storage has a resource's file, whether there is one or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ckan import model
from ckan.lib import files, uploader


def place_of(resource: model.Resource) -> tuple[Path, str] | None:
    """The file's path, and its location as the storage names it; None on a portal that keeps no files."""
    keeper: Any = uploader.get_resource_uploader({"url": resource.url or "file", "url_type": "upload"})
    try:
        location = str(keeper.get_path(resource.id) or "")
    except TypeError:
        return None  # CKAN's word for a portal that keeps no files
    storage: Any = getattr(keeper, "storage", None)
    return (Path(storage.full_path(files.Location(location)) if storage else location), location) if location else None


def path_of(resource: model.Resource) -> Path | None:
    """The file's path alone."""
    place = place_of(resource)
    return place[0] if place else None
