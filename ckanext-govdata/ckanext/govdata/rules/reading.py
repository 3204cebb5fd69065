"""Reads an instrument and its entries out of a pack's file; everything that is wrong is reported with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from datetime import date
from itertools import pairwise

from ckanext.govdata.rules.domain import Citation, Instrument, MonthDay, PackStatus, Rule, Scope, Topic, Unit
from ckanext.govdata.rules.errors import (
    BadArticleProblem,
    DatesProblem,
    DuplicateTopicProblem,
    MissingArticleProblem,
    NoAnswerProblem,
    NoSuchArticleProblem,
    StatusDateProblem,
    UnknownTopicProblem,
    UnknownValueProblem,
    UselessKeyProblem,
    WrongTypeProblem,
    WrongUnitProblem,
)
from ckanext.govdata.rules.fields import Fields
from ckanext.govdata.rules.located import Located, Mapping, Reader
from ckanext.govdata.rules.topics import SUSPENSIONS, TOPICS, TopicSpec

INSTRUMENT_KEYS = (
    "code", "title", "title_en", "issuing_body", "document_number", "status", "issued", "effective", "expires",
    "source", "cited_by", "parts", "script", "numbers",
)  # fmt: skip
ENTRY_KEYS = (
    "topic", "article", "scope", "number", "unit", "value", "quote", "quote_simplified", "extension", "suspended_while",
)  # fmt: skip
DATES = ("issued", "effective", "expires")
# Per status: the dates that have to stand there, and those that must not.
STATUS_DATES: dict[PackStatus, tuple[tuple[str, ...], tuple[str, ...]]] = {
    PackStatus.DRAFT: ((), ("effective", "expires")),
    PackStatus.IN_FORCE: (("effective",), ()),
    PackStatus.EXPIRED: (("effective", "expires"), ()),
}


def read_instrument(reader: Reader, mapping: Mapping) -> Instrument | None:
    """The text that the entries stand in; None when even its code is wrong.

    What is missing is reported and left empty, so that the entries can be checked too: no pack is made from it.
    """
    fields = Fields(reader, mapping, "instrument")
    fields.only(INSTRUMENT_KEYS)
    code, status = _code(fields), fields.choice("status", PackStatus)
    title, title_en, source = fields.text("title"), fields.text("title_en"), fields.text("source")
    dates = {key: fields.day(key) for key in DATES}
    if status is not None:
        _check_status_dates(fields, status)
    _check_order(fields, dates)
    options = {key: _option(fields, key, known) for key, known in OPTIONS.items()}
    parts = fields.whole("parts", required=False)
    issuing_body = fields.text("issuing_body", required=False)
    document_number = fields.text("document_number", required=False)
    if code is None:
        return None
    return Instrument(
        code=code,
        title=title or "",
        title_en=title_en or "",
        issuing_body=issuing_body,
        status=status or PackStatus.DRAFT,
        source=source or "",
        cited_by=options["cited_by"],
        parts=parts,
        document_number=document_number,
        traditional=options["script"] == "traditional",
        numbers_restored=options["numbers"] == "restored",
        **dates,
    )


# Options of an instrument; the first word is what holds where nothing is said.
OPTIONS = {
    "cited_by": ("article", "chapter"),
    "script": ("simplified", "traditional"),
    "numbers": ("printed", "restored"),
}


def read_entries(
    reader: Reader, items: tuple[Located, ...], instruments: Map[str, Instrument]
) -> dict[Topic, tuple[Rule, int]]:
    """The entries of a list, each with its line. A topic that is repeated is reported, and its first entry kept."""
    found: dict[Topic, tuple[Rule, int]] = {}
    for item in items:
        entry = _Entry.of(reader, item)
        rule = entry.read(instruments) if entry else None
        if entry is None or rule is None:
            continue
        if rule.topic in found:
            entry.fields.report(DuplicateTopicProblem, "topic", topic=rule.topic.value, first=found[rule.topic][1])
        else:
            found[rule.topic] = (rule, entry.fields.line())
    return found


class _Entry:
    """One entry on its way to becoming a Rule."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    @classmethod
    def of(cls, reader: Reader, item: Located) -> _Entry | None:
        if not isinstance(item, Mapping):
            reader.report(
                WrongTypeProblem, item.line, key="entry", value="…", expected="a mapping", expected_zh="键值结构"
            )
            return None
        names = (item.entries.get(key) for key in ("article", "topic"))
        return cls(Fields(reader, item, " ".join(str(getattr(name, "value", "?")) for name in names if name)))

    def read(self, instruments: Map[str, Instrument]) -> Rule | None:
        fields = self.fields
        fields.only(ENTRY_KEYS)
        topic = fields.choice("topic", Topic, UnknownTopicProblem)
        instrument = self._instrument(instruments)
        citation = self._citation(instrument)
        if topic is None:
            return None
        spec = TOPICS[topic]
        scope = self._scope(spec)
        number, month_day = self._number(spec)
        values = self._values(spec)
        extension, suspended_while = self._term_changes(spec)
        if not (fields.has("number") or fields.has("value")):
            fields.report(NoAnswerProblem, expected=" / ".join(_answers(spec)))
        if instrument is None or citation is None or scope is None:
            return None
        unit = spec.unit if number or month_day else None
        return Rule(topic, scope, citation, instrument, number, month_day, unit, values, extension, suspended_while)

    def _instrument(self, instruments: Map[str, Instrument]) -> Instrument | None:
        example = " / ".join(_example(instrument) for instrument in instruments.values())
        if not self.fields.has("article"):
            self.fields.report(MissingArticleProblem, example=example)
            return None
        article = self.fields.text("article")
        if article is None:
            return None
        instrument = instruments.get(article.partition("-")[0])
        mark = "c" if instrument and instrument.cited_by == "chapter" else ""
        matched = re.fullmatch(rf"[A-Z]+-{mark}([1-9]\d*)", article)
        if instrument is None or matched is None:
            self.fields.report(BadArticleProblem, "article", value=article, example=example)
            return None
        if instrument.parts and int(matched[1]) > instrument.parts:
            last = f"{instrument.code}-{mark}{instrument.parts}"
            self.fields.report(NoSuchArticleProblem, "article", value=article, last=last)
        return instrument

    def _citation(self, instrument: Instrument | None) -> Citation | None:
        quote = self.fields.text("quote")
        needs_simplified = instrument is not None and instrument.traditional
        simplified = self.fields.text("quote_simplified", required=needs_simplified)
        article = self.fields.mapping.entries.get("article")
        if quote is None or instrument is None or article is None:
            return None
        return Citation(str(getattr(article, "value", "")), quote, simplified)

    def _scope(self, spec: TopicSpec) -> Scope | None:
        scope = self.fields.choice("scope", Scope)
        if scope is not None and scope is not spec.scope:
            self.fields.report(UnknownValueProblem, "scope", key="scope", value=scope.value, known=[spec.scope.value])
        return scope

    def _number(self, spec: TopicSpec) -> tuple[int | None, MonthDay | None]:
        fields = self.fields
        if spec.unit is None:
            for key in ("number", "unit"):
                if fields.has(key):
                    fields.report(UselessKeyProblem, key, key=key)
            return None, None
        if not fields.has("number") and not fields.has("unit"):
            return None, None
        unit = fields.text("unit")
        if unit is not None and unit != spec.unit.value:
            fields.report(WrongUnitProblem, "unit", value=unit, expected=spec.unit.value)
        if spec.unit is Unit.MONTH_DAY:
            return None, fields.month_day("number")
        return fields.whole("number"), None

    def _term_changes(self, spec: TopicSpec) -> tuple[int | None, tuple[str, ...]]:
        """By how much and when the text lets a term of working days be extended and suspended."""
        fields, given = self.fields, [key for key in ("extension", "suspended_while") if self.fields.has(key)]
        if spec.unit is not Unit.WORKING_DAYS:
            for key in given:
                fields.report(UselessKeyProblem, key, key=key)
            return None, ()
        words = fields.words("suspended_while", SUSPENSIONS, several=True) if "suspended_while" in given else ()
        return fields.whole("extension", required=False), words

    def _values(self, spec: TopicSpec) -> tuple[str, ...]:
        if not self.fields.has("value"):
            return ()
        if not spec.values:
            self.fields.report(UselessKeyProblem, "value", key="value")
            return ()
        return self.fields.words("value", spec.values, spec.several)


