"""Kinds of sources: each brings a list as a file, which is then read, mapped, planned and applied like any other.

A kind is a class with the attributes and the one method of `Kind`, named under the entry point `govdata.harvest.kinds`.
"""

from .protocol import Capabilities, Collected, Kind, KindError, Visit
from .registry import kind_of, kinds

__all__ = ["Capabilities", "Collected", "Kind", "KindError", "Visit", "kind_of", "kinds"]
