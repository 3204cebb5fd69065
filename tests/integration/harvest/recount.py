"""Counts from a raw JSON list what an import has to report; shares no code with the importer, and is simple on purpose.

As a command: `python recount.py FOLDER` prints a line for each `*.json.gz` in the folder.
"""

from __future__ import annotations

import gzip
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

TIER_COLUMNS = ("开放条件", "开放属性", "开放类型", "是否向社会开放")
OPENING = ("无条件开放", "无条件", "完全开放")
CONDITIONAL_FOR_SURE = ("有条件开放", "依申请开放", "申请后开放", "受限开放")
TITLES = ("标题", "资源名称")


def word_of(row: dict[str, Any]) -> str:
    """The trimmed cell that speaks of the tier; these lists have one such column each, or none."""
    held = [row[column] for column in TIER_COLUMNS if column in row]
    return unicodedata.normalize("NFKC", str(held[0])).strip() if held and held[0] is not None else ""


def recount(path: Path) -> dict[str, int]:
    """read, duplicates, unconditional (exactly), conditional (at least), other (the rest)."""
    rows = json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    seen: set[str] = set()
    counts = dict.fromkeys(("read", "duplicates", "unconditional", "conditional", "other"), 0)
    for row in rows:
        counts["read"] += 1
        same = json.dumps([row.get("详情页网址"), next((row[title] for title in TITLES if title in row), "")])
        if same in seen:
            counts["duplicates"] += 1
            continue
        seen.add(same)
        word = word_of(row)
        tier = "unconditional" if word in OPENING else "conditional" if word in CONDITIONAL_FOR_SURE else "other"
        counts[tier] += 1
    return counts


if __name__ == "__main__":
    for file in sorted(Path(sys.argv[1]).glob("*.json.gz")):
        print(file.name, recount(file))
