"""What comes nearest where nothing is found: titles with one of several words that were typed as one, and that it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import g, has_request_context

from .analysis import Synonyms
from .request import Answer, Request, are_words, read_request

_NOTE = "govdata_search_nearest"
_exactly: ContextVar[bool] = ContextVar("govdata_search_exactly", default=False)


def answered(
    search: Callable[[Request], Answer], q: str | None, parameters: Mapping[str, Any], synonyms: Synonyms
) -> tuple[Request, Answer]:
    """What a search finds, or else what comes nearest, each with the request that found it.

    Raises SearchEngineError for what cannot be read or searched.
    """
    request = read_request(q, parameters, synonyms)
    answer = search(request)
    if answer.count or _exactly.get() or not are_words(parameters):
        return request, answer
    nearest = read_request(q, parameters, synonyms, nearest=True)
    if nearest.query == request.query:
        return request, answer
    answer = search(nearest)
    if answer.count and has_request_context():
        setattr(g, _NOTE, {*getattr(g, _NOTE, ()), q})
    return nearest, answer


def comes_nearest(q: str | None) -> bool:
    """Whether what was found for these words in the request that is being answered merely comes nearest."""
    return has_request_context() and q in getattr(g, _NOTE, ())


@contextmanager
def exactly() -> Iterator[None]:
    """While it lasts, searches of this thread find nothing rather than what comes nearest."""
    token = _exactly.set(True)
    try:
        yield
    finally:
        _exactly.reset(token)
