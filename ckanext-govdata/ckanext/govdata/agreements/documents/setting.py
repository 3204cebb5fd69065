"""Sets an agreement as PDF/A-3 by typst, and a signature's appearance. Needs no network and no file of the system's.

Guarantee: the PDF is made from the canonical bytes alone, and the same bytes give the same file; the bytes are inside it.
"""

from __future__ import annotations

import datetime
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typst

from .domain import read, sha256
from .glyphs import Fonts, demand_printable

STANDARD = "a-3a"
_HERE = Path(__file__).parent
# One at a time in a process: the typesetter's memory of what it has set grows with each text it sees at once.
_LOCK = threading.Lock()


def set_agreement(canonical: bytes, fonts: Fonts) -> bytes:
    """The agreement as PDF/A-3a with its canonical JSON attached. Raises GlyphMissing."""
    document = read(canonical)
    demand_printable(document, fonts.characters)
    made_at = datetime.datetime.fromisoformat(document["made_at"])
    with _folder("agreement.typ", fonts, {"agreement.json": canonical}) as main:
        return _compile(main, fonts, {"digest": sha256(canonical)}, made_at, STANDARD)


def set_stamp(level: str, lines: Sequence[str], fonts: Fonts, at: datetime.datetime) -> bytes:
    """A signature's appearance, 217 by 108 points. Raises GlyphMissing."""
    told: dict[str, Any] = {"level": level, "lines": list(lines)}
    demand_printable(told, fonts.characters)
    with _folder("stamp.typ", fonts, {"stamp.json": json.dumps(told).encode()}) as main:
        return _compile(main, fonts, {}, at, "1.7", tags=False)


@contextmanager
def _folder(template: str, fonts: Fonts, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with the template and its data, nothing else in reach."""
    folder = Path(tempfile.mkdtemp(prefix="govdata-typst-"))
    try:
        shutil.copy(_HERE / template, folder / "main.typ")
        (folder / "families.json").write_text(json.dumps(fonts.families), encoding="utf-8")
        for name, data in files.items():
            (folder / name).write_bytes(data)
        yield folder / "main.typ"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _compile(
    main: Path, fonts: Fonts, inputs: dict[str, str], at: datetime.datetime, standard: Any, *, tags: bool = True
) -> bytes:
    with _LOCK:
        compiler = typst.Compiler(str(main), root=str(main.parent), font_paths=_fonts(fonts.folders), sys_inputs=inputs)
        moment = at.astimezone(datetime.timezone.utc)
        made = compiler.compile(format="pdf", pdf_standards=[standard], timestamp=moment, pdf_tags=tags)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    # What is appended has to begin on a line of its own (ISO 19005-3, 6.1.9).
    return made if made.endswith(b"\n") else made + b"\n"


_OPENED: dict[tuple[str, ...], typst.Fonts] = {}


def _fonts(folders: tuple[str, ...]) -> typst.Fonts:
    if folders not in _OPENED:
        paths: list[Any] = list(folders)
        found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
        _OPENED[folders] = found
    return _OPENED[folders]
