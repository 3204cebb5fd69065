"""Workbooks (XLSX, XLSB, XLS, ODS) and tables in HTML, parsed by a process of their own with limits of memory and time.

A workbook can ask for any amount of memory (one cell in the last corner of a sheet does), and the library that parses it ends the
process then. So a child parses, and what it finds comes back as a spool; the worker that takes the list in never grows with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .errors import ListError
from .spool import Spool

_SECONDS = 600
_MEMORY = 2 << 30


def spooled(path: Path, kind: str, limit: int, charset: str = "") -> Spool:
    """The sheets of a file of this kind (`workbook`, `ods`, `html`, `spreadsheet_xml`). Raises ListError with the cause."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the spool
    command = [sys.executable, "-m", "ckanext.govdata_harvest.readers.child", kind, str(path), str(limit), charset]
    try:
        done = subprocess.run(
            [*command, str(_MEMORY)], stdout=file, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ListError("workbook_too_slow", detail=str(_SECONDS)) from None
    if done.returncode < 0:
        # Killed by a signal: out of the memory or the time it is given.
        raise ListError("workbook_too_large")
    if done.returncode:
        raise ListError("workbook_broken")
    return Spool(file)
