"""The table of permissions: who may do what how far, by which rule, and what a denial says. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..vocabulary import Permission
from . import agreements, cases, catalogue, data, people
from .row import Grant

_ALL = {**catalogue.GRANTS, **people.GRANTS, **data.GRANTS, **agreements.GRANTS, **cases.GRANTS}
# In the order of the vocabulary; a permission without a row ends the import.
GRANTS: Mapping[Permission, Grant] = {permission: _ALL[permission] for permission in Permission}

__all__ = ("GRANTS", "Grant")
