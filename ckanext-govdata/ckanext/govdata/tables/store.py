"""Tables in CKAN's DataStore: made by its own action, filled by COPY, dropped by its own action."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.datastore.backend.postgres import get_write_engine, identifier

from .domain import Column, Sheet

# PostgreSQL's long names of the types that domain.type_of gives.
_SHORT = {"integer": "int4", "bigint": "int8", "timestamp without time zone": "timestamp"}


def portal_context(**more: Any) -> Context:
    """A context in which the portal itself acts."""
    context: Any = {"user": site_user().name, "ignore_auth": True, **more}
    return context


def site_user() -> model.User:
    """CKAN's own user, named like the site; made on the first call."""
    name = str(tk.config["ckan.site_id"])
    found = model.User.by_name(name)
    if found is None:
        found = model.User.get(tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])
    assert found is not None  # noqa: S101 - get_site_user made it
    return found


def columns_in_store(resource_id: str) -> list[Column]:
    """The columns that the table has now, in order; empty when there is no table."""
    wanted = sa.text(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = :name AND c.relkind = 'r' "
        "AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT IN ('_id', '_full_text') ORDER BY a.attnum"
    )
    with get_write_engine().connect() as connection:
        found = connection.execute(wanted, {"name": resource_id}).all()
    return [Column(str(name), _SHORT.get(str(kind), str(kind))) for name, kind in found]


def tables_in_store() -> set[str]:
    """The names of all tables of the DataStore, which are ids of resources."""
    with get_write_engine().connect() as connection:
        return set(connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())


def write_table(resource_id: str, columns: Sequence[Column], sheet: Sheet) -> None:
    """Put the rows in place of those that the table has; readers see the old rows or the new ones, never a part.

    A table of other columns is dropped and made anew. Raises tk.ValidationError when the DataStore refuses the columns.
    """
    if columns_in_store(resource_id) != list(columns):
        drop_table(resource_id)
        fields = [{"id": column.name, "type": column.type} for column in columns]
        order = {"resource_id": resource_id, "fields": fields, "force": True, "calculate_record_count": False}
        tk.get_action("datastore_create")(portal_context(), order)
    _copy(resource_id, columns, sheet)


def _copy(resource_id: str, columns: Sequence[Column], sheet: Sheet) -> None:
    table = identifier(resource_id)
    names = ", ".join(identifier(column.name) for column in columns)
    connection: Any = get_write_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} RESTART IDENTITY")
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)", _stream(sheet))
            cursor.execute(f"ANALYZE {table}")
        connection.commit()
    finally:
        connection.close()


def _stream(sheet: Sheet) -> io.StringIO:
    """The rows as PostgreSQL's CSV: an empty cell without quotes is NULL, all else is quoted."""
    return io.StringIO("".join(",".join(map(_quoted, row)) + "\n" for row in sheet.rows))


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def drop_table(resource_id: str) -> bool:
    """Remove the table with its rows; returns whether there was one."""
    if not columns_in_store(resource_id):
        return False
    with get_write_engine().begin() as connection:
        connection.execute(sa.text(f"DROP TABLE {identifier(resource_id)} CASCADE"))
    return True
