"""Who hears what of a clock: the agency's officers, whoever the case's room named, at a breach the bureau too."""

from __future__ import annotations

import datetime
from typing import Any

from ..notices import recipients
from ..notices.telling import tell
from .model import Clock

_KINDS = {
    "statutory": {"zh": "法定期限", "en": "statutory"},
    "pack": {"zh": "参照期限，非法定", "en": "by a text that does not bind, not statutory"},
    "promise": {"zh": "平台承诺，非法定", "en": "the portal's promise, not statutory"},
}
_PROVISIONAL = {"zh": "；暂定", "en": ", provisional"}
_CAUSES = {
    "days": {
        "zh": "国务院节假日安排已发布或更正",
        "en": "the State Council's notice on holidays came out or was corrected",
    },
    "rest": {"zh": "期限中止后恢复计算", "en": "the term rested and runs on"},
}


def reminder(clock: Clock) -> int:
    return tell(_duty(clock), "clock_reminder", _facts(clock), **_marks(clock, f"reminder:{clock.due_day}"))


def breached(clock: Clock) -> int:
    """The agency hears, and the bureau, once: the escalation."""
    told = [*_duty(clock), recipients.AUTHORITY]
    return tell(told, "clock_breached", _facts(clock), **_marks(clock, f"breached:{clock.due_day}"))


def moved(clock: Clock, before: datetime.date, cause: str) -> int:
    facts = {**_facts(clock), "before": before.isoformat(), "why": _CAUSES[cause]}
    key = f"moved:{before}:{clock.due_day}:{clock.provisional}:{clock.tables}"
    return tell(_all(clock), "clock_moved", facts, **_marks(clock, key))


def extended(clock: Clock) -> int:
    facts = {**_facts(clock), "reason": clock.extension_reason}
    return tell(_all(clock), "clock_extended", facts, **_marks(clock, "extended"))


def _duty(clock: Clock) -> list[str]:
    return [recipients.agency(clock.agency_id)] if clock.agency_id else [recipients.OPERATOR]


def _all(clock: Clock) -> list[str]:
    return [*_duty(clock), *clock.tell]


def _facts(clock: Clock) -> dict[str, Any]:
    kind = _KINDS[clock.kind]
    more = _PROVISIONAL if clock.provisional else {"zh": "", "en": ""}
    return {
        "thing": clock.thing or clock.case_id,
        "due": clock.due_day.isoformat(),
        "kind": {language: kind[language] + more[language] for language in kind},
    }


def _marks(clock: Clock, key: str) -> dict[str, Any]:
    return {"link": clock.link, "about": clock.case_id, "key": f"clock:{clock.id}:{key}"}
