"""A portal with its people made once for a file of tests; between tests only some tables are emptied."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

_made: dict[str, Any] = {}


def once(request: pytest.FixtureRequest, name: str, tables: Iterable[str]) -> Any:
    """The fixture `name` of the file's first test that asked for it, with these tables empty."""
    key = f"{request.module.__name__}:{name}"
    if _made.get("of") != key:
        _made.clear()
        _made.update(of=key, value=request.getfixturevalue(name))
    else:
        request.getfixturevalue("with_plugins")
    model.Session.rollback()
    model.Session.execute(sa.text(f"TRUNCATE {', '.join(tables)} CASCADE"))
    _made["since"] = model.Session.execute(sa.text("SELECT clock_timestamp()")).scalar()
    model.Session.commit()
    return _made["value"]


def entries(action: str = "") -> list[dict[str, Any]]:
    """What the ledger has taken in since this test began, oldest first; the ledger itself lets nobody empty it."""
    model.Session.commit()
    rows = sa.text("SELECT entry FROM govdata_ledger.intake WHERE received_at >= :since ORDER BY received_at")
    found = [json.loads(bytes(row)) for row in model.Session.execute(rows, {"since": _made["since"]}).scalars()]
    return [entry for entry in found if not action or entry["event"]["action"] == action]
