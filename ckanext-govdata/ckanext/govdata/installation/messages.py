"""Turning translations (.po, kept in the repository) into what CKAN reads (.mo, made at build and at start).

`setup.py` loads this file by its path, so it imports nothing of ours.
"""

from collections.abc import Iterable
from pathlib import Path

FOLDERS = ("ckanext-govdata", "harvesters", "themes")


def compile_stale(home: Path, folders: Iterable[str] = FOLDERS) -> list[Path]:
    """Compile each catalogue under `home` that is newer than its compiled form; tells which were."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written = []
    for folder in folders:
        for source in sorted((home / folder).glob("ckanext/*/i18n/*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with source.open("rb") as text:
                catalogue = read_po(text, locale=source.parent.parent.name)
            fresh = target.with_name(target.name + ".tmp")
            with fresh.open("wb") as file:
                write_mo(file, catalogue)
            fresh.replace(target)
            written.append(target)
    return written
