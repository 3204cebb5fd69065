"""A program that comes with a token held to named grants or datasets: what of a visitor's and of grants' rights it has.

Whoever lets programs in notes the token on Flask's `g` as `govdata_login_bearer`: `client`, `user_id`, `scopes`. Scopes are
`grant:ID` and `dataset:ID`. To the rest of the portal such a request is a visitor's: the token adds the named grants, no role.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, has_request_context

KEPT = "govdata_login_bearer"
GRANT, DATASET = "grant:", "dataset:"


@dataclass(frozen=True)
class Bearer:
    """The program, the person whose grants it uses, and to which grants and datasets it is held."""

    client: str
    user_id: str
    scopes: frozenset[str] = frozenset()

    def covers(self, grant_id: str, package_id: str) -> bool:
        """Whether a grant of a dataset lies within the token's scopes."""
        return GRANT + grant_id in self.scopes or DATASET + package_id in self.scopes


def bearer() -> Bearer | None:
    """The program of the present request; None for people, and for tokens that are held to nothing."""
    found = g.get(KEPT) if has_request_context() else None
    if found is None:
        return None
    return Bearer(str(found["client"]), str(found["user_id"]), frozenset(found["scopes"]))
