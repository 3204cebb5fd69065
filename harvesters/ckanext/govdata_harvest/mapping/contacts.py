"""How to reach the unit that provides the data; numbers of persons, masked numbers and names are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .text import clipped, one_line
from .vocabulary import is_placeholder

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_MASKED = re.compile(r"[\dxX]*[*＊]{2,}[\d*＊]*")
_DIGITS = re.compile(r"\d{5,}|\d{3,4}[-－—)）]\s*\d{6,}")
_LIMIT = 100


def contacts_in(values: Sequence[Any]) -> tuple[str, str, bool]:
    """Telephone and e-mail of the unit, and whether a person's mobile number was left out."""
    text = " ".join(
        one_line(value) for value in values if not is_placeholder(value) and not isinstance(value, (dict, list))
    )
    mails = _MAIL.findall(text)
    rest = _MASKED.sub(" ", _MAIL.sub(" ", text))
    phone = _MOBILE.sub(" ", rest)
    personal = phone != rest
    phone = " ".join(phone.split()).strip("，,;；、/ ")
    return (clipped(phone, _LIMIT) if _DIGITS.search(phone) else "", mails[0] if mails else "", personal)
