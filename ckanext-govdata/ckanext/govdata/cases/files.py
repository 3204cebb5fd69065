"""Where the portal's storage has a resource's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ckan import model
from ckan.lib import files, uploader


def path_of(resource: model.Resource) -> Path | None:
    """The file's place, whether there is one or not; None where resources are kept nowhere."""
    keeper: Any = uploader.get_resource_uploader({"url": resource.url or "file", "url_type": "upload"})
    location = str(keeper.get_path(resource.id))
    storage: Any = getattr(keeper, "storage", None)
    return Path(storage.full_path(files.Location(location)) if storage else location) if location else None
