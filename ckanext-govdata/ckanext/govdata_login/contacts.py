"""Telephone numbers that people proved to be theirs: sealed, and found again by a keyed digest."""

from __future__ import annotations

import re

import sqlalchemy as sa
from ckan import model
from ckan.model.user import user_table

from .clock import now
from .factors import sealing
from .model import Phone

_NUMBER = re.compile(r"1[3-9]\d{9}|\+[1-9]\d{6,14}")


def plain(given: str) -> str:
    """A number as it is kept: a Chinese mobile number of eleven digits, or `+` and the country's code; empty if it is none."""
    number = re.sub(r"[\s()-]", "", given)
    number = re.sub(r"^(\+|00)86(?=1)", "", number)
    return number if _NUMBER.fullmatch(number) else ""


def bind(user_id: str, number: str) -> None:
    """Keep a proved number with its account, in the caller's transaction; the account's older one goes."""
    drop(user_id)
    row = Phone(user_id=user_id, mark=_mark(number), sealed=sealing.seal(number), proved_at=now())
    model.Session.add(row)
    model.Session.flush()


def drop(user_id: str) -> None:
    """Forget an account's number, in the caller's transaction."""
    model.Session.execute(sa.delete(Phone).where(Phone.user_id == user_id))


def of(user_id: str) -> str:
    """An account's number; empty for none."""
    row = model.Session.get(Phone, user_id)
    return sealing.unseal(row.sealed) if row is not None else ""


def account(name: str) -> model.User | None:
    """The account of a name, a mail address or a proved telephone number; addresses and numbers find active ones alone.

    One statement, whether there is one or not, so that its time tells nothing.
    """
    if not name or "\0" in name:
        return None
    active = user_table.c.state == model.State.ACTIVE
    ways = [user_table.c.name == name, sa.and_(sa.func.lower(user_table.c.email) == name.lower(), active)]
    number = plain(name)
    if number:
        found = sa.select(Phone.user_id).where(Phone.mark == _mark(number)).scalar_subquery()
        ways.append(sa.and_(user_table.c.id == found, active))
    people = list(model.Session.scalars(sa.select(model.User).where(sa.or_(*ways))))
    return min(people, key=lambda user: user.name != name, default=None)


def by_mail(address: str) -> model.User | None:
    """The active account of a mail address. CKAN's own search may find one that is closed, or only invited."""
    terms = sa.func.lower(user_table.c.email) == address.lower(), user_table.c.state == model.State.ACTIVE
    return model.Session.scalars(sa.select(model.User).where(*terms)).first()


def by_number(given: str) -> model.User | None:
    """The active account of a proved number."""
    number = plain(given)
    if not number:
        return None
    found = model.Session.scalars(sa.select(Phone.user_id).where(Phone.mark == _mark(number))).first()
    user = model.User.get(found) if found else None
    return user if user is not None and user.is_active else None


def _mark(number: str) -> str:
    return sealing.mark(f"phone {number}")
