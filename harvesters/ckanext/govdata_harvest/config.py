"""The settings of harvesting, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

from ckan.plugins import toolkit as tk


def max_bytes() -> int:
    """The most bytes of a list, unpacked, that are read."""
    return int(tk.config["govdata.harvest.max_bytes"])


def batch_size() -> int:
    """How many entries are written at once."""
    return max(1, int(tk.config["govdata.harvest.batch_size"]))


def shrink_limit() -> int:
    """The share of a list's entries, in percent, that may be missing before a person has to agree to their withdrawal."""
    return min(100, max(0, int(tk.config["govdata.harvest.shrink_limit"])))
