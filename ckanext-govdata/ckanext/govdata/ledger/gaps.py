"""Counts what could not be recorded, in a file, so that the gap itself is recorded later.

One line a missing entry, with its action and time and nothing of a person.
"""

from __future__ import annotations

import datetime
import json
import os
import uuid
from pathlib import Path

from .entry import Entry, compose, read, time_ordered_id

_NAME = "gap.jsonl"


def count_gap(folder: Path, entry: Entry) -> None:
    """Add one missing entry to the count; one short append, safe between processes."""
    document = read(entry.canonical)
    line = json.dumps({"at": document["@timestamp"], "action": document["event"]["action"]}) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def counted(folder: Path) -> int:
    """How many entries are missing and not yet recorded as a gap."""
    return sum(len(file.read_text().splitlines()) for file in [folder / _NAME, *_taken(folder)] if file.exists())


def gap_entries(folder: Path) -> list[tuple[Path, Entry]]:
    """The counted gaps as entries, each with the file to remove once its entry is written.

    A file that is taken gets the entry's id for its name: written again after a crash it is the same entry.
    """
    current = folder / _NAME
    if current.exists():
        current.rename(folder / f"gap-{time_ordered_id()}.jsonl")
    return [(file, _entry(file)) for file in _taken(folder)]


def _taken(folder: Path) -> list[Path]:
    return sorted(folder.glob("gap-*.jsonl"))


def _entry(file: Path) -> Entry:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    actions: dict[str, int] = {}
    for line in lines:
        actions[line["action"]] = actions.get(line["action"], 0) + 1
    times = sorted(line["at"] for line in lines)
    return compose(
        "ledger-gap",
        "failure",
        {
            "event.reason": "intake_took_no_entries",
            "govdata.gap.count": len(lines),
            "govdata.gap.actions": actions,
            "govdata.gap.from": times[0],
            "govdata.gap.to": times[-1],
        },
        at=datetime.datetime.fromisoformat(times[-1].replace("Z", "+00:00")),
        identity=uuid.UUID(file.stem.removeprefix("gap-")),
    )
