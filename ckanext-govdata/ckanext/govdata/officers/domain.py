"""Posts in agencies: which there are, when one is over, what an invitation may say. Pure."""

from __future__ import annotations

import datetime
import re

CAPACITIES = ("member", "editor", "admin")
INVITATION = datetime.timedelta(days=7)
_LONGEST = datetime.timedelta(days=3660)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


def is_over(until: datetime.date | None, today: datetime.date) -> bool:
    """Whether a post's last day has passed."""
    return until is not None and until < today


def problem_of_day(until: datetime.date | None, today: datetime.date) -> str:
    """What is wrong with a post's last day: `past`, `far`, or empty."""
    if until is None:
        return ""
    if until < today:
        return "past"
    return "far" if until - today > _LONGEST else ""


def is_mail(text: str) -> bool:
    """Whether this can be a mail address."""
    return len(text) <= 254 and bool(_MAIL.match(text))
