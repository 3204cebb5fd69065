"""The tier that LYG-6 and LYG-7 propose from an officer's answers; the form shows it, a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .domain import OpenException, OpenTier

# Each question with the rule it comes from; the order is the order in which the form asks.
QUESTIONS: dict[str, str] = {
    "state_secret": "LYG-7",
    "public_security": "LYG-7",
    "trade_secret_or_privacy": "LYG-6",
    "internal_affairs": "LYG-7",
    "agreement_or_ip": "LYG-7",
    "other_law": "LYG-7",
    "high_security_demand": "LYG-6",
    "high_timeliness": "LYG-6",
    "continuous_supply": "LYG-6",
}
_CONDITIONAL = ("high_security_demand", "high_timeliness", "continuous_supply")


@dataclass(frozen=True)
class TierProposal:
    """A proposed tier, or a refusal for state secrets; `because` are the questions answered with yes that decided."""

    tier: OpenTier | None
    exception: OpenException | None
    because: tuple[str, ...]
    refused: bool = False


class UnansweredError(ValueError):
    """Questions without an answer; a tier is not proposed on silence."""

    def __init__(self, questions: tuple[str, ...]) -> None:
        self.questions = questions
        super().__init__("unanswered: " + ", ".join(questions))


def propose_tier(answers: Mapping[str, bool]) -> TierProposal:
    """The tier that follows from the answers; raises UnansweredError unless each question has one (LYG-6)."""
    missing = tuple(question for question in QUESTIONS if not isinstance(answers.get(question), bool))
    if missing:
        raise UnansweredError(missing)
    if answers["state_secret"]:
        return TierProposal(None, None, ("state_secret",), refused=True)
    closing = tuple(question.value for question in OpenException if answers[question.value])
    if closing:
        return TierProposal(OpenTier.NOT_OPEN, OpenException(closing[0]), closing)
    demanding = tuple(question for question in _CONDITIONAL if answers[question])
    if demanding:
        return TierProposal(OpenTier.CONDITIONAL, None, demanding)
    return TierProposal(OpenTier.UNCONDITIONAL, None, ())
