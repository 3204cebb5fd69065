"""Words of agreements on the pages: where one stands, at which level somebody signed, when."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from ckan.plugins import toolkit as tk

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def govdata_agreement_step(step: str) -> str:
    """Where an agreement's document stands, and what comes next."""
    words: dict[str, str] = {
        "presented": tk._("Waits for the user's signature."),
        "signed": tk._("Signed by the user; waits for the agency's seal."),
        "sealed": tk._("Signed and sealed by both sides."),
        "void": tk._("Given up; nobody can sign it any more."),
    }
    return words.get(step, step)


def govdata_signature_level(level: str) -> str:
    """A level of signature, called what it is; `level` may have its number in front, as in a file."""
    words: dict[str, str] = {
        "agreed": tk._("Agreed signature (L1), sealed by the portal"),
        "own_certificate": tk._("Signature by the signer's own certificate (L2)"),
        "seal": tk._("Electronic seal (L3)"),
    }
    return words.get(level.split(" ")[-1], level)


def govdata_signature_time(stamp: str) -> str:
    """A moment in China's time, in words."""
    at = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(_SHANGHAI)
    if str(tk.h.lang()).startswith("zh"):
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.day} {at:%B %Y}, {at:%H:%M}"


HELPERS = {one.__name__: one for one in (govdata_agreement_step, govdata_signature_level, govdata_signature_time)}
