"""A holder's own file while it is sent: it has no name on any disk, so that a kill leaves nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.govdata.access.marked_files import _nameless
from ckanext.govdata.access.serving import StoredFile
from ckanext.govdata.cases.tracing.marking import Marked

pytestmark = pytest.mark.requirement("LYG-21", "LYG-26")
OWN = Marked("停车场\r\n经营者甲\r\n".encode(), "ab" * 32, "cd" * 32)
# Killed while the file is there and full; `NAMED` is what a disk without nameless files makes Python do.
KILLED = """
import os, sys, tempfile
from pathlib import Path
from ckanext.govdata.access.marked_files import _nameless
from ckanext.govdata.access.serving import StoredFile
from ckanext.govdata.cases.tracing.marking import Marked

folder, named = Path(sys.argv[1]), sys.argv[2] == "named"
tempfile.tempdir = str(folder)
tempfile._O_TMPFILE_WORKS = not named
source = folder.parent / "source.csv"
source.write_text("x")
own = Marked(b"closed" * 9999, "ab" * 32, "cd" * 32)
with _nameless(StoredFile(source, "s.csv", "text/csv", "00" * 32), "s.csv", own) as file:
    held = os.fstat(file.opened)
    print(held.st_size, held.st_nlink, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("disk", ["nameless", "named"])
def test_a_kill_while_it_is_sent_leaves_nothing_behind(tmp_path: Path, disk: str) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), disk], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout.split()) == (-9, [str(6 * 9999), "0"]), ended.stderr
    assert list(folder.iterdir()) == []


def test_what_is_sent_is_the_holders_file_under_the_sources_age(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text("source")
    with _nameless(StoredFile(source, "s.csv", "text/csv", "00" * 32), "own.csv", OWN) as file:
        assert file.opened is not None
        kept = os.dup(file.opened)
        assert (file.name, file.sha256, file.path) == ("own.csv", OWN.sha256, source)
    try:
        assert os.pread(kept, 1000, 0) == OWN.content
    finally:
        os.close(kept)
