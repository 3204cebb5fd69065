"""Ends transfers that others carry: a web server that was handed a file reads on from it, past the gate, until the file ends.

So the file is set aside as it is and then cut to nothing in its place: whoever has it open finds its end at once. What is set
aside lies beside it until it is sealed as evidence.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def aside_of(path: Path) -> Path:
    """Where a withdrawn file waits for being sealed; no address of the portal leads there."""
    return path.with_name(f"{path.name}.withdrawn")


def cut_off(path: Path) -> None:
    """Set a file aside whole, then cut it; whoever is killed in between leaves it whole in one of the places."""
    if not path.is_file():
        return
    aside = aside_of(path)
    if not aside.exists():
        part = path.with_name(f"{path.name}.part")
        shutil.copyfile(path, part)
        part.chmod(0o600)
        with part.open("rb") as copied:
            os.fsync(copied.fileno())
        part.replace(aside)
    os.truncate(path, 0)


def content_of(path: Path) -> bytes | None:
    """The file as it was, from wherever it lies; None where there is none."""
    found = next((one for one in (aside_of(path), path) if one.is_file()), None)
    return found.read_bytes() if found else None


def remove(path: Path) -> None:
    """Take away the file and what was set aside of it."""
    for one in (path, aside_of(path), path.with_name(f"{path.name}.part")):
        one.unlink(missing_ok=True)
