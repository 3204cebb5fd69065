"""Model texts: an agreement's own clauses with places for names and dates, and what a version of one may become. Pure.

A text belongs to the authority (LYG-19). A version that was in force once is never changed; a change is the next version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ...msgids import N_
from ..errors import TextInvalid
from .vocabulary import LANGUAGES, Condition, Words, vocabulary, words


class State(str, Enum):
    """A version of a model text: being written, in force, or followed by another."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"


# What a text may ask to be filled in.
PLACES = ("agency", "user", "dataset", "purpose", "scenario", "from", "until", "number", "portal")
_PLACE = re.compile(r"\{([^{}]*)\}")
_LONGEST = 4000
_MOST_CLAUSES = 60


@dataclass(frozen=True)
class Clause:
    """A clause: its key, heading and text in each language, and the rules behind it."""

    key: str
    heading: Words
    text: Words
    rules: tuple[str, ...] = ()
    plain: Words | None = None


@dataclass(frozen=True)
class ModelText:
    """A model text as it stands in one version. `conditions` marks the place where the clauses of use codes go."""

    title: Words
    opening: Words
    clauses: tuple[Clause, ...]


CONDITIONS = "conditions"


def read_text(body: Mapping[str, Any]) -> ModelText:
    """A model text from its data, as actions and files give it. Raises TextInvalid with the place of the mistake."""
    clauses = body.get("clauses")
    if not isinstance(clauses, list) or not 0 < len(clauses) <= _MOST_CLAUSES:
        raise TextInvalid("clauses", N_("A model text has 1 to {most} clauses."), most=_MOST_CLAUSES)
    read = tuple(_clause(one, f"clauses[{number}]") for number, one in enumerate(clauses))
    keys = [clause.key for clause in read]
    if keys.count(CONDITIONS) != 1:
        raise TextInvalid("clauses", N_("One clause has the key conditions: there the clauses of the use codes go."))
    if len(set(keys)) != len(keys):
        raise TextInvalid("clauses", N_("Two clauses have the same key."))
    return ModelText(_words(body.get("title"), "title"), _words(body.get("opening"), "opening"), read)


def _clause(one: Any, place: str) -> Clause:
    if not isinstance(one, Mapping) or not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", str(one.get("key"))):
        raise TextInvalid(place, N_("A clause has a key of small letters, a heading and a text."))
    rules = tuple(str(rule) for rule in one.get("rules") or ())
    plain = _words(one["plain"], f"{place}.plain") if one.get("plain") else None
    heading, text = _words(one.get("heading"), f"{place}.heading"), _words(one.get("text"), f"{place}.text")
    return Clause(str(one["key"]), heading, text, rules, plain)


def _words(given: Any, place: str) -> Words:
    if not isinstance(given, Mapping) or any(not str(given.get(language) or "").strip() for language in LANGUAGES):
        raise TextInvalid(place, N_("Needed in Chinese (zh_Hans_CN) and English (en)."))
    found = {language: str(given[language]).strip() for language in LANGUAGES}
    if max(map(len, found.values())) > _LONGEST:
        raise TextInvalid(place, N_("At most {most} characters."), most=_LONGEST)
    unknown = [name for text in found.values() for name in _PLACE.findall(text) if name not in PLACES]
    if unknown:
        message = N_("There is nothing to fill in for {{{name}}}. Known are: {known}.")
        raise TextInvalid(place, message, name=unknown[0], known=", ".join(PLACES))
    return found


def filled(given: Words, values: Mapping[str, str]) -> dict[str, str]:
    """The words with their places filled; what is filled in is never read for places again."""
    return {
        language: _PLACE.sub(lambda found: values.get(found[1], found[0]), text) for language, text in given.items()
    }


def clauses_of(text: ModelText, conditions: tuple[Condition, ...], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The agreement's clauses, numbered from 1: the text's own, and at its mark one for each condition."""
    found: list[dict[str, Any]] = []
    for clause in text.clauses:
        found.append(_own(clause, values))
        if clause.key == CONDITIONS:
            found += [_of_condition(condition) for condition in conditions]
    return [{"number": number, **clause} for number, clause in enumerate(found, 1)]


def _own(clause: Clause, values: Mapping[str, str]) -> dict[str, Any]:
    told = {"key": clause.key, "heading": dict(clause.heading), "text": filled(clause.text, values)}
    plain = {"plain": filled(clause.plain, values)} if clause.plain else {}
    return {**told, **plain, "rules": list(clause.rules)}


def _of_condition(condition: Condition) -> dict[str, Any]:
    told = {"key": condition.code, "heading": words(condition, "label"), "text": words(condition, "clause")}
    rules = list(vocabulary()[condition.code].rules)
    value = {"value": condition.value} if condition.value else {}
    return {**told, "plain": words(condition, "plain"), "rules": rules, **value}


@cache
def starting_body() -> dict[str, Any]:
    """The text that the portal brings: a draft for the authority to make its own, never in force by itself."""
    return dict(yaml.safe_load((Path(__file__).parent / "starting.yaml").read_text(encoding="utf-8")))
