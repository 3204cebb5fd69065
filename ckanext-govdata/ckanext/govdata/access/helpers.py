"""What templates ask of the gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from .gate import message, verdict_for_package


def govdata_verdict(package_id: str) -> dict[str, Any]:
    """What the gate says to this reader of a dataset's files: `allowed`, `reason` (a code) and `message` (in words)."""
    package = model.Package.get(package_id)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    user = tk.current_user if tk.current_user.is_authenticated else None
    verdict = verdict_for_package(package, user)
    return {"allowed": verdict.allowed, "reason": verdict.reason.value, "message": message(verdict.reason)}


HELPERS: dict[str, Callable[..., Any]] = {"govdata_verdict": govdata_verdict}
