"""A made-up table, its deliveries, and what people do to a file before they pass it on."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from ckanext.govdata.cases.tracing.marking import mark
from ckanext.govdata.cases.tracing.scoring import Candidate
from ckanext.govdata.cases.tracing.streams import mark_key
from ckanext.govdata.cases.tracing.tables import Table, read_table

HEADING = ("编号", "街道", "路名", "车位数", "单价", "距离")
PORTAL_KEY = b"a key of the portal, of 32 bytes"
Rows = list[tuple[str, ...]]


def rows(count: int, seed: int = 1) -> Rows:
    """Rows as a register of parking places has them."""
    draw = random.Random(seed)
    return [
        (
            f"P{number:06}",
            f"街道{draw.randrange(40)}",
            f"路{draw.randrange(4000)}",
            str(draw.randrange(5, 900)),
            f"{draw.randrange(10, 200) / 10}",
            f"{draw.random() * 5000:.3f}",
        )
        for number in range(count)
    ]


def written(body: Rows, heading: tuple[str, ...] = HEADING) -> bytes:
    """A file as a program writes it anew."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([heading, *body])
    return out.getvalue().encode()


def candidates(source_sha256: str, count: int) -> list[Candidate]:
    """The register: so many holders of one version."""
    return [Candidate(f"grant-{one}", mark_key(PORTAL_KEY, source_sha256, f"grant-{one}")) for one in range(count)]


def delivered(source: bytes, candidate: Candidate) -> bytes:
    return mark(source, candidate.key).content


def _share(share: float) -> Callable[[Rows, random.Random], Rows]:
    def take(body: Rows, draw: random.Random) -> Rows:
        kept = sorted(draw.sample(range(len(body)), int(len(body) * share)))
        return [body[place] for place in kept]

    return take


def _adjacent(body: Rows, draw: random.Random) -> Rows:
    start = draw.randrange(len(body) - 300)
    return body[start : start + 300]


def _rounded(body: Rows, draw: random.Random) -> Rows:
    return [(*row[:-1], str(Decimal(row[-1]).quantize(Decimal("0.1"), ROUND_HALF_UP))) for row in body]


def _shuffled(body: Rows, draw: random.Random) -> Rows:
    return draw.sample(body, len(body))


ATTACKS: dict[str, Callable[[Rows, random.Random], Rows]] = {
    "whole": lambda body, draw: body,
    "50 % at random": _share(0.5),
    "10 % at random": _share(0.1),
    "5 % at random": _share(0.05),
    "1 % at random": _share(0.01),
    "300 adjacent": _adjacent,
    "rounded": _rounded,
    "turned round": lambda body, draw: body[::-1],
    "halves swapped": lambda body, draw: body[len(body) // 2 :] + body[: len(body) // 2],
    "columns dropped": lambda body, draw: body,
    "60 adjacent": lambda body, draw: _adjacent(body, draw)[:60],
    "sorted": lambda body, draw: sorted(body),
    "shuffled": _shuffled,
}


def attacked(name: str, content: bytes, draw: random.Random) -> Table:
    """A delivered file after the attack, written anew by another program."""
    table = read_table(content)
    body = ATTACKS[name](list(table.rows), draw)
    if name == "columns dropped":
        return read_table(written([(row[2], row[5]) for row in body], (HEADING[2], HEADING[5])))
    return read_table(written(body))


def together(one: bytes, other: bytes, how: str, draw: random.Random) -> Table:
    """What two colluders make of their two files."""
    first, second = list(read_table(one).rows), list(read_table(other).rows)
    place = {row: at for at, row in enumerate(second)}
    if how == "taking turns":
        both = [row for pair in zip(first, second, strict=True) for row in pair]
        return read_table(written(list(dict.fromkeys(both))))
    if how == "mean of places":
        ranked = sorted((at + place[row], row) for at, row in enumerate(first))
        return read_table(written([row for _, row in ranked]))
    half = set(first[: len(first) // 2])
    return read_table(written([*first[: len(first) // 2], *(row for row in second if row not in half)]))
