"""A file's id stays with its dataset for good: whoever could put it under a dataset of their own would have its bytes.

CKAN lets a dataset take in the resource of another by its id once that is deleted, and a new one have the id of one that was
purged, whose bytes still lie in the storage. Watched where rows are written, so that no action and no plugin gets past it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model, plugins
from ckan.lib import files, uploader
from ckan.plugins import toolkit as tk
from sqlalchemy import event


def _refuse() -> None:
    # CKAN's own words for an id that is in use: nobody learns here what became of the other.
    raise tk.ValidationError({"id": [tk._("Resource id already exists.")]})


def _stay(_mapper: Any, _connection: Any, resource: Any) -> None:
    """Before a row is changed: its dataset is the one that it had."""
    history = sa.inspect(resource).attrs.package_id.history
    before = [one for one in history.deleted or () if one]
    if before and before[0] != resource.package_id:
        _refuse()


def _begin_empty(_mapper: Any, _connection: Any, resource: Any) -> None:
    """Before a row is made under an id that somebody chose: nothing of an earlier one is left under it."""
    if resource.id and (_has_file(resource.id) or _has_table(resource.id)):
        _refuse()


def _has_file(resource_id: str) -> bool:
    keeper: Any = uploader.get_resource_uploader({"url": "", "url_type": "upload"})
    storage: Any = getattr(keeper, "storage", None)
    try:
        return bool(storage and storage.exists(files.FileData(files.Location(str(keeper.get_path(resource_id))))))
    except tk.ValidationError:
        return True  # an id that leads out of the storage


def _has_table(resource_id: str) -> bool:
    if not plugins.plugin_loaded("datastore"):
        return False
    from ckanext.datastore.backend import DatastoreBackend  # only where the plugin is on

    return bool(DatastoreBackend.get_active_backend().resource_exists(resource_id))


def watch() -> None:
    """Watch resources from now on; watching twice is watching once."""
    for name, look in (("before_update", _stay), ("before_insert", _begin_empty)):
        if not event.contains(model.Resource, name, look):
            event.listen(model.Resource, name, look)
