"""How much processor time processes have used, those that they started included."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path


def processor(pids: list[int]) -> float:
    """Seconds of processor that processes and all that they started have used, each counted once."""
    parents: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parents[int(fields[1])].append(pid)
        used[pid] = int(fields[11]) + int(fields[12])
    wanted = dict.fromkeys(pids)
    waiting = list(wanted)
    while waiting:
        started = [pid for pid in parents[waiting.pop()] if pid not in wanted]
        wanted |= dict.fromkeys(started)
        waiting += started
    return sum(used.get(pid, 0) for pid in wanted) / os.sysconf("SC_CLK_TCK")
