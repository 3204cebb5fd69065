"""Identity numbers of persons in what people write: a public answer, title or contribution that has one is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit as tk
from stdnum.cn import ric

# As written by hand or by program: seventeen digits and a check digit, with no digit around them.
_LIKE_A_NUMBER = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")


def has_number(text: str) -> bool:
    """Whether there is an identity number of a person whose check digit is right, in whatever width it is written."""
    plain = unicodedata.normalize("NFKC", text)
    return any(ric.is_valid(number) for number in _LIKE_A_NUMBER.findall(plain))


def demand_none(given: Mapping[str, Any], *names: str) -> None:
    """ValidationError for texts that everybody will read and that have such a number."""
    found = [name for name in names if has_number(str(given.get(name) or ""))]
    if found:
        words = tk._("There is somebody’s identity number in it, and everybody would read it. Leave it out.")
        raise tk.ValidationError({name: [words] for name in found})
