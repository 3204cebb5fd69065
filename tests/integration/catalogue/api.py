"""Calling the portal's API over HTTP as somebody."""

from __future__ import annotations

from typing import Any

Person = dict[str, Any]


def call(app: Any, action: str, person: Person | None = None, **data: Any) -> tuple[int, dict[str, Any]]:
    """Post to an action; the status and the whole answer."""
    headers = {"Authorization": person["token"]} if person else {}
    answer = app.post(f"/api/3/action/{action}", json=data, headers=headers)
    return answer.status_code, answer.json


def result(app: Any, action: str, person: Person | None = None, **data: Any) -> Any:
    """The result of an action that must succeed."""
    status, answer = call(app, action, person, **data)
    assert status == 200, answer
    return answer["result"]


def refusal(app: Any, action: str, person: Person | None = None, **data: Any) -> dict[str, Any]:
    """The error of an action that must be refused."""
    status, answer = call(app, action, person, **data)
    assert status != 200, answer
    return answer["error"]
