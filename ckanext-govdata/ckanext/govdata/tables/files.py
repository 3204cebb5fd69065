"""The bytes of an uploaded file, from wherever CKAN keeps them."""

from __future__ import annotations

from pathlib import Path

import file_keeper
from ckan import model
from ckan.lib import files, uploader

from .. import config
from .domain import TableError

_MEGABYTE = 1 << 20


def bytes_of(resource: model.Resource) -> bytes:
    """The file's content; raises TableError `file_missing` or, beyond the setting, `too_large`."""
    keeper = uploader.get_resource_uploader({"url": resource.url, "url_type": "upload"})
    path = keeper.get_path(resource.id)
    storage = getattr(keeper, "storage", None)
    if storage is None:
        return _from_disk(Path(path))
    return _from_storage(storage, path)


def _from_disk(path: Path) -> bytes:
    if not path.is_file():
        raise TableError("file_missing")
    _refuse_large(path.stat().st_size)
    return path.read_bytes()


def _from_storage(storage: file_keeper.Storage, path: str) -> bytes:
    try:
        data = storage.analyze(file_keeper.Location(path))
        _refuse_large(data.size)
        return storage.content(data)
    except files.exc.MissingFileError as error:
        raise TableError("file_missing") from error


def _refuse_large(size: int) -> None:
    limit = config.tables_max_megabytes()
    if size > limit * _MEGABYTE:
        raise TableError("too_large", megabytes=-(-size // _MEGABYTE), limit=limit)
