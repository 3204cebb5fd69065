"""The tables of the schema `govdata_ledger`, and the triggers that refuse what a ledger does not do.

The triggers fire ALWAYS, so that replication mode does not switch them off. Who may switch them off is the tables' owner:
in strict mode a role that nobody logs in as, in weak mode the portal's own role (see `mode`). No table is declared to
SQLAlchemy: CKAN's own cleaning and checking of tables does not know them, and they are not in its schema.
"""

from __future__ import annotations

from typing import Any

SCHEMA = "govdata_ledger"
TABLES = ("intake", "log", "tile", "checkpoint", "cosignature", "personal")

_TABLES = """
CREATE SCHEMA IF NOT EXISTS govdata_ledger;

CREATE TABLE IF NOT EXISTS govdata_ledger.intake (
    id uuid PRIMARY KEY,
    entry bytea NOT NULL CHECK (octet_length(entry) BETWEEN 2 AND 65535),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS govdata_ledger.log (
    seq bigint PRIMARY KEY CHECK (seq >= 0),
    id uuid NOT NULL UNIQUE,
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    entry bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS govdata_ledger.tile (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, index)
);
CREATE TABLE IF NOT EXISTS govdata_ledger.checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    note text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS govdata_ledger.cosignature (
    size bigint NOT NULL REFERENCES govdata_ledger.checkpoint,
    witness text NOT NULL,
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, witness)
);
CREATE TABLE IF NOT EXISTS govdata_ledger.personal (
    entry_id uuid PRIMARY KEY,
    opened jsonb NOT NULL CHECK (jsonb_typeof(opened) = 'object'),
    kept_until timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS personal_kept_until ON govdata_ledger.personal (kept_until);
"""

_GUARDS = """
CREATE OR REPLACE FUNCTION govdata_ledger.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
    RAISE EXCEPTION 'the ledger keeps what it has: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'Record what is right as a new entry.';
END $body$;

-- An entry leaves the intake only when the log has it.
CREATE OR REPLACE FUNCTION govdata_ledger.only_sequenced() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
    IF EXISTS (SELECT 1 FROM gone WHERE NOT EXISTS (SELECT 1 FROM govdata_ledger.log WHERE log.id = gone.id)) THEN
        RAISE EXCEPTION 'the ledger keeps what it has: an entry leaves the intake only into the log'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Let the sequencer run: ckan govdata ledger run.';
    END IF;
    RETURN NULL;
END $body$;

-- A personal value is deleted only after its term, and only together with the entry that says so.
CREATE OR REPLACE FUNCTION govdata_ledger.only_purged() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
    IF EXISTS (SELECT 1 FROM gone WHERE kept_until > now()) THEN
        RAISE EXCEPTION 'the ledger keeps what it has: a personal value is purged only after its term'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Wait for the end of the term.';
    END IF;
    IF EXISTS (SELECT 1 FROM gone) AND NOT EXISTS (
        SELECT 1 FROM govdata_ledger.intake
        WHERE intake.xmin::text = (txid_current() % 4294967296)::text
        AND position('"action":"ledger-purge"' IN convert_from(entry, 'UTF8')) > 0
    ) THEN
        RAISE EXCEPTION 'the ledger keeps what it has: a purge is itself an entry'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Purge with: ckan govdata ledger purge.';
    END IF;
    RETURN NULL;
END $body$;

-- A term may be prolonged; nothing else of a personal value changes.
CREATE OR REPLACE FUNCTION govdata_ledger.only_prolonged() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
    IF (NEW.entry_id, NEW.opened) IS DISTINCT FROM (OLD.entry_id, OLD.opened) OR NEW.kept_until < OLD.kept_until THEN
        RAISE EXCEPTION 'the ledger keeps what it has: of a personal value only the term changes, to a later day'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $body$;
"""

_BEFORE_ALL = "BEFORE {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION govdata_ledger.refuse()"
_AFTER_DELETE = "AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION {function}()"

# Table, name of the trigger, what it does.
TRIGGERS: tuple[tuple[str, str, str], ...] = (
    *(
        (table, "keep", _BEFORE_ALL.format(events="UPDATE OR DELETE OR TRUNCATE", table=f"{SCHEMA}.{table}"))
        for table in ("log", "tile", "checkpoint", "cosignature")
    ),
    ("intake", "keep", _BEFORE_ALL.format(events="UPDATE OR TRUNCATE", table=f"{SCHEMA}.intake")),
    ("intake", "only_sequenced", _AFTER_DELETE.format(table=f"{SCHEMA}.intake", function=f"{SCHEMA}.only_sequenced")),
    ("personal", "keep", _BEFORE_ALL.format(events="TRUNCATE", table=f"{SCHEMA}.personal")),
    ("personal", "only_purged", _AFTER_DELETE.format(table=f"{SCHEMA}.personal", function=f"{SCHEMA}.only_purged")),
    (
        "personal",
        "only_prolonged",
        f"BEFORE UPDATE ON {SCHEMA}.personal FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.only_prolonged()",
    ),
)


def create(cursor: Any) -> None:
    """Make the schema, its tables and their triggers where they are missing; what is there stays as it is.

    The tables belong to whoever runs this. Works on PostgreSQL 12 and newer.
    """
    cursor.execute(_TABLES)
    cursor.execute(_GUARDS)
    for table, name, words in TRIGGERS:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {SCHEMA}.{table}")
        cursor.execute(f"CREATE TRIGGER {name} {words}")
        cursor.execute(f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER {name}")
