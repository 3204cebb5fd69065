"""How long an agreement's PDF takes to make and seal, and its file to verify: `./govdata bench agreements`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ckanext.govdata.agreements.documents.domain import compose
from ckanext.govdata.agreements.documents.glyphs import fonts
from ckanext.govdata.agreements.verification.verify import check
from tests.agreements import facts, make_keys, signed, signing_stages

ROUNDS = 7


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor: the best of some rounds, for a machine that others use too."""
    found = []
    for _ in range(ROUNDS):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - clock, time.process_time() - processor))
    return min(one for one, _ in found), min(one for _, one in found)


def main() -> Iterable[Mapping[str, object]]:
    """A row for a usual agreement, and one for two hundred data items."""
    folder = make_keys(Path(tempfile.mkdtemp(prefix="govdata-bench-")) / "keys")
    began = time.perf_counter()
    fonts()
    read = time.perf_counter() - began
    for items in (12, 200):
        canonical = compose(facts(items=items))
        made = _measured(lambda given=canonical: signing_stages(folder, given))
        pdf, known = signed(folder, facts(items=items))
        roots = folder.roots()
        verified = _measured(lambda file=pdf, ledger=known, trusted=roots: check(file, trusted, ledger))
        if not check(pdf, roots, known).whole:
            raise RuntimeError("the agreement does not hold")
        yield {
            "data items": items,
            "file, KB": round(len(pdf) / 1000),
            "made and sealed by both, s": f"{made[0]:.2f}",
            "its processor time, s": f"{made[1]:.2f}",
            "verified, s": f"{verified[0]:.3f}",
            "its processor time, s ": f"{verified[1]:.3f}",
            "fonts read once, s": f"{read:.2f}",
        }
