"""A row of the table of permissions. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..vocabulary import Reach, Role


@dataclass(frozen=True)
class Grant:
    """A row of the table: what the permission is, who has it how far, the rule behind it, and the words of a denial."""

    meaning: str
    source: str
    own: frozenset[Role]
    all: frozenset[Role]
    denial: str

    def reach(self, role: Role) -> Reach | None:
        return Reach.ALL if role in self.all else Reach.OWN if role in self.own else None


def grant(meaning: str, source: str, own: tuple[Role, ...], every: tuple[Role, ...], denial: str) -> Grant:
    """The administrator (CKAN's sysadmin) is technical and has every permission: CKAN does not ask for one."""
    return Grant(meaning, source, frozenset(own), frozenset({*every, Role.ADMINISTRATOR}), denial)
