"""Lists that are files: handed in, at an address, in a folder of the portal's machine, in a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .protocol import Capabilities, Collected, KindError, Visit, setting


@dataclass(frozen=True)
class NoSettings:
    """A kind that needs none."""


class Upload:
    """A list that a person hands in, in the browser or by the API."""

    name = "upload"
    label: Mapping[str, str] = {"zh": "上传文件", "en": "File handed in"}
    settings = NoSettings
    can = Capabilities(remote=False)

    def collect(self, settings: NoSettings, visit: Visit) -> Collected:
        """The file that was handed in. Raises KindError."""
        if visit.uploaded is None:
            raise KindError("nothing_uploaded")
        return Collected(visit.uploaded, visit.uploaded_name)


@dataclass(frozen=True)
class AddressSettings:
    """Where the list is."""

    address: str = setting("清单地址 (http 或 https)", "Address of the list (http or https)")


class Address:
    """A list at an address; a source that knows the state of its file is asked whether it changed."""

    name = "address"
    label: Mapping[str, str] = {"zh": "网址", "en": "Web address"}
    settings = AddressSettings
    can = Capabilities(conditional=True, secrets=True)

    def collect(self, settings: AddressSettings, visit: Visit) -> Collected:
        """The file behind the address. Raises DoorError."""
        asked = {}
        if visit.seen.get("etag"):
            asked["If-None-Match"] = str(visit.seen["etag"])
        elif visit.seen.get("modified"):
            asked["If-Modified-Since"] = str(visit.seen["modified"])
        found = visit.fetch(settings.address, {**visit.secrets, **asked})
        if found.unchanged:
            return Collected(None, found.name, visit.seen)
        return Collected(found.path, found.name, {"etag": found.etag, "modified": found.modified})


class DataJson(Address):
    """A catalogue of DCAT-US (`data.json`, 1.1 and 3); its words of access are tiers."""

    name = "data_json"
    label: Mapping[str, str] = {"zh": "DCAT-US data.json", "en": "DCAT-US data.json"}
    can = Capabilities(conditional=True, secrets=True, tiers=True)


@dataclass(frozen=True)
class FolderSettings:
    """Where in the folder of lists, and which file."""

    path: str = setting("文件夹 (在 govdata.harvest.folder 之下)", "Folder (below govdata.harvest.folder)")
    pattern: str = setting("文件名模式, 如 *.xlsx", "Pattern of the file's name, such as *.xlsx", "*")


class Folder:
    """The newest file of a folder on the portal's machine, below the one that its administrator named."""

    name = "folder"
    label: Mapping[str, str] = {"zh": "服务器文件夹", "en": "Folder on the server"}
    settings = FolderSettings
    can = Capabilities(conditional=True)

    def collect(self, settings: FolderSettings, visit: Visit) -> Collected:
        """The newest file. Raises KindError where there is none, or the folder lies elsewhere."""
        from .. import config

        root = config.lists_folder()
        if root is None:
            raise KindError("folder_not_set")
        folder = (root / settings.path).resolve()
        if not folder.is_relative_to(root) or not folder.is_dir():
            raise KindError("folder_elsewhere", settings.path)
        files = [path for path in folder.glob(settings.pattern) if _is_plain(path, root)]
        if not files:
            raise KindError("folder_empty", settings.path)
        newest = max(files, key=lambda path: (path.stat().st_mtime_ns, path.name))
        state = {"file": newest.name, "time": newest.stat().st_mtime_ns, "size": newest.stat().st_size}
        return Collected(None if state == dict(visit.seen) else newest, newest.name, state)

    def beside(self, settings: FolderSettings, visit: Visit, name: str) -> Collected:
        """A file beside the list. Raises KindError where there is none, or a link leads out of the folder."""
        from .. import config

        root = config.lists_folder()
        path = (root or Path()) / settings.path / name
        if (
            root is None
            or not path.resolve().is_relative_to((root / settings.path).resolve())
            or not _is_plain(path, root)
        ):
            raise KindError("file_not_beside", name)
        state = {"time": path.stat().st_mtime_ns, "size": path.stat().st_size}
        return Collected(None if state == dict(visit.seen) else path, name, state)


def _is_plain(path: Path, root: Path) -> bool:
    """A file that is where it seems to be: no link leads out of the folder, and no name begins with a dot."""
    return path.is_file() and path.resolve().is_relative_to(root) and not path.name.startswith(".")


@dataclass(frozen=True)
class BucketSettings:
    """A bucket of S3 or of a storage that speaks S3, and the list in it."""

    endpoint: str = setting(
        "服务地址, 如 https://s3.example.cn", "Address of the storage, such as https://s3.example.cn"
    )
    bucket: str = setting("存储桶", "Bucket")
    key: str = setting("对象名", "Object")
    region: str = setting("区域", "Region", "us-east-1")


class Bucket:
    """One object of a bucket, asked for by a signed request. The key pair is secret: headers `access-key`, `secret-key`."""

    name = "s3"
    label: Mapping[str, str] = {"zh": "S3 存储桶", "en": "S3 bucket"}
    settings = BucketSettings
    can = Capabilities(conditional=True, secrets=True)

    def collect(self, settings: BucketSettings, visit: Visit) -> Collected:
        """The object. Raises DoorError, KindError (`bucket_keys_missing`)."""
        return self._object(settings, visit, settings.key)

    def beside(self, settings: BucketSettings, visit: Visit, name: str) -> Collected:
        """An object beside the list, below the same prefix. Raises DoorError, KindError."""
        return self._object(settings, visit, f"{settings.key.rpartition('/')[0]}/{name}".lstrip("/"))

    def _object(self, settings: BucketSettings, visit: Visit, key: str) -> Collected:
        from .signing import signed

        address = f"{settings.endpoint.rstrip('/')}/{settings.bucket}/{key.lstrip('/')}"
        pair = {name.lower(): value for name, value in visit.secrets.items()}
        if not pair.get("access-key") or not pair.get("secret-key"):
            raise KindError("bucket_keys_missing")
        asked = {"If-None-Match": str(visit.seen["etag"])} if visit.seen.get("etag") else {}
        address, headers = signed(address, settings.region, pair["access-key"], pair["secret-key"])
        found = visit.fetch(address, {**headers, **asked})
        name = key.rsplit("/", 1)[-1]
        if found.unchanged:
            return Collected(None, name, visit.seen)
        return Collected(found.path, name, {"etag": found.etag})
