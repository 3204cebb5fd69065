"""What a rule pack is: the city's rule on public data as typed entries, each with its article and its own words.

Guarantee: a topic the text is silent on has no entry, and every question about it answers None or empty; nothing of a
draft or expired text is ever called statutory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum

SHANGHAI = timezone(timedelta(hours=8))


class PackStatus(str, Enum):
    """Whether the text binds: a draft does not yet, an expired one no longer."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


class Unit(str, Enum):
    """What a rule's number counts. A month_day is a yearly date, not a count."""

    WORKING_DAYS = "working_days"
    YEARS = "years"
    MONTH_DAY = "month_day"


class Scope(str, Enum):
    """What a rule is about: data opened to the public, data shared between agencies, or the catalogue of both."""

    OPEN = "open"
    SHARING = "sharing"
    CATALOGUE = "catalogue"


class Reviewer(str, Enum):
    """Who reviews a catalogue or an open list before it is published."""

    AUTHORITY = "authority"
    OPERATOR = "operator"
    AGENCY = "agency"
    DISTRICT_AUTHORITY = "district_authority"


class Topic(str, Enum):
    """The questions that the cities' rules answer differently."""

    SIGN_IN_FOR_UNCONDITIONAL = "sign_in_for_unconditional"
    OPEN_APPLICATION_ANSWER = "open_application_answer"
    OPEN_APPLICATION_REFUSAL = "open_application_refusal"
    SHARING_APPLICATION_ANSWER = "sharing_application_answer"
    SHARING_APPLICATION_REFUSAL = "sharing_application_refusal"
    SHARING_SUPPLY = "sharing_supply"
    SHARING_DOUBT = "sharing_doubt"
    OPEN_OBJECTION = "open_objection"
    CATALOGUE_UPDATE = "catalogue_update"
    YEARLY_REVIEW = "yearly_review"
    OPEN_BASIS = "open_basis"
    OPEN_EXCEPTION = "open_exception"
    SHARING_BASIS = "sharing_basis"
    BASE_REGISTER_SHARING = "base_register_sharing"
    POOLING_BASIS = "pooling_basis"
    NEGATIVE_LIST = "negative_list"
    COMMERCIAL_USE = "commercial_use"
    AUTHORISED_OPERATION_TERM = "authorised_operation_term"
    CATALOGUE_REVIEW = "catalogue_review"
    OPEN_LIST_REVIEW = "open_list_review"


class Binding(str, Enum):
    """What a page may call a rule's date or duty: statutory (法定), or merely the pack's own (参照)."""

    STATUTORY = "statutory"
    PACK = "pack"


@dataclass(frozen=True)
class Instrument:
    """The text that a rule stands in, with its dates. `expires` is the first day on which it no longer applies."""

    code: str
    title: str
    title_en: str
    status: PackStatus
    source: str
    cited_by: str = "article"
    parts: int | None = None
    issuing_body: str | None = None
    document_number: str | None = None
    issued: date | None = None
    effective: date | None = None
    expires: date | None = None
    traditional: bool = False
    numbers_restored: bool = False

    def statutory_on(self, day: date) -> bool:
        """Whether the text binds on that day (calendar day in Shanghai)."""
        if self.status is not PackStatus.IN_FORCE or self.effective is None or day < self.effective:
            return False
        return self.expires is None or day < self.expires


@dataclass(frozen=True)
class Citation:
    """The place and the words: `LYG-19` or `GY-c5`, and a quotation in the source's own script."""

    article: str
    quote: str
    quote_simplified: str | None = None

    @property
    def words(self) -> str:
        """The article as Chinese texts name it: 第十九条, or 第五章 where only chapters can be cited."""
        matched = re.fullmatch(r"[A-Z]+-(c?)(\d+)", self.article)
        if matched is None:
            return self.article
        return f"第{chinese_number(int(matched[2]))}{'章' if matched[1] else '条'}"

    @property
    def simplified(self) -> str:
        return self.quote_simplified or self.quote


