"""Which version of a city's text holds on the day of receipt, and what a text above the city's changes of it. Pure.

Guarantee: the same day gives the same answer whenever it is asked; a text above overrules only on days on which it binds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from .domain import Instrument, PackStatus, Rule, RulePack, Topic

_BEFORE_ALL = date.min


def newest(packs: Iterable[RulePack]) -> RulePack:
    """The version that came last, a text in force before a draft of the next one."""
    return max(packs, key=lambda pack: (pack.status is not PackStatus.DRAFT, _begins(pack.instrument)))


def pack_on(versions: Sequence[RulePack], day: date, above: Sequence[RulePack] = ()) -> RulePack:
    """The city's rules on a day: the version by that day, overruled by the texts above that bind on it.

    A version that binds comes first; then the one that ran out last; then a draft; then one that is still to begin. Of the
    texts above, given from the lowest to the highest, the higher one wins.
    """
    pack = max(versions, key=lambda one: _standing(one.instrument, day))
    rules: dict[Topic, Rule] = dict(pack.rules)
    for higher in above:
        rules |= {topic: rule for topic, rule in higher.rules.items() if rule.instrument.statutory_on(day)}
    ordered = {topic: rules[topic] for topic in Topic if topic in rules}
    return replace(pack, rules=MappingProxyType(ordered)) if above else pack


def _standing(text: Instrument, day: date) -> tuple[int, date]:
    if text.statutory_on(day):
        return 3, _begins(text)
    if text.effective is not None and text.effective <= day:
        return 2, text.expires or _begins(text)
    if text.status is PackStatus.DRAFT:
        return 1, _begins(text)
    # Not begun: of several the first to come.
    return 0, date.fromordinal(date.max.toordinal() - _begins(text).toordinal())


def _begins(text: Instrument) -> date:
    return text.effective or text.issued or _BEFORE_ALL