def _answers(spec: TopicSpec) -> list[str]:
    unit = [f"number + unit: {spec.unit.value}"] if spec.unit else []
    return unit + ([f"value: {', '.join(sorted(spec.values))}"] if spec.values else [])


def _example(instrument: Instrument) -> str:
    return f"{instrument.code}-{'c' if instrument.cited_by == 'chapter' else ''}1"


def _code(fields: Fields) -> str | None:
    code = fields.text("code")
    if code is not None and re.fullmatch(r"[A-Z]{2,8}", code) is None:
        expected = ("2 to 8 capital letters such as LYG", "2 至 8 个大写字母，如 LYG")
        fields.report(WrongTypeProblem, "code", key="code", value=code, expected=expected[0], expected_zh=expected[1])
        return None
    return code


def _option(fields: Fields, key: str, known: tuple[str, ...]) -> str:
    words = fields.words(key, known, several=False) if fields.has(key) else known[:1]
    return words[0] if words else known[0]


def _check_status_dates(fields: Fields, status: PackStatus) -> None:
    needed, refused = STATUS_DATES[status]
    for key in needed:
        if not fields.has(key):
            fields.report(StatusDateProblem, "status", status=status.value, key=key, verb="needs", verb_zh="须有")
    for key in refused:
        if fields.has(key):
            fields.report(StatusDateProblem, key, status=status.value, key=key, verb="cannot have", verb_zh="不能有")


def _check_order(fields: Fields, dates: Map[str, date | None]) -> None:
    known = [(key, day) for key in DATES if (day := dates[key]) is not None]
    for (earlier, before), (later, after) in pairwise(known):
        if after < before:
            facts = {"earlier": earlier, "earlier_date": before, "later": later, "later_date": after}
            fields.report(DatesProblem, later, **facts)
