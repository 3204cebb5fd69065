"""Emptying the tables of cases, which refuse to be emptied: as their owner, with the guards off."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

# The guarded tables; rooms with tables that hang on cases are taken along.
_GUARDED = ("govdata_case", "govdata_case_event", "govdata_transition", "govdata_machine")
_TRIGGERS = """
SELECT c.relname AS "table", t.tgname AS "trigger" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relname IN ('govdata_case', 'govdata_case_event', 'govdata_transition', 'govdata_machine')
"""


def empty_cases(machine: str | None = None) -> None:
    """Leave no case behind; machines and their transitions stay, but for the one named."""
    model.Session.rollback()
    with model.meta.engine.begin() as connection:
        if connection.execute(sa.text("SELECT to_regclass('govdata_case')")).scalar() is None:
            return
        for table in _GUARDED:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(sa.text("TRUNCATE govdata_case, govdata_case_event CASCADE"))
        for table, column in (("govdata_transition", "machine"), ("govdata_machine", "name")):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE {column} = :machine"), {"machine": machine})
        for name in connection.execute(sa.text(_TRIGGERS)).all():
            connection.execute(sa.text(f"ALTER TABLE {name.table} ENABLE ALWAYS TRIGGER {name.trigger}"))
