"""The storage of resources' files: CKAN's own on disk, which asks the gate for whatever leaves it.

Guarantee: every route of CKAN that ends in a storage's answer, with a token or without, is judged and recorded like a
download; a file of no resource does not leave at all. A new file takes an old one's place in one step.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

import flask
from ckan import model
from ckan.common import CKANConfig
from ckan.exceptions import CkanConfigurationException
from ckan.lib import files
from ckan.lib.files.default import FsStorage
from ckan.lib.files.default.fs import Settings
from file_keeper.default.adapters import fs

ADAPTER = "govdata:fs"
_DEFAULT = "resources"


class Uploader(files.Uploader, fs.Uploader):
    """Writes beside the old file and then takes its place, so that running transfers go on with what they began."""

    def upload(self, location: Any, upload: Any, extras: dict[str, Any]) -> files.FileData:
        from ..holdings.files import keep_before_it_is_replaced

        before = Path(self.storage.full_path(location))
        if before.is_file():
            keep_before_it_is_replaced(str(location).replace("/", ""), before, str(location))
        beside = files.Location(f"{location}.{secrets.token_hex(8)}~")
        try:
            written = super().upload(beside, upload, extras)
            Path(self.storage.full_path(beside)).replace(self.storage.full_path(location))
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(self.storage.full_path(beside)).unlink()
            raise
        return files.FileData.from_object(written, location=location)


class GatedStorage(FsStorage):
    """Files of resources in a folder, handed out by the gate alone."""

    settings: Settings
    UploaderFactory = Uploader

    def as_response(
        self, data: Any, filename: str | None = None, /, send_inline: bool = False, **kwargs: Any
    ) -> flask.Response:
        """The answer with a resource's file, after the gate; 404 for what is no resource's, or hidden from the visitor."""
        from .delivery import Denied
        from .files import deliver_file
        from .gate import asker, is_absent_for

        resource = model.Resource.get(str(data.location).replace("/", ""))
        if resource is None or resource.state != "active" or is_absent_for(resource.package, asker()):
            return flask.Response(status=404)
        try:
            return deliver_file(resource, asker())
        except Denied as denied:
            return flask.Response(status=denied.status)
        except FileNotFoundError:
            return flask.Response(status=404)

    def permanent_link(self, data: Any, /, **extras: Any) -> str | None:
        """None: an address that works without the gate is never made."""
        return None


def keep_resources_behind_the_gate(config: CKANConfig) -> None:
    """Make the storage of resources one of ours, whatever the settings name; before CKAN makes its storages.

    Raises CkanConfigurationException where the settings keep resources in a storage that the gate does not reach.
    """
    name = str(config.get("ckan.files.default_storages.resource") or _DEFAULT)
    key = f"ckan.files.storage.{name}"
    given = _given(config, f"{key}.type") or "ckan:fs"
    if given not in ("ckan:fs", ADAPTER):
        raise CkanConfigurationException(
            f"{key}.type is {given}, which the gate does not reach: conditional data would leave it unasked. "
            f"Use {ADAPTER} for resources, or take the setting out."
        )
    folder = resource_folder(config)
    if folder is None:
        return
    config["ckan.files.default_storages.resource"] = name
    config[f"{key}.type"] = ADAPTER
    config[f"{key}.path"] = str(folder)
    config[f"{key}.initialize"] = True
    config[f"{key}.public"] = False
    config[f"{key}.hashing_algorithm"] = "sha256"
    config[f"{key}.max_size"] = int(config.get("ckan.max_resource_size") or 10) << 20


def resource_folder(config: CKANConfig) -> Path | None:
    """The folder of resources' files: the storage's own, that of the default storage, or CKAN's old one."""
    name = str(config.get("ckan.files.default_storages.resource") or _DEFAULT)
    default = str(config.get("ckan.files.default_storages.default") or "default")
    own, shared = (_given(config, f"ckan.files.storage.{place}.path") for place in (name, default))
    if own:
        return Path(own)
    parent = shared or _given(config, "ckan.storage_path")
    return Path(parent) / "resources" if parent else None


def _given(config: CKANConfig, key: str) -> str:
    """A setting that nobody may have declared."""
    return str(config[key] or "") if key in config else ""
