"""The path of a contribution, its kinds, and the pseudonym under which it stands. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import Enum
from urllib.parse import urlsplit

from ...msgids import N_

MACHINE = "contribution"
AUTHOR, READER, AGENCY, OPERATOR = "author", "reader", "agency", "operator"
# Everybody sees a contribution in these states; in the second the operator looks at it once more.
VISIBLE_IN = ("shown", "reported")
LIVING_IN = ("handed_in", "shown", "reported", "hidden")


class Kind(str, Enum):
    """What somebody says of a dataset."""

    RATING = "rating"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    REUSE = "reuse"


TITLES: Mapping[Kind, str] = {
    Kind.RATING: N_("Rating"),
    Kind.QUESTION: N_("Question"),
    Kind.SUGGESTION: N_("Suggestion"),
    Kind.REUSE: N_("Made with this data"),
}
LONGEST = {"title": 100, "text": 2000, "url": 500}


def mistakes(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a contribution, as msgids by field."""
    found: dict[str, str] = {}
    if kind is Kind.RATING and given["stars"] not in ("1", "2", "3", "4", "5"):
        found["stars"] = N_("Give one to five stars.")
    if kind is not Kind.RATING and not given["text"].strip():
        found["text"] = N_("Write what you want to say.")
    if kind is Kind.REUSE and not given["title"].strip():
        found["title"] = N_("Say what it is called.")
    if kind is Kind.REUSE and not is_web_address(given["url"]):
        found["url"] = N_("Give its address, beginning with https:// or http://.")
    too_long = {name: N_("This is too long.") for name, most in LONGEST.items() if len(given[name]) > most}
    return {**found, **too_long}


def is_web_address(url: str) -> bool:
    """Whether a link to it leads to a web site and nowhere else."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not parts.username


def pseudonym(user_id: str, key: bytes) -> str:
    """Eight digits that are one account's in this portal, and lead to nobody without the portal's key."""
    return f"{int.from_bytes(hmac.digest(key, f'pseudonym {user_id}'.encode(), 'sha256')[:8], 'big') % 10**8:08d}"
