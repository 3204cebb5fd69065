"""Emptying the tables of cases, which refuse to be emptied: as their owner, with the guards off."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

# The guarded tables; rooms with tables that hang on cases are taken along.
_GUARDED = ("govdata_case", "govdata_case_event", "govdata_transition", "govdata_machine")
_HANGING = ("govdata_application", "govdata_agreement", "govdata_agreement_obligation")
_TRIGGERS = """
SELECT c.relname AS "table", t.tgname AS "trigger" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relname = ANY (:tables)
"""


def empty_cases(machine: str | None = None) -> None:
    """Leave no case behind; machines and their transitions stay, but for the one named."""
    model.Session.rollback()
    with model.meta.engine.begin() as connection:
        there = sa.text("SELECT relname FROM pg_class WHERE relname = ANY (:tables) AND relkind = 'r'")
        tables = list(connection.execute(there, {"tables": [*_GUARDED, *_HANGING]}).scalars())
        if "govdata_case" not in tables:
            return
        for table in tables:
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(sa.text("TRUNCATE govdata_case, govdata_case_event CASCADE"))
        for table, column in (("govdata_transition", "machine"), ("govdata_machine", "name")):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE {column} = :machine"), {"machine": machine})
        for name in connection.execute(sa.text(_TRIGGERS), {"tables": tables}).all():
            connection.execute(sa.text(f"ALTER TABLE {name.table} ENABLE ALWAYS TRIGGER {name.trigger}"))
