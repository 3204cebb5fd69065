"""What can go wrong with numbers and keys. Each says what and what to do; none ever carries the number. Pure."""

from __future__ import annotations


class PartyError(Exception):
    """The root of the errors of parties."""


class NumberRefused(PartyError):
    """An identity number is not one: `code` is unknown_document, wrong_kind, malformed, wrong_check or issuer_missing."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The identity number is refused: {code}.")
        self.code = code


class KeysMissing(PartyError):
    """A key that numbers are sealed with is not there, or its file cannot be used."""


class SealBroken(PartyError):
    """What was sealed has been changed, or belongs to another record."""
