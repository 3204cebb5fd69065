"""Messages that a job sends, in the language of whoever asked for them.

Outside a request CKAN's words are English, and its templates of mails cannot be rendered at all. So a job does its work in a
request of its own, with the language of the one that asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.config import middleware
from ckan.plugins import toolkit as tk
from flask import has_request_context


def later(job: Callable[..., None], *given: Any, title: str) -> None:
    """Have a job done by a worker, in the language of this request."""
    tk.enqueue_job(spoken, [language(), job, *given], title=title)


def language() -> str:
    """The language of this request; outside of one, the portal's own."""
    return str(tk.h.lang() if has_request_context() else _own())


def _own() -> str:
    return str(tk.config.get("ckan.locale_default") or "en")


def spoken(language: str, job: Callable[..., None], *given: Any) -> None:
    """Do a job in a language; a job itself."""
    made = middleware._internal_test_request_context
    if made is None:
        raise RuntimeError("CKAN's application was not made in this process, so that no message can be written.")
    words = {"CKAN_LANG": language, "CKAN_LANG_IS_DEFAULT": language == _own()}
    with made.app.test_request_context(environ_overrides=words):
        job(*given)
