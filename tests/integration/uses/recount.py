"""A generated month of requests, and a count of it that shares no code with the portal. Written from COUNTER's rules alone.

Robots and scripts are told by a short list of its own: the generator uses only programs whose kind is beyond doubt.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

PEOPLE = [f"Mozilla/5.0 (Windows NT 10.0; rv:{n}.0) Gecko/20100101 Firefox/{n}.0" for n in range(120, 140)]
SCRIPTS = ["curl/8.5.0", "python-requests/2.32.3", "okhttp/4.12.0"]
ROBOTS = ["Mozilla/5.0 (compatible; Googlebot/2.1)", "Baiduspider/2.0", "Mozilla/5.0 (compatible; bingbot/2.0)"]


@dataclass(frozen=True)
class Request:
    at: datetime.datetime
    address: str
    user: str | None
    agent: str
    method: str
    kind: str
    dataset: str
    item: str
    status: int
    range: str


def month(count: int, datasets: list[str], seed: int = 7) -> list[Request]:
    """Requests of October 2026 in the order of time: bursts of double clicks, downloads in ranges, HEADs, 304s, errors."""
    chance = random.Random(seed)
    start = datetime.datetime(2026, 10, 1)
    found: list[Request] = []
    while len(found) < count:
        found.extend(_visit(chance, start + datetime.timedelta(seconds=chance.uniform(0, 31 * 86_400 - 600)), datasets))
    return sorted(found[:count], key=lambda one: one.at)


def _visit(chance: random.Random, at: datetime.datetime, datasets: list[str]) -> Iterator[Request]:
    agent = chance.choice(chance.choices([PEOPLE, SCRIPTS, ROBOTS], [7, 2, 1])[0])
    user = f"user-{chance.randrange(50)}" if chance.random() < 0.2 else None
    address = f"198.51.100.{chance.randrange(120)}"
    kind = chance.choices(["view", "download", "api"], [6, 3, 2])[0]
    dataset = chance.choice(datasets)
    item = f"{kind}-{chance.randrange(3)}"
    for _ in range(chance.choices([1, 2, 3, 5], [60, 20, 12, 8])[0]):
        method = chance.choices(["GET", "HEAD"], [95, 5])[0]
        if kind == "api" and method == "GET" and chance.random() < 0.5:
            method = "POST"
        status = chance.choices([200, 304, 403, 404, 500], [80, 10, 4, 4, 2])[0]
        header = ""
        if kind == "download" and status == 200 and chance.random() < 0.3:
            status, header = (
                206,
                chance.choice(["bytes=0-1023", "bytes=1024-2047", "bytes=2048-", "bytes=5000-6000,0-1"]),
            )
        yield Request(at, address, user, agent, method, kind, dataset, item, status, header)
        at += datetime.timedelta(seconds=chance.choice([1, 5, 12, 29, 30, 31, 45, 90]))


def recount(requests: list[Request]) -> dict[tuple[str, str, str], int]:
    """(dataset, kind, person or script) -> count."""
    clicks: dict[tuple[str, ...], list[datetime.datetime]] = defaultdict(list)
    for one in requests:
        if one.agent in ROBOTS or one.method == "HEAD":
            continue
        if one.method == "POST" and one.kind != "api":
            continue
        begins = any(part.split("-")[0].strip() == "0" for part in one.range.replace("bytes=", "").split(","))
        if one.status in (200, 304) or (one.status == 206 and begins):
            who = ("user", one.user) if one.user else ("place", one.address, one.agent)
            client = "script" if one.agent in SCRIPTS else "person"
            clicks[(one.dataset, one.kind, client, one.item, *map(str, who))].append(one.at)
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for key, times in clicks.items():
        times.sort()
        gaps = [later - earlier for earlier, later in pairwise(times)]
        # The last of a run of clicks counts, so there are as many as there are runs.
        found[key[:3]] += 1 + sum(gap > datetime.timedelta(seconds=30) for gap in gaps)
    return dict(found)
