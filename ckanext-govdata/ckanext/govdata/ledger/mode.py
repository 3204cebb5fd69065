"""How well the database itself guards the ledger: strict, or weak and why."""

from __future__ import annotations

from dataclasses import dataclass

from .reading import Run
from .tables import SCHEMA, TABLES, TRIGGERS


@dataclass(frozen=True)
class Mode:
    """`strict` when no shortcoming was found; each shortcoming is a sentence that says who could change what."""

    shortcomings: tuple[str, ...]

    @property
    def strict(self) -> bool:
        return not self.shortcomings


def mode(run: Run, role: str | None = None) -> Mode:
    """Look at owners, rights and triggers as they are now, for the portal's role (the connection's own unless named)."""
    role = role or str(run("SELECT current_user", ())[0][0])
    return Mode((*_of_role(run, role), *_of_tables(run, role), *_of_triggers(run)))


def _of_role(run: Run, role: str) -> list[str]:
    rows = run("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", (role,))
    superuser, makes_roles = rows[0] if rows else (False, False)
    if superuser:
        return [
            f"The portal's database role {role} is a superuser and could switch every guard off: make it NOSUPERUSER."
        ]
    if makes_roles:
        return [
            f"The portal's database role {role} may make roles, and so act as the tables' owner: make it NOCREATEROLE."
        ]
    return []


def _of_tables(run: Run, role: str) -> list[str]:
    rows = run(
        "SELECT c.relname, pg_get_userbyid(c.relowner), pg_has_role(%s, c.relowner, 'MEMBER'),"
        " has_table_privilege(%s, c.oid, 'UPDATE') OR has_table_privilege(%s, c.oid, 'TRUNCATE')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind = 'r' ORDER BY c.relname",
        (role, role, role, SCHEMA),
    )
    missing = set(TABLES) - {str(row[0]) for row in rows}
    words = [f"The table {SCHEMA}.{name} is missing: run ckan govdata ledger setup." for name in sorted(missing)]
    owners = sorted({str(owner) for _name, owner, owns, _may_change in rows if owns})
    if owners:
        words.append(
            f"The tables of {SCHEMA} belong to {', '.join(owners)}, which the portal's role {role} can act as: it could switch"
            " the guards off. Run ckan govdata ledger setup with a superuser of the database."
        )
    words += [
        f"The portal's role {role} may change or empty {SCHEMA}.{name}: run ckan govdata ledger setup."
        for name, _owner, owns, may_change in rows
        if may_change and not owns
    ]
    return words


def _of_triggers(run: Run) -> list[str]:
    rows = run(
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND NOT t.tgisinternal",
        (SCHEMA,),
    )
    enabled = {(str(table), str(name)) for table, name, state in rows if _text(state) == "A"}
    return [
        f"The guard {name} of {SCHEMA}.{table} is missing or switched off: somebody has tampered with the tables."
        for table, name, _words in TRIGGERS
        if (table, name) not in enabled
    ]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
