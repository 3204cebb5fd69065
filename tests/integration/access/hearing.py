"""What a visitor hears of a closed file, whatever answers."""

from __future__ import annotations

import gzip
from typing import Any

from .stage import Dataset, Stage


def secrets_of(dataset: Dataset) -> tuple[str, ...]:
    return (dataset.open_word, dataset.closed_word, f"link{dataset.key}.example")


def said(answer: Any, asked: str = "") -> str:
    """All that an answer says: status line, headers, body, unpacked where it is packed. What was asked is taken out of it."""
    body = answer.get_data()
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    text = f"{answer.headers}\n{body.decode('utf-8', 'replace')}"
    return text.replace(asked, "") if asked else text


def leaked(dataset: Dataset, text: str) -> list[str]:
    return [word for word in secrets_of(dataset) if word in text]


def ask(app: Any, stage: Stage, visitor: str, path: str, method: str = "GET", **more: Any) -> Any:
    headers = {**stage.headers(visitor), **more.pop("headers", {})}
    client = app.test_client(use_cookies=False)
    return client.open(path, method=method, headers=headers, follow_redirects=False, **more)


def heard(app: Any, stage: Stage, visitor: str, path: str, method: str = "GET", **more: Any) -> str:
    """What a visitor hears; where CKAN's own page breaks down, the error that it would put into the log."""
    try:
        return said(ask(app, stage, visitor, path, method, **more), path)
    except Exception as error:  # noqa: BLE001
        return repr(error)
