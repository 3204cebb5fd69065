"""Zip: a workbook, or an archive of lists. Sizes are checked before anything is unpacked, and again while it is."""

from __future__ import annotations

import tempfile
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .container import CHUNK
from .errors import ListError

_MOST_MEMBERS = 2_000
# Text packs twenty times; what packs five hundred times is made to burst.
_MOST_PACKED = 500
_SMALL = 1 << 20
_ENCRYPTED = 0x1
# Folders of an archive that hold data, and no lists.
DATA_FOLDERS = frozenset({"data", "数据", "附件"})


def kind_of_zip(path: Path, limit: int) -> str:
    """`workbook`, `ods` or `archive`. Raises ListError for a broken, encrypted or bursting one, or a document of another kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(members, limit)
            names = {member.filename for member in members}
            kind = archive.read("mimetype")[:200] if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, ValueError):
        raise ListError("zip_broken") from None
    if b"opendocument.spreadsheet" in kind:
        return "ods"
    if b"opendocument" in kind or "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise ListError("container_document")
    return "workbook" if {"xl/workbook.xml", "xl/workbook.bin"} & names else "archive"


def _check(members: list[zipfile.ZipInfo], limit: int) -> None:
    if len(members) > _MOST_MEMBERS:
        raise ListError("zip_too_many_members", detail=str(_MOST_MEMBERS))
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise ListError("zip_encrypted")
    size = sum(member.file_size for member in members)
    if size > limit:
        raise ListError("list_too_large", detail=str(limit))
    if any(member.file_size > max(_SMALL, _MOST_PACKED * member.compress_size) for member in members):
        raise ListError("zip_bomb")


def unpacked_members(path: Path, limit: int) -> tuple[tempfile.TemporaryDirectory[str], list[tuple[str, Path]]]:
    """The archive's files in a temporary folder, under names of our own, with the names that they bear in it, in order."""
    folder = tempfile.TemporaryDirectory(prefix="govdata-list-")
    found: list[tuple[str, Path]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(_lists_in(archive)):
                target = Path(folder.name) / str(number)
                limit -= _unpack(archive, member, target, limit)
                found.append((_name(member), target))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError):
        folder.cleanup()
        raise ListError("zip_broken") from None
    except ListError:
        folder.cleanup()
        raise
    return folder, sorted(found)


def _lists_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that may be lists: none of a folder of data, where anything lies outside of it."""
    plain = [one for one in archive.infolist() if not one.is_dir() and not _is_furniture(one.filename)]
    outside = [
        one for one in plain if not DATA_FOLDERS & {part.lower() for part in PurePosixPath(_name(one)).parts[:-1]}
    ]
    return outside or plain


def unpacked_member(path: Path, wanted: str, target: Path, limit: int) -> None:
    """Unpack the one member that this name means into `target`. Raises ListError; nothing of any other name is written."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist(), limit * _MOST_MEMBERS)
            members = [one for one in archive.infolist() if not one.is_dir()]
            exact = [one for one in members if _name(one) == wanted]
            found = exact or [one for one in members if _name(one).endswith("/" + wanted)]
            if len(found) != 1:
                raise ListError("file_ambiguous" if found else "file_not_beside", detail=wanted)
            _unpack(archive, found[0], target, limit)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError):
        raise ListError("zip_broken") from None


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int) -> int:
    size = 0
    with archive.open(member) as source, target.open("wb") as out:
        while piece := source.read(CHUNK):
            size += len(piece)
            if size > limit:
                raise ListError("list_too_large", detail=str(limit))
            out.write(piece)
    return size


def _is_furniture(name: str) -> bool:
    """What archivers add of their own."""
    parts = PurePosixPath(name).parts
    return any(part == "__MACOSX" or part.startswith(".") for part in parts) or parts[-1] in (
        "Thumbs.db",
        "desktop.ini",
    )


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; one that is not marked as UTF-8 was written in GB18030 by Chinese systems."""
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = member.filename
    return unicodedata.normalize("NFC", name)
