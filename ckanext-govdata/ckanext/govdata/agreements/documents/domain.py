"""An agreement as canonical JSON (RFC 8785): everything that both sides sign, and nothing that can change later. Pure.

Guarantee: the same facts give the same bytes; page, PDF and API answer are made from these bytes alone, so that what one
of them says cannot differ from another. Whatever is deleted elsewhere later, the bytes stay whole: they hold copies.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785

from ...msgids import N_
from ..errors import AgreementError, TooLong
from ..texts.domain import ModelText, clauses_of, filled
from ..texts.vocabulary import LANGUAGES, Condition, words

FORMAT = "govdata-agreement/1"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MOST_ITEMS = 2000
_MOST = {"name": 200, "title": 500, "text": 4000}


@dataclass(frozen=True)
class Side:
    """One side of the agreement. `number` is an identifier as it may be shown: an enterprise's whole, a person's masked."""

    id: str
    name: str
    kind: str = "agency"
    number: str = ""


@dataclass(frozen=True)
class Subject:
    """What is given: the dataset and its data items as (name, title), all of them listed, and its conditions as published."""

    id: str
    name: str
    title: str
    items: Sequence[tuple[str, str]] = ()
    files: Sequence[str] = ()
    published_conditions: str = ""
    grading: str = ""


@dataclass(frozen=True)
class Use:
    """What it is given for, by the application: purpose in each language, scenario, measures, ways of access, limits."""

    purpose: str
    purpose_label: Mapping[str, str]
    scenario: str
    measures: str
    modes: Sequence[str]
    application: str = ""
    quota: int | None = None
    addresses: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    """All that an agreement is made from. Moments have a zone; `checkpoint` is the ledger's newest signed one, if any."""

    number: str
    agency: Side
    user: Side
    subject: Subject
    use: Use
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    text: ModelText
    text_key: str
    text_version: int
    portal: str
    address: str
    made_at: datetime.datetime
    conditions: tuple[Condition, ...] = ()
    supersedes: str = ""
    checkpoint: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def compose(facts: Facts) -> bytes:
    """The agreement's canonical bytes. Raises AgreementError where a field is empty, too long, or the term is no term."""
    _check(facts)
    return rfc8785.dumps(_document(facts))


def read(canonical: bytes) -> dict[str, Any]:
    """The document behind canonical bytes."""
    return dict(json.loads(canonical))


def is_canonical(data: bytes) -> bool:
    """Whether bytes are the one way to write their document."""
    try:
        return rfc8785.dumps(json.loads(data)) == data
    except (ValueError, rfc8785.CanonicalizationError, RecursionError):
        return False


def sha256(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def _document(facts: Facts) -> dict[str, Any]:
    values = {language: _values(facts, language) for language in LANGUAGES}
    return {
        "format": FORMAT,
        "number": facts.number,
        "made_at": stamp(facts.made_at),
        "portal": {"title": facts.portal, "address": facts.address},
        "text": {"key": facts.text_key, "version": facts.text_version, "title": dict(facts.text.title)},
        "opening": _each(facts.text.opening, values),
        "parties": {"agency": _side(facts.agency), "user": _side(facts.user)},
        "dataset": _subject(facts.subject),
        "use": _use(facts.use),
        "term": {"from": stamp(facts.starts_at), "until": stamp(facts.ends_at)},
        "conditions": [str(condition) for condition in facts.conditions],
        "clauses": _clauses(facts, values),
        "points": _points(facts, values),
        **({"supersedes": facts.supersedes} if facts.supersedes else {}),
        **({"checkpoint": facts.checkpoint} if facts.checkpoint else {}),
        **({"extra": dict(facts.extra)} if facts.extra else {}),
    }


def _each(given: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {language: filled(given, values[language])[language] for language in LANGUAGES}


def _clauses(facts: Facts, values: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The clauses with each language's own words for dates and purpose filled in."""
    made = {language: clauses_of(facts.text, facts.conditions, values[language]) for language in LANGUAGES}
    return [_merged({language: made[language][place] for language in LANGUAGES}) for place in range(len(made["en"]))]


def _merged(told: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    first = dict(told["zh_Hans_CN"])
    for part in ("heading", "text", "plain"):
        if part in first:
            first[part] = {language: told[language][part][language] for language in LANGUAGES}
    return first


def _points(facts: Facts, values: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """The main points in plain words, as they stand beside the text."""
    own = [_each(clause.plain, values) for clause in facts.text.clauses if clause.plain]
    return own + [words(condition, "plain") for condition in facts.conditions]


def _values(facts: Facts, language: str) -> dict[str, str]:
    return {
        "agency": facts.agency.name,
        "user": facts.user.name,
        "dataset": facts.subject.title,
        "purpose": facts.use.purpose_label[language],
        # The clause goes on behind it with a stop of its own.
        "scenario": facts.use.scenario.strip().rstrip("。.；;"),
        "from": day(facts.starts_at, language),
        "until": last_day(facts.ends_at, language),
        "number": facts.number,
        "portal": facts.portal,
    }


def day(moment: datetime.datetime, language: str) -> str:
    """The day in China, in words."""
    at = moment.astimezone(SHANGHAI)
    return f"{at.year}年{at.month}月{at.day}日" if language.startswith("zh") else f"{at.day} {at:%B} {at.year}"


def last_day(moment: datetime.datetime, language: str) -> str:
    """The last day of a term that ends at `moment`: one that ends at 24:00 names the day that ends, not the next."""
    return day(moment - datetime.timedelta(microseconds=1), language)


def stamp(moment: datetime.datetime) -> str:
    """A moment in China's time, to the second, such as 2026-11-28T09:30:00+08:00."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone says nothing")
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _side(side: Side) -> dict[str, str]:
    return {"id": side.id, "kind": side.kind, "name": side.name, **({"number": side.number} if side.number else {})}


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "id": subject.id,
        "name": subject.name,
        "title": subject.title,
        "items": [{"name": name, "title": title} for name, title in subject.items],
        "files": list(subject.files),
        "published_conditions": subject.published_conditions,
        "grading": subject.grading,
    }


def _use(use: Use) -> dict[str, Any]:
    return {
        "application": use.application,
        "purpose": {"code": use.purpose, "label": dict(use.purpose_label)},
        "scenario": use.scenario,
        "measures": use.measures,
        "modes": list(use.modes),
        "quota": use.quota,
        "addresses": list(use.addresses),
    }


def _check(facts: Facts) -> None:
    if facts.ends_at <= facts.starts_at:
        raise AgreementError("term", N_("An agreement ends after it begins."))
    named = {
        "agency": facts.agency.name,
        "user": facts.user.name,
        "dataset": facts.subject.title,
        "number": facts.number,
    }
    for place, text in named.items():
        if not text.strip():
            raise AgreementError(place, N_("An agreement cannot be made without this: {place}."), place=place)
    sizes = [(place, text, "name") for place, text in named.items()]
    sizes += [("scenario", facts.use.scenario, "text"), ("measures", facts.use.measures, "text")]
    sizes += [("published_conditions", facts.subject.published_conditions, "text")]
    for place, text, kind in sizes:
        if len(text) > _MOST["title" if place == "dataset" else kind]:
            most = _MOST["title" if place == "dataset" else kind]
            raise TooLong(place, place=place, size=len(text), most=most)
    if len(facts.subject.items) > MOST_ITEMS:
        raise TooLong("items", place="items", size=len(facts.subject.items), most=MOST_ITEMS)
