"""Purposes of use, read from vocabulary.yaml. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Purpose:
    """A purpose of use, with its label in Chinese (`zh`) and English (`en`)."""

    code: str
    label: Mapping[str, str]
    rules: tuple[str, ...]
    commercial: bool = False
    public_good: bool = False


@cache
def purposes() -> Mapping[str, Purpose]:
    """All purposes, by code, in their order."""
    told = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text(encoding="utf-8"))
    return {
        one["code"]: Purpose(
            one["code"],
            one["label"],
            tuple(one["rules"]),
            bool(one.get("commercial")),
            bool(one.get("public_good")),
        )
        for one in told["purposes"]
    }
