"""What can go wrong with agreements. Each error builds its own message from a msgid and values; actions translate it."""

from __future__ import annotations

from typing import Any

from ..msgids import N_


class AgreementError(Exception):
    """`field` says where; `message` is a msgid with places for `values`."""

    message = N_("The agreement cannot be made.")

    def __init__(self, field: str = "id", message: str = "", **values: Any) -> None:
        self.field, self.message, self.values = field, message or self.message, values
        super().__init__(self.message.format(**values))


class ConditionUnknown(AgreementError):
    """A use code that the vocabulary has not, or one whose value is missing or malformed."""


class TextInvalid(AgreementError):
    """A model text that is not whole."""


class GlyphMissing(AgreementError):
    """A character that no font here can print, with the place where it stands (LYG-19: nothing is left out silently)."""

    message = N_(
        "The character {character} (U+{number}) in {place} cannot be printed: no font here has it. Correct it, or ask the"
        " operator to add a font that has it."
    )


class TooLong(AgreementError):
    """A text or list beyond what an agreement takes."""

    message = N_("{place} has {size}, at most {most} fit into an agreement.")


class NotSignable(AgreementError):
    """The document stands where this signature is not the next step."""


class SignatureRefused(AgreementError):
    """A signature from outside that does not hold: another document, another certificate, damaged."""


class ServiceDown(AgreementError):
    """The timestamp or seal service gave no answer. Nothing is effective; the step is tried again by itself."""

    message = N_("{service} does not answer, so the agreement is not effective yet. The portal tries again by itself.")


class SealMissing(AgreementError):
    """The seal service has no seal of this agency."""

    message = N_("The seal service has no seal of this agency. Seal the agreement again, without it.")


class KeysMissing(AgreementError):
    """The operator's fault: there are no keys to seal with, or others may read them."""

    message = N_("The portal cannot seal at the moment. Please tell the operator of the portal.")

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__()
