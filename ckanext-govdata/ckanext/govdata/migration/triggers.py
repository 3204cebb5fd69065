"""Triggers as a table: whose they are, when they fire, and the function that they call."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op


def create_always(triggers: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Make triggers of (table, name, events, ROW or STATEMENT, function), each called `table_name`.

    Guarantee: replication mode does not switch them off.
    """
    for table, name, events, each, function in triggers:
        full = f"{table}_{name}"
        op.execute(f"CREATE TRIGGER {full} {events} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {full}")
