"""What the views answer with: pages that no cache keeps, and the way to the sign-in page and back."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import make_response, request


def uncached(answer: Any) -> Any:
    """An answer that no cache keeps."""
    # CKAN adds "public" to whatever it finds unless told not to.
    request.environ["__no_cache__"] = True
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page(name: str, values: dict[str, Any], status: int = 200) -> Any:
    """A page of ours that no cache keeps, by the name of its template."""
    return uncached(make_response(tk.render(f"govdata_login/{name}.html", values), status))


def sign_in_first() -> Any:
    """Off to the sign-in page, and back here from it."""
    return tk.redirect_to("user.login", next=request.environ.get("CKAN_CURRENT_URL"))
