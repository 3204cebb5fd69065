"""Identity documents: their formats as data, check digits by python-stdnum, masks, and one spelling for each number. Pure."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from .domain import Kind
from .errors import NumberRefused

_DROP = re.compile(r"[\s\-‐‑–—・·]+")
_ISSUER = re.compile(r"[A-Z]{3}")
_COUNTIES = numdb.get("cn/loc")


@dataclass(frozen=True)
class Document:
    """A kind of identity document: who has it, what its numbers look like, how many characters a mask leaves in sight."""

    key: str
    kind: Kind
    zh: str
    en: str
    pattern: re.Pattern[str]
    show: tuple[int, int]
    check: str = ""
    issuer: bool = False
    keep: int = 0

    def number(self, given: str, issuer: str = "") -> str:
        """The one spelling of a number, `ISSUER/` before it where the issuing state belongs to it.

        Raises NumberRefused with what is wrong, never with the number.
        """
        compact = _compact(given)
        if not self.pattern.fullmatch(compact):
            raise NumberRefused("malformed")
        if not _sound(self.check, compact):
            raise NumberRefused("wrong_check")
        if not self.issuer:
            return compact[: self.keep] if self.keep else compact
        state = _compact(issuer)
        if not _ISSUER.fullmatch(state):
            raise NumberRefused("issuer_missing")
        return f"{state}/{compact}"

    def masked(self, number: str) -> str:
        """A number fit to be shown: a few characters at both ends, never more than half of it."""
        issuer, _, bare = number.rpartition("/")
        first, last = self.show if sum(self.show) * 2 <= len(bare) else (0, 1)
        hidden = "*" * (len(bare) - first - last)
        return f"{issuer + ' ' if issuer else ''}{bare[:first]}{hidden}{bare[-last:]}"


@cache
def documents() -> dict[str, Document]:
    """The documents by key, in the order in which forms offer them."""
    rows = yaml.safe_load((Path(__file__).parent / "documents.yaml").read_text("utf-8"))
    return {row["key"]: _document(row) for row in rows}


def document_of(key: str, kind: Kind) -> Document:
    """A document that this sort of party may have; NumberRefused otherwise."""
    found = documents().get(key)
    if found is None:
        raise NumberRefused("unknown_document")
    if found.kind is not kind:
        raise NumberRefused("wrong_kind")
    return found


def _document(row: dict[str, object]) -> Document:
    given = {**row, "kind": Kind(row["kind"]), "pattern": re.compile(str(row["pattern"])), "show": tuple(row["show"])}  # type: ignore[arg-type]
    return Document(**given)  # type: ignore[arg-type]


def _compact(given: str) -> str:
    return _DROP.sub("", unicodedata.normalize("NFKC", given)).upper()


def _sound(check: str, number: str) -> bool:
    if check == "uscc":
        return number[-1] == uscc.calc_check_digit(number)
    if check == "ric" and len(number) == 18:
        return number[-1] == ric.calc_check_digit(number) and _is_card(number)
    return True


def _is_card(number: str) -> bool:
    """A card has a day in it, and a mainland resident's a county.

    The county is that of the first registration, which may have been made decades after the birth: so any county that ever was
    will do, where stdnum's own check asks for one of the year of birth.
    """
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    if born.year < 1880 or born > datetime.date.today():
        return False
    return number[0] in "89" or any("county" in found for _, found in _COUNTIES.info(number[:6]))