@dataclass(frozen=True)
class MonthDay:
    """A day of every year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True)
class Rule:
    """One city's answer to one topic. `number` counts `unit`; `values` are words of the topic (see topics.py).

    `extension` is by how many working days the text lets a term be extended, once; `suspended_while` in which cases the
    term does not run. A text that says nothing of either allows neither.
    """

    topic: Topic
    scope: Scope
    citation: Citation
    instrument: Instrument = field(repr=False)
    number: int | None = None
    month_day: MonthDay | None = None
    unit: Unit | None = None
    values: tuple[str, ...] = ()
    extension: int | None = None
    suspended_while: tuple[str, ...] = ()

    def binding_on(self, day: date) -> Binding:
        """What this rule may be called on that day; of a draft or an expired text never statutory."""
        return Binding.STATUTORY if self.instrument.statutory_on(day) else Binding.PACK

    @property
    def binding(self) -> Binding:
        """What this rule may be called today."""
        return self.binding_on(today())


@dataclass(frozen=True)
class RulePack:
    """The rules of one city, and the switches that the rest of the portal asks for."""

    key: str
    city: str
    city_en: str
    instrument: Instrument
    rules: Mapping[Topic, Rule]

    def rule(self, topic: Topic) -> Rule | None:
        """The city's rule on the topic; None means that the text has no such rule, and no duty may be derived."""
        return self.rules.get(topic)

    def binding(self, topic: Topic) -> Binding | None:
        """What a date from this topic may be called today; None where no rule is, at most a promise of ours."""
        rule = self.rule(topic)
        return rule.binding if rule else None

    @property
    def status(self) -> PackStatus:
        return self.instrument.status

    def statutory_on(self, day: date) -> bool:
        """Whether the city's text binds on that day."""
        return self.instrument.statutory_on(day)

    @property
    def statutory(self) -> bool:
        """Whether the city's text binds today; never for a draft or an expired one."""
        return self.statutory_on(today())

    @property
    def sign_in_for_unconditional(self) -> bool:
        """Whether a visitor has to be signed in to get unconditional data (YZ-27); not where the text is silent."""
        return "required" in self._values(Topic.SIGN_IN_FOR_UNCONDITIONAL)

    @property
    def basis_required_for(self) -> frozenset[str]:
        """Open tiers that need a stated basis before they may be published as such (DCF-22, LYG-7)."""
        return frozenset(self._values(Topic.OPEN_BASIS))

    @property
    def exception_required(self) -> bool:
        """Whether *not open* has to name one of the listed exceptions (LYG-7)."""
        return "listed" in self._values(Topic.OPEN_EXCEPTION)

    @property
    def sharing_basis_required_for(self) -> frozenset[str]:
        """Sharing tiers that need reason and basis (YZ-20, DCF-19)."""
        return frozenset(self._values(Topic.SHARING_BASIS))

    @property
    def base_registers_unconditional(self) -> bool:
        """Whether base registers are shared between agencies without conditions, whatever their entries say (YZ-21)."""
        return "unconditional" in self._values(Topic.BASE_REGISTER_SHARING)

    @property
    def reviewers_of_catalogue(self) -> tuple[Reviewer, ...]:
        """Who reviews an agency's catalogue before publication (YZ-14, DCF-15, ZB-10); empty where no rule says so."""
        return tuple(Reviewer(value) for value in self._values(Topic.CATALOGUE_REVIEW))

    @property
    def reviewers_of_list(self) -> tuple[Reviewer, ...]:
        """Who reviews an agency's open list (LYG-12, DCF-23); where the text names none, the catalogue's reviewers."""
        own = tuple(Reviewer(value) for value in self._values(Topic.OPEN_LIST_REVIEW))
        return own or self.reviewers_of_catalogue

    def _values(self, topic: Topic) -> tuple[str, ...]:
        rule = self.rule(topic)
        return rule.values if rule else ()


def today() -> date:
    """The calendar day in Shanghai, on which every Chinese rule's day begins and ends."""
    return datetime.now(SHANGHAI).date()


def chinese_number(number: int) -> str:
    """1 to 199 in Chinese numerals, as articles are counted: 19 is 十九, 101 is 一百零一."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (digits[ones] if ones else "")
