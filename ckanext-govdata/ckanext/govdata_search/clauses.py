"""What is read of a query: clauses and groups of them, as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Occur(Enum):
    MUST = "+"
    SHOULD = ""
    MUST_NOT = "-"


@dataclass(frozen=True)
class Text:
    """Words as typed, escapes resolved; `parts` has None for `*` and ANY_ONE for `?` where they are wildcards."""

    text: str
    field: str | None = None
    quoted: bool = False
    parts: tuple[str | None, ...] = ()
    nearness: float | None = None
    """The number behind `~`: edits of a word, or distance within a phrase."""
    named: bool = False
    """Whether its field stands right before it, not before a bracket around it."""


@dataclass(frozen=True)
class Between:
    low: str | None
    high: str | None
    include_low: bool
    include_high: bool
    field: str | None = None


@dataclass(frozen=True)
class Clause:
    occur: Occur
    node: Node
    boost: float | None = None
    constant: bool = False
    demanded: bool = False
    """Whether a `+` stands before it."""
    explicit: bool = False
    """Whether an operator word (AND, OR, NOT) stands before or behind it."""


@dataclass(frozen=True)
class Group:
    clauses: tuple[Clause, ...]
    field: str | None = None


Node = Text | Between | Group
