"""From the claims of an identity service to facts about a person, by a mapping that is data. Pure.

A fact is named by the mapping; some names mean something to this plugin (`name`, `fullname`, `email`, `email_verified`,
`memberships`), all others are handed on as they are: kind of party, credit code, level of verification, roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as WrongNumber

_RULE_KEYS = ("from", "words", "check", "many", "default", "pattern")
_CAPACITIES = ("admin", "editor", "member")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
MEMBERSHIPS = "memberships"
_DEFAULTS: Mapping[str, Any] = {
    "name": {"from": "preferred_username"},
    "fullname": {"from": "name"},
    "email": {"from": "email", "check": "email"},
    "email_verified": {"from": "email_verified"},
}


@dataclass(frozen=True, order=True)
class Membership:
    """A place in an organisation that a claim gives: its name and the capacity there."""

    organization: str
    capacity: str


@dataclass(frozen=True)
class Facts:
    """What a set of claims says about a person by a mapping, and what in it could not be used.

    `notes` are sentences for the person who writes the mapping; they may repeat words of claims, so they are not logged.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    memberships: frozenset[Membership] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A fact as text; empty when the claims do not give it."""
        value = self.values.get(name)
        return "" if value is None else str(value)


def facts_of(claims: Mapping[str, Any], mapping: Mapping[str, Any]) -> Facts:
    """Apply a mapping to claims. A word that the mapping does not know gives nothing, and is noted: never a guess."""
    rules = {**_DEFAULTS, **{name: rule for name, rule in mapping.items() if name != MEMBERSHIPS}}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []
    for name, rule in rules.items():
        source, value = _value(claims, _rule(rule), name, notes)
        if value not in (None, "", []):
            values[name], sources[name] = value, source
    memberships = frozenset(_memberships(claims, mapping.get(MEMBERSHIPS) or [], notes))
    used = {path.split(".")[0] for rule in (*rules.values(), *_member_rules(mapping)) for path in _paths(_rule(rule))}
    unused = tuple(
        sorted(set(claims) - used - {"iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "at_hash", "sid"})
    )
    return Facts(values, memberships, sources, tuple(notes), unused)


def _member_rules(mapping: Mapping[str, Any]) -> Iterator[Any]:
    for entry in mapping.get(MEMBERSHIPS) or []:
        yield entry["organization"]
        yield entry["capacity"]


def _rule(rule: Any) -> Mapping[str, Any]:
    return rule if isinstance(rule, Mapping) else {"from": rule}


def _paths(rule: Mapping[str, Any]) -> tuple[str, ...]:
    origin = rule.get("from") or ()
    return (origin,) if isinstance(origin, str) else tuple(origin)


def value_at(claims: Any, path: str) -> Any:
    """What stands at a dotted path; a claim whose own name has dots (an address, say) is found whole first."""
    if isinstance(claims, Mapping) and path in claims:
        return claims[path]
    head, _, rest = path.partition(".")
    if not rest or not isinstance(claims, Mapping):
        return None
    return value_at(claims.get(head), rest)


def _value(claims: Mapping[str, Any], rule: Mapping[str, Any], name: str, notes: list[str]) -> tuple[str, Any]:
    for path in _paths(rule):
        found = value_at(claims, path)
        if found in (None, "", []):
            continue
        given = found if isinstance(found, list) else [found]
        kept = [value for value in (_one(value, rule, name, path, notes) for value in given) if value is not None]
        if kept:
            return path, kept if rule.get("many") else kept[0]
    return "", rule.get("default")


def _one(value: Any, rule: Mapping[str, Any], name: str, path: str, notes: list[str]) -> Any:
    words = rule.get("words")
    if words is not None:
        if str(value) not in {str(word) for word in words}:
            notes.append(f"{name}: the word {value!r} of {path!r} stands in no line of 'words'; it gives nothing")
            return None
        value = next(meaning for word, meaning in words.items() if str(word) == str(value))
    problem = _problem(value, rule)
    if problem:
        notes.append(f"{name}: {value!r} of {path!r} {problem}; it gives nothing")
        return None
    return value


def _problem(value: Any, rule: Mapping[str, Any]) -> str:
    check = rule.get("check")
    if check == "email" and not _MAIL.match(str(value)):
        return "is no mail address"
    if check == "uscc":
        try:
            uscc.validate(str(value))
        except WrongNumber:
            return "is no unified social credit code"
    if rule.get("pattern") and not re.fullmatch(str(rule["pattern"]), str(value)):
        return f"does not match {rule['pattern']!r}"
    return ""


def _memberships(claims: Mapping[str, Any], entries: Any, notes: list[str]) -> Iterator[Membership]:
    for entry in entries:
        for agency in _values(claims, entry["organization"], "memberships.organization", notes):
            for capacity in _values(claims, entry["capacity"], "memberships.capacity", notes):
                if capacity in _CAPACITIES:
                    yield Membership(str(agency), str(capacity))
                else:
                    notes.append(f"memberships: {capacity!r} is no capacity; known are {', '.join(_CAPACITIES)}")


def faults_of_mapping(mapping: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong in a mapping: name of the fact and the problem."""
    for name, rule in mapping.items():
        if name == MEMBERSHIPS:
            yield from _faults_of_memberships(rule)
        else:
            yield from _faults_of_rule(str(name), rule)


def _values(claims: Mapping[str, Any], rule: Any, name: str, notes: list[str]) -> list[Any]:
    _, found = _value(claims, {**_rule(rule), "many": True}, name, notes)
    return found if isinstance(found, list) else [] if found is None else [found]


def _is_member_rule(entry: Any) -> bool:
    return isinstance(entry, dict) and set(entry) == {"organization", "capacity"}


def _faults_of_memberships(entries: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(entries, list) or not all(_is_member_rule(one) for one in entries):
        yield MEMBERSHIPS, "must be a list of blocks with organization and capacity"
        return
    for number, entry in enumerate(entries):
        for part, rule in entry.items():
            yield from _faults_of_rule(f"{MEMBERSHIPS}[{number}].{part}", rule)


def _faults_of_rule(name: str, rule: Any) -> Iterator[tuple[str, str]]:
    if isinstance(rule, str) and rule:
        return
    if not isinstance(rule, dict):
        yield name, "must be the name of a claim, or a block with from, words, check, pattern, many, default"
        return
    for key in rule:
        if key not in _RULE_KEYS:
            yield f"{name}.{key}", f"is not known; known are {', '.join(_RULE_KEYS)}"
    if not _paths(rule) and "default" not in rule:
        yield name, "needs 'from', the name of a claim or a list of names"
    if rule.get("check") not in (None, "email", "uscc"):
        yield f"{name}.check", "must be email or uscc"
    if rule.get("words") is not None and not isinstance(rule["words"], dict):
        yield f"{name}.words", "must be a block: the claim's word, then what it means"
    yield from _faults_of_pattern(name, rule.get("pattern"))


def _faults_of_pattern(name: str, pattern: Any) -> Iterator[tuple[str, str]]:
    try:
        re.compile(str(pattern or ""))
    except re.error as error:
        yield f"{name}.pattern", f"is no regular expression: {error}"
