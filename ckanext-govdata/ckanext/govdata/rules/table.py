"""Tells rule packs in words: the cells of a table city x topic, for the documentation and the command line.

`render()` makes the generated part of docs/rule-packs.md; a test compares it with the page.
"""

from __future__ import annotations

from collections.abc import Iterable

from ckanext.govdata.rules.domain import Instrument, Rule, RulePack, Unit
from ckanext.govdata.rules.packs import available_packs, load_pack
from ckanext.govdata.rules.topics import TOPICS

BEGIN, END = "<!-- generated from the rule packs: begin -->", "<!-- generated from the rule packs: end -->"


def render() -> str:
    """The texts, the table and the quotations of all packs that come with the portal, as Markdown."""
    packs = [load_pack(key) for key in available_packs()]
    parts = [_texts(packs), "### City by topic", _matrix(packs)]
    for pack in packs:
        parts += [f"### {pack.city_en} ({pack.city})", _quotations(pack)]
    return "\n\n".join(parts)


def answer(rule: Rule | None) -> str:
    """What a rule says, without its article: `10 working days`, `30 June`, `reason or basis`; empty for no rule."""
    if rule is None:
        return ""
    parts = [_number(rule)] if rule.unit else []
    return ", ".join([*parts, *(value.replace("_", " ") for value in rule.values)])


def lines(pack: RulePack) -> list[str]:
    """A pack for a terminal: its text first, then each entry in Chinese with article, answer and quotation."""
    text = pack.instrument
    head = [f"{pack.key}  {pack.city} ({pack.city_en})", f"  {text.title}", f"  {_standing(text)}"]
    for rule in pack.rules.values():
        citation, own = rule.citation, "" if rule.instrument == text else f"  《{rule.instrument.title}》"
        place = f"[{citation.article} {citation.words}]{own}"
        head.append(f"  {TOPICS[rule.topic].label_zh} {rule.topic.value}: {answer(rule)}  {place}")
        head.append(f"      “{citation.simplified}”")
    return head


def _number(rule: Rule) -> str:
    if rule.month_day is not None:
        return f"{rule.month_day.day} {MONTHS[rule.month_day.month - 1]}"
    unit = UNITS.get(rule.unit, "") if rule.unit else ""
    return f"{rule.number} {unit}"


UNITS = {Unit.WORKING_DAYS: "working days", Unit.YEARS: "years"}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _standing(text: Instrument) -> str:
    dates = [f"{key} {day}" for key in ("issued", "effective", "expires") if (day := getattr(text, key)) is not None]
    return ", ".join([text.status.value.replace("_", " "), *dates])


def _texts(packs: Iterable[RulePack]) -> str:
    rows = [
        (
            f"`{pack.key}`",
            pack.instrument.code,
            pack.instrument.title,
            _standing(pack.instrument),
            _cited(pack.instrument),
        )
        for pack in packs
    ]
    return _markdown(("pack", "code", "text", "standing", "cited by"), rows)


def _cited(text: Instrument) -> str:
    return f"{text.cited_by}, numbers restored" if text.numbers_restored else text.cited_by


def _matrix(packs: list[RulePack]) -> str:
    rows = [(spec.label, *(_cell(pack.rule(topic)) for pack in packs)) for topic, spec in TOPICS.items()]
    return _markdown(("topic", *(pack.city_en for pack in packs)), rows)


def _cell(rule: Rule | None) -> str:
    return f"{answer(rule)} ({rule.citation.article})" if rule else ""


def _quotations(pack: RulePack) -> str:
    rows = [
        (
            f"`{topic.value}`",
            f"{rule.citation.article} {rule.citation.words}",
            f"{rule.scope.value}: {answer(rule)}",
            rule.citation.quote,
        )
        for topic, rule in pack.rules.items()
    ]
    return _markdown(("topic", "article", "answer", "words of the text"), rows)


def _markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    body = ["| " + " | ".join(row) + " |" for row in ([titles, ["---"] * len(titles)])]
    return "\n".join(body + ["| " + " | ".join(row) + " |" for row in rows])
