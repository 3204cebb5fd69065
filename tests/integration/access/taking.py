"""Taking a file of a dataset in somebody's name."""

from __future__ import annotations

from typing import Any

from .stage import Dataset, Stage


def address(dataset: Dataset, file: str = "") -> str:
    return f"/dataset/{dataset.id}/resource/{file or dataset.file}/download"


def take(app: Any, stage: Stage, dataset: Dataset, visitor: str = "running", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.get(address(dataset), headers=stage.headers(visitor) | given, follow_redirects=False)
