"""Keeps identity numbers out of the log: CKAN's API writes down what it was sent, whole, at some levels."""

from __future__ import annotations

import logging
import re

# A run of 15 to 18 letters and digits with at least ten digits in it, as residents' and enterprises' numbers are.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?=(?:[A-Za-z]*[0-9]){10})[0-9A-Za-z]{15,18}(?![0-9A-Za-z])")
# Whatever stands behind the field's name, for passports and the like.
_FIELD = re.compile(r"""(['"]number['"]\s*:\s*)(['"])(?:(?!\2).)*\2""")
_LOGGERS = ("ckan.views.api",)


def redact(text: str) -> str:
    """A line without identity numbers."""
    return _NUMBER.sub("[number]", _FIELD.sub(r"\1'[number]'", text))


def _clean(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True


def keep_numbers_out_of_logs() -> None:
    """Called once at the start; calling it again changes nothing."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _clean not in logger.filters:
            logger.addFilter(_clean)
