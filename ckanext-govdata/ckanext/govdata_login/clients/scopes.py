"""What a program may be held to: this plugin knows no scope by itself, other plugins name them.

A plugin names them by implementing `IGovdataLogin.login_scopes`, or, without importing anything of ours, by answering the
signal `govdata_login_scopes` of CKAN's signals for extensions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..interfaces import scopes_of


@dataclass(frozen=True)
class Scope:
    """One scope that an account can give a program: its title, until when it lives (ISO 8601), how much was used today.

    `example` is a path below the portal's address whose GET gives data under this scope, for the first call.
    """

    name: str
    title: str
    until: str = ""
    quota: int | None = None
    used: int | None = None
    example: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def offered_to(user_id: str) -> list[Scope]:
    """The scopes that this account can give a program now."""
    return [Scope(**one) for one in scopes_of(user_id)]


def living(user_id: str, names: Iterable[str]) -> list[str]:
    """Those of the named scopes that the account can still give: a grant that ended is none of them."""
    offered = {one.name for one in offered_to(user_id)}
    return [name for name in names if name in offered]
