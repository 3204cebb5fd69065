"""Strict mode: the ledger's tables belong to a role that nobody logs in as, and each hand has only the rights it needs."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg2 import sql

from .tables import SCHEMA, TABLES, create

OWNER = "govdata_ledger_owner"
_LONGEST_NAME = 63

# The portal records and reads; the keeper (sequencer, purge) moves entries into the log and deletes what is over.
_PORTAL = {"intake": "INSERT", "personal": "INSERT, UPDATE (kept_until)", "cosignature": "INSERT"}
_KEEPER = {
    "intake": "INSERT, DELETE",
    "log": "INSERT",
    "tile": "INSERT",
    "checkpoint": "INSERT",
    "cosignature": "INSERT",
    "personal": "DELETE",
}


def keeper_of(database: str) -> str:
    """The name of the role that runs the sequencer on this database; roles are the whole cluster's."""
    return f"govdata_ledger_keeper_{database}"[:_LONGEST_NAME]


def setup(connection: Any, portal_role: str, password: str | None = None) -> tuple[str, str]:
    """Put the ledger of the connection's database into strict mode; may be repeated, also on a ledger in weak mode.

    `connection` is psycopg2's, of a superuser, on the portal's database. `portal_role` is the role of CKAN's
    `sqlalchemy.url`. Returns name and password of the keeper's role; without a given password each call makes a new one.
    One transaction: it is all done, or nothing.
    """
    password = password or secrets.token_urlsafe(24)
    with connection, connection.cursor() as cursor:
        keeper = keeper_of(connection.info.dbname)
        _make_role(cursor, OWNER, sql.SQL("NOLOGIN"))
        _make_role(cursor, keeper, sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(password)))
        create(cursor)
        _own(cursor)
        _grant(cursor, portal_role, _PORTAL)
        _grant(cursor, keeper, _KEEPER)
        words = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
        cursor.execute(words.format(sql.Identifier(connection.info.dbname), sql.Identifier(keeper)))
    return keeper, password


def _make_role(cursor: Any, name: str, words: sql.Composable) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
    plain = sql.SQL("{} ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {}")
    cursor.execute(plain.format(verb, sql.Identifier(name), words))


def _own(cursor: Any) -> None:
    """Give schema, tables and functions to the owner, and take every right from everybody else."""
    owner = sql.Identifier(OWNER)
    cursor.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(sql.Identifier(SCHEMA), owner))
    for table in TABLES:
        cursor.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(SCHEMA, table), owner))
    for name in ("refuse", "only_sequenced", "only_purged", "only_prolonged"):
        function = sql.Identifier(SCHEMA, name)
        cursor.execute(sql.SQL("ALTER FUNCTION {}() OWNER TO {}").format(function, owner))
        cursor.execute(sql.SQL("REVOKE ALL ON FUNCTION {}() FROM PUBLIC").format(function))
    cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC").format(sql.Identifier(SCHEMA)))
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM PUBLIC").format(sql.Identifier(SCHEMA)))


def _grant(cursor: Any, role: str, rights: dict[str, str]) -> None:
    schema, receiver = sql.Identifier(SCHEMA), sql.Identifier(role)
    cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(schema, receiver))
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(schema, receiver))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, receiver))
    cursor.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, receiver))
    for table, words in rights.items():
        cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(words), sql.Identifier(SCHEMA, table), receiver))
