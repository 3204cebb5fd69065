"""What counts as a use, by the rules of COUNTER and its Code of Practice for Research Data. Pure.

Counted are successful answers (200, 206 from the first byte, 304) to GET, and for calls of the API to POST as well; HEAD, errors
and later ranges of the same file are not. Robots are left out, scripts counted apart from people. Of the same visitor's requests
for the same item that follow each other within 30 seconds the last one alone counts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

# Two requests this far apart or less are a double click.
DOUBLE_CLICK_SECONDS = 30


class Kind(str, Enum):
    """What was used: the page, the data as a file, or the data and its description by program."""

    VIEW = "view"
    DOWNLOAD = "download"
    API = "api"


class Client(str, Enum):
    """Who used it, as far as the program says that asked."""

    PERSON = "person"
    SCRIPT = "script"


@dataclass(frozen=True)
class Asked:
    """A request and its answer: method, HTTP status, the header `Range` as it was sent, and the program's name."""

    method: str
    status: int
    range: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Agents:
    """The programs known by name."""

    robots: re.Pattern[str]
    scripts: re.Pattern[str]

    def client(self, agent: str) -> Client | None:
        """Person or script; None for a robot. COUNTER's list of robots has the scripts in it too, so these are asked for first.

        A program that does not name itself is a script.
        """
        if not agent.strip() or self.scripts.search(agent):
            return Client.SCRIPT
        return None if self.robots.search(agent) else Client.PERSON


def counts(asked: Asked, kind: Kind) -> bool:
    """Whether the answer gave what it was asked for, and from its beginning."""
    methods = ("GET", "POST") if kind is Kind.API else ("GET",)
    if asked.method not in methods:
        return False
    if asked.status == 206:
        return starts_at_first_byte(asked.range)
    return asked.status in (200, 304)


def starts_at_first_byte(header: str) -> bool:
    """Whether a range begins with the file's first byte; of several ranges one has to: fetched in parts, a file counts once."""
    unit, _, ranges = header.partition("=")
    return unit.strip().lower() == "bytes" and any(part.strip().split("-")[0] == "0" for part in ranges.split(","))


def visitor_key(secret: bytes, user_id: str | None, address: str, agent: str) -> bytes:
    """Tells visitors apart for the 30 seconds of a double click, and says nothing of who they are (16 bytes)."""
    identity = f"user\0{user_id}" if user_id else f"address\0{address}\0{agent}"
    return hmac.new(secret, identity.encode(), "sha256").digest()[:16]


def item_key(parts: Mapping[str, str]) -> str:
    """What was asked for, so that the same thing twice is told from two things: a digest of the parts that name it."""
    text = "\0".join(f"{name}={value}" for name, value in sorted(parts.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
