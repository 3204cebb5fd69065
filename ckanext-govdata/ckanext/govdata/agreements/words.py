"""Errors of agreements as CKAN's, in the reader's language."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ckan import model
from ckan.plugins import toolkit as tk

from .errors import AgreementError, KeysMissing

logger = logging.getLogger(__name__)


def translated(error: AgreementError) -> str:
    """The error's sentence."""
    return tk._(error.message).format(**{name: _word(value) for name, value in error.values.items()})


def _word(value: object) -> object:
    return tk._(value) if isinstance(value, str) and value and value.isascii() else value


@contextmanager
def refused() -> Iterator[None]:
    """Nothing is kept of a refused step, and the reader is told beside its field."""
    try:
        yield
    except AgreementError as error:
        model.Session.rollback()
        if isinstance(error, KeysMissing):
            logger.error("Agreements cannot be sealed: %s", error.detail)
        raise tk.ValidationError({error.field: [translated(error)]}) from error
