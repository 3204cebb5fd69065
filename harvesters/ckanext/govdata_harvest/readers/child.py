"""The process that parses one workbook: `python -m ckanext.govdata_harvest.readers.child KIND FILE LIMIT CHARSET MEMORY`.

Writes a spool to its output and ends with status 0, also where the spool says only why nothing could be read.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path

from .errors import ListError
from .markup_tables import html_sheets, spreadsheet_xml_sheets
from .ods import ods_sheets
from .spool import SpoolWriter
from .workbook_sheets import workbook_sheets

_SECONDS = 500

_KINDS: dict[str, Callable[[Path, SpoolWriter, str], None]] = {
    "workbook": workbook_sheets,
    "ods": ods_sheets,
    "html": html_sheets,
    "spreadsheet_xml": spreadsheet_xml_sheets,
}


def main(kind: str, path: str, limit: str, charset: str, memory: str) -> None:
    """Parse the file; whatever is wrong with it is said in the spool."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    writer = SpoolWriter(sys.stdout.buffer, int(limit))
    try:
        _KINDS[kind](Path(path), writer, charset)
    except ListError as error:
        writer.failed(error)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
