"""The only door through which harvesting reaches other machines: addresses checked while connecting, everything limited."""

from .errors import DoorError
from .fetching import Fetched, Limits, fetch

__all__ = ["DoorError", "Fetched", "Limits", "fetch"]
