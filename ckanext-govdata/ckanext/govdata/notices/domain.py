"""What a notice says: texts in both languages with places for facts, as data. Pure.

Guarantee: a text exists whole in Chinese and in English with the same places; what fills a place is never read as a text itself.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("zh", "en")
PARTS = ("subject", "first", "body")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
SUBJECT_LENGTH, SMS_LENGTH = 120, 300


class NoticeTextError(ValueError):
    """A text that is not there, is not whole, or lacks what fills its places: the caller's or the author's mistake."""


@dataclass(frozen=True)
class Text:
    """A notice in one language: which thing and what is asked, by when, and the rest."""

    subject: str
    first: str
    body: str

    def plain(self, link: str, site: str, note: str) -> str:
        """The mail: first line, body, one link, who sends it."""
        parts = [self.first, self.body, link, f"-- \n{site}\n{note}"]
        return "\n\n".join(part for part in parts if part) + "\n"

    def short(self, link: str) -> str:
        """The message for a telephone."""
        head = f"{self.subject}。{self.first}" if not self.subject.isascii() else f"{self.subject}. {self.first}"
        return f"{head[: SMS_LENGTH - len(link) - 1]} {link}".strip()


@cache
def texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """All texts by name and language, out of one file a room. Raises NoticeTextError when one is not whole."""
    found: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, languages in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if name in found:
                raise NoticeTextError(f"{path.name}: the text {name} stands in another file already.")
            _check(path.name, name, languages)
            found[name] = languages
    return found


def places(text: Mapping[str, str]) -> set[str]:
    """The facts that a text has places for."""
    return {name for part in PARTS for _, name, _, _ in string.Formatter().parse(text[part]) if name}


def _check(file: str, name: str, languages: Any) -> None:
    if not isinstance(languages, dict) or set(languages) != set(LANGUAGES):
        raise NoticeTextError(f"{file}: {name} needs zh and en, and nothing else.")
    for language in LANGUAGES:
        if set(languages[language]) != set(PARTS):
            raise NoticeTextError(f"{file}: {name} {language} needs {', '.join(PARTS)}, and nothing else.")
    if places(languages["zh"]) != places(languages["en"]):
        raise NoticeTextError(f"{file}: {name} has other places in zh than in en.")


def check_facts(name: str, facts: Mapping[str, Any]) -> None:
    """Raises NoticeTextError where there is no such text, or a place stays empty."""
    if name not in texts():
        raise NoticeTextError(f"There is no text {name}. Add it to a file in notices/texts.")
    missing = places(texts()[name]["zh"]) - set(facts)
    if missing:
        raise NoticeTextError(f"The text {name} has places for {', '.join(sorted(missing))}.")


def language(locale: str | None) -> str:
    """Which of our languages a reader of this locale gets."""
    return "zh" if not locale or locale.startswith("zh") else "en"


def render(name: str, facts: Mapping[str, Any], locale: str | None) -> Text:
    """A notice for a reader. A fact may be a text, a day (ISO), or a text in each language as {"zh": ..., "en": ...}."""
    lang = language(locale)
    text = texts()[name][lang]
    filled = {key: _shown(value, lang) for key, value in facts.items()}
    subject, first, body = (string.Formatter().vformat(text[part], (), filled) for part in PARTS)
    return Text(one_line(subject)[:SUBJECT_LENGTH], one_line(first), body.strip())


def one_line(text: str) -> str:
    """Without line ends and other controls: a title cannot write a mail's header."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _shown(value: Any, lang: str) -> str:
    if isinstance(value, Mapping):
        return str(value.get(lang, ""))
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    return day_words(day, lang) if day else str(value)


def day_words(day: date, lang: str) -> str:
    """2026年11月22日, or 22 November 2026."""
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def next_try(at: datetime, attempts: int) -> datetime:
    """When a delivery that failed so many times is tried again: 30 s, then twice as long each time, 6 h at most; without end."""
    return at + min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)


def distinct(names: Iterable[str]) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(names))
