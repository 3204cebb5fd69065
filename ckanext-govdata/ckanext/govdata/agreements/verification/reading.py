"""Small ways of reading a PDF's objects."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader


def at(held: Any, name: str) -> Any:
    """What stands under a name, followed where it is a reference; None where nothing does."""
    return held[name] if name in held else None  # noqa: SIM401 - this mapping's get does not follow references


def field_names(reader: PdfFileReader) -> list[str]:
    """The full names of every form field in the file."""
    form = at(reader.root, "/AcroForm")
    found: list[str] = []

    def walk(fields: Any, above: str, depth: int) -> None:
        for one in fields:
            one = one.get_object()
            name = str(one.get("/T", ""))
            full = f"{above}.{name}" if above else name
            kids = [kid for kid in at(one, "/Kids") or () if "/T" in kid.get_object()]
            if kids and depth < 20:
                walk(kids, full, depth + 1)
            else:
                found.append(full)

    if form is not None:
        walk(at(form, "/Fields") or (), "", 0)
    return sorted(found)
