"""Taking lists in by the command, and what the catalogue then holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from click.testing import CliRunner

from ckanext.govdata_harvest.cli import govdata_harvest

Written = Callable[[], Any]


def run(*arguments: object) -> dict[str, Any]:
    """The report of a command as its JSON says it."""
    result = CliRunner().invoke(govdata_harvest, [*map(str, arguments), "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def stored(**extras: str) -> list[model.Package]:
    """The entries whose fields hold these words."""
    model.Session.expire_all()
    found = model.Session.query(model.Package).filter(model.Package.state == "active")
    return [
        package for package in found if all((package.extras or {}).get(key) == word for key, word in extras.items())
    ]


def adds_up(report: dict[str, Any]) -> None:
    """Whether the counts of a report add up."""
    taken = report["added"] + report["changed"] + report["unchanged"]
    assert report["read"] == taken + report["refused"] + report["duplicates"]
    assert taken == sum(report["tiers"].values()) == report["taken"] + report["held"]


@contextmanager
def writing_statements() -> Iterator[list[str]]:
    """The statements that write to tables of datasets, of the search engine or of activities while this is open."""
    tables = (
        "package",
        "resource",
        "tag",
        "package_tag",
        "member",
        "activity",
        "govdata_search_document",
        "govdata_tier",
    )
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.replace('"', " ").split()
        if words[0].upper() in ("INSERT", "UPDATE", "DELETE") and any(word.startswith(tables) for word in words[1:3]):
            found.append(statement)

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as a list: a new edition of the same one each time."""

    def write(rows: list[dict[str, Any]], name: str = "jiangpu.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        return path

    return write
