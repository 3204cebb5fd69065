"""The settings of harvesting, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

from pathlib import Path

from ckan.plugins import toolkit as tk

from .door import Limits
from .door.addresses import networks


def max_bytes() -> int:
    """The most bytes of a list, unpacked, that are read."""
    return int(tk.config["govdata.harvest.max_bytes"])


def batch_size() -> int:
    """How many entries are written at once."""
    return max(1, int(tk.config["govdata.harvest.batch_size"]))


def shrink_limit() -> int:
    """The share of a list's entries, in percent, that may be missing before a person has to agree to their withdrawal."""
    return min(100, max(0, int(tk.config["govdata.harvest.shrink_limit"])))


def fetch_limits() -> Limits:
    """What one fetch by address may take. Raises ValueError where the named networks are none."""
    return Limits(
        seconds=float(tk.config["govdata.harvest.fetch_seconds"]),
        bytes_sent=int(tk.config["govdata.harvest.fetch_bytes"]),
        bytes_unpacked=max_bytes(),
        redirects=int(tk.config["govdata.harvest.fetch_redirects"]),
        tries=max(1, int(tk.config["govdata.harvest.fetch_tries"])),
        networks=networks(tk.config["govdata.harvest.inner_networks"]),
    )


def lists_folder() -> Path | None:
    """The folder below which sources of the kind `folder` may read; None where the administrator named none."""
    named = str(tk.config["govdata.harvest.folder"] or "")
    return Path(named).resolve() if named else None


def lease_seconds() -> int:
    """How long a run that says nothing is believed to be alive."""
    return max(5, int(tk.config["govdata.harvest.lease_seconds"]))


def slice_seconds() -> float:
    """How long a run writes before another one has its turn."""
    return float(tk.config["govdata.harvest.slice_seconds"])


def host_pause() -> float:
    """Seconds between two requests to one host."""
    return max(0.0, float(tk.config["govdata.harvest.host_pause_ms"]) / 1000)


def tombstone_seconds() -> int:
    """How often other portals are asked what they have withdrawn; 0 for their runs alone."""
    return int(tk.config["govdata.harvest.tombstone_seconds"])


def watch_seconds() -> int:
    """How often the web processes look for sources that are due and runs that stand still; 0 for never."""
    return int(tk.config["govdata.harvest.watch_seconds"])
