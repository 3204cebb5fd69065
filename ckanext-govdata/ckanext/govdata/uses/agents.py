"""The lists of robots and scripts: COUNTER's own, from the package counter-robots (MIT), and ours. Pure but for reading them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from .domain import Agents


@cache
def known_agents() -> Agents:
    """Both lists together, read once."""
    own = yaml.safe_load((files("ckanext.govdata.uses") / "own_agents.yaml").read_text(encoding="utf-8"))
    return Agents(_either(_counters("robot.txt"), own["robots"]), _either(_counters("machine.txt"), own["scripts"]))


def _counters(name: str) -> list[str]:
    return (files("counter_robots") / "data" / name).read_text(encoding="utf-8").splitlines()


def _either(counters: list[str], own: list[str]) -> re.Pattern[str]:
    """COUNTER's expressions mind the case, ours do not."""
    return re.compile("|".join([*filter(None, counters), *(f"(?i:{one})" for one in own)]))
