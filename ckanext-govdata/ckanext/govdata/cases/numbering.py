"""Numbers by which people name a case: a letter for its kind, the day, and eight digits that nobody can guess from another's."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import InstrumentedAttribute

from ..columns import now

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_number(letter: str, column: InstrumentedAttribute[Any]) -> str:
    """A number that no row has in `column`: with ten thousand a day two in five days would draw one that is taken."""
    while True:
        number = f"{letter}{now():%Y%m%d}-{secrets.randbelow(10**8):08d}"
        if not model.Session.scalar(sa.select(sa.exists().where(column == number))):
            return number


def new_code(length: int) -> str:
    """A code by which somebody without an account follows a case; only its digest is kept."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def code_digest(code: str) -> str:
    """How the code is kept by which somebody without an account follows a case."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def is_code(kept: str | None, code: str) -> bool:
    """Whether a code is the one whose digest was kept; none is where nothing was."""
    return secrets.compare_digest(kept or "", code_digest(code))
