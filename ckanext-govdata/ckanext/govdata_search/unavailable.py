"""What visitors and API clients are told while the index's server is gone: 503 and when to come again, not an error of theirs."""

from __future__ import annotations

import json

from ckan.plugins import toolkit as tk
from flask import Flask, Response, g, has_request_context

_NOTE = "govdata_search_unavailable"
_AGAIN_AFTER = "30"


def note() -> None:
    """Note for the request that is being answered, if any, that search could not be asked."""
    if has_request_context():
        setattr(g, _NOTE, True)


def watch(app: Flask) -> None:
    """Answer for requests that need search; whatever CKAN answered without it stays."""
    if app.after_request_funcs.get(None) is None or answer not in app.after_request_funcs[None]:
        app.after_request(answer)


def answer(response: Response) -> Response:
    """The response, or 503 where it says no more than that the search failed."""
    if not getattr(g, _NOTE, False):
        return response
    if tk.request.path.startswith("/api/"):
        return _told_to_client(response) if response.status_code >= 400 else response
    searching = str(tk.request.endpoint or "").endswith(".search")
    return _page() if searching or response.status_code >= 500 else response


def _words() -> str:
    return tk._("The search service does not answer at the moment. Nothing is lost; please try again in a minute.")


def _told_to_client(response: Response) -> Response:
    told = response.get_json(silent=True)
    held = told if isinstance(told, dict) else {}
    body = {**held, "success": False, "error": {"__type": "Search Unavailable", "message": _words()}}
    return _unavailable(json.dumps(body, ensure_ascii=False), "application/json; charset=utf-8")


def _page() -> Response:
    # CKAN gives each stylesheet once a request, and the page that is thrown away had them.
    g.pop("_webassets", None)
    return _unavailable(tk.render("govdata_search/unavailable.html", {"words": _words()}), "text/html; charset=utf-8")


def _unavailable(body: str, kind: str) -> Response:
    return Response(body, status=503, content_type=kind, headers={"Retry-After": _AGAIN_AFTER})
