"""What every engine has to do, by subject. An engine's test file makes the engine and inherits the class."""

from __future__ import annotations

from .base import Table
from .chinese import ChineseContract
from .facets import FacetsContract
from .hostile import HostileContract
from .keeping import KeepingContract
from .order import OrderContract
from .sorting import SortingContract
from .words import WordsContract

__all__ = ["EngineContract", "Table"]


class EngineContract(
    WordsContract, ChineseContract, OrderContract, SortingContract, FacetsContract, KeepingContract, HostileContract
):
    """Inherit, and give a fixture `make_engine` that makes an engine on a fresh or, called again, on the same index."""
