"""Attachments of applications: few, not large, of a kind told by their content, kept by digest, never public."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import insert

from ... import config
from .model import Application, AttachedBytes, Attachment

# By how a file begins; what it is called and said to be counts for nothing.
_KINDS: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
# Office files are archives; which, is told by what lies in them. One with macros is refused.
_OFFICE: Mapping[str, str] = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MOST_MEMBERS = 2000


def attach(row: Application, file: Any, by: str) -> Attachment:
    """Keep an uploaded file. Raises ValidationError when it is none, too large, one too many, or of another kind."""
    count = sa.select(sa.func.count()).where(Attachment.application_id == row.id)
    if (model.Session.scalar(count) or 0) >= config.application_files():
        _refuse(tk._("An application takes at most {most} files.").format(most=config.application_files()))
    content = _read(file)
    digest = hashlib.sha256(content).hexdigest()
    once = insert(AttachedBytes).values(sha256=digest, content=content).on_conflict_do_nothing()
    model.Session.execute(once)
    found = Attachment(application_id=row.id, name=_name(file), media_type=kind_of(content), size=len(content))
    found.sha256, found.added_by = digest, by
    model.Session.add(found)
    model.Session.flush()
    return found


def detach(row: Attachment) -> None:
    """Take a file out; its bytes go with its last attachment."""
    digest = row.sha256
    model.Session.delete(row)
    model.Session.flush()
    used = sa.select(Attachment.id).where(Attachment.sha256 == digest)
    model.Session.execute(sa.delete(AttachedBytes).where(AttachedBytes.sha256 == digest, ~used.exists()))


def files_of(application_id: str) -> list[Attachment]:
    """The files of an application, in the order in which they came."""
    rows = sa.select(Attachment).where(Attachment.application_id == application_id).order_by(Attachment.added_at)
    return list(model.Session.scalars(rows))


def content_of(row: Attachment) -> bytes:
    """A file's bytes."""
    return bytes(model.Session.get_one(AttachedBytes, row.sha256).content)


def as_dict(row: Attachment) -> dict[str, Any]:
    fields = ("id", "name", "media_type", "size", "sha256", "added_by")
    return {**{name: getattr(row, name) for name in fields}, "added_at": f"{row.added_at.isoformat()}Z"}


def kind_of(content: bytes) -> str:
    """The kind of a file, by its content. Raises ValidationError for any that is not taken."""
    for beginning, media_type in _KINDS.items():
        if content.startswith(beginning):
            return media_type
    return _office(content) or _refuse(
        tk._("This is no PDF, JPEG, PNG, Word (.docx) or Excel (.xlsx) file without macros. Save it as one of these.")
    )


def _office(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if len(names) > _MOST_MEMBERS or any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
        return None
    return next((kind for member, kind in _OFFICE.items() if member in names), None)


def _read(file: Any) -> bytes:
    most = config.application_file_bytes()
    if not getattr(file, "filename", None):
        _refuse(tk._("Attach a file."))
    content = bytes(file.stream.read(most + 1))
    if not content or len(content) > most:
        words = tk._("The file is empty or larger than {most} MB. Make it smaller, or split it.")
        _refuse(words.format(most=most // 1_000_000))
    return content


def _name(file: Any) -> str:
    """The file's name without folders and control characters; it is shown, and offered when the file is fetched."""
    last = str(file.filename).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[-120:] or "file"


def _refuse(message: str) -> Any:
    raise tk.ValidationError({"upload": [message]})
