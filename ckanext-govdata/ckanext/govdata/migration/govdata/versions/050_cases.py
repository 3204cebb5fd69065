"""Cases: machines, their transitions, cases and events, with the keys and triggers that hold them together.

Revision ID: 050
Revises: 040
"""

from alembic import op

from ckanext.govdata.migration.triggers import create_always

revision = "050"
down_revision = "040"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE IF NOT EXISTS govdata_machine (
    name text PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    digest text NOT NULL,
    installed_at timestamp NOT NULL
);

-- A state '' is the one before a case's first event.
CREATE TABLE IF NOT EXISTS govdata_transition (
    machine text NOT NULL REFERENCES govdata_machine (name),
    from_state text NOT NULL,
    command text NOT NULL CHECK (command <> ''),
    to_state text NOT NULL CHECK (to_state <> ''),
    role text NOT NULL CHECK (role <> ''),
    needs text NOT NULL CHECK (needs IN ('none', 'reason', 'basis', 'either', 'both', 'pack')),
    apart text NOT NULL CHECK (apart IN ('none', 'opener', 'last', 'all')),
    in_force boolean NOT NULL,
    PRIMARY KEY (machine, from_state, command, to_state, role)
);
CREATE UNIQUE INDEX IF NOT EXISTS govdata_transition_one
    ON govdata_transition (machine, from_state, command, role) WHERE in_force;

CREATE TABLE IF NOT EXISTS govdata_case (
    id text PRIMARY KEY,
    machine text NOT NULL REFERENCES govdata_machine (name),
    state text NOT NULL,
    n integer NOT NULL CHECK (n >= 0),
    demands text CHECK (demands IN ('reason', 'basis', 'either', 'both')),
    agency text,
    dataset text,
    party text,
    officer text,
    subject text NOT NULL,
    opened_by text NOT NULL CHECK (opened_by <> ''),
    opened_at timestamp NOT NULL,
    moved_at timestamp NOT NULL,
    UNIQUE (id, machine)
);
CREATE INDEX IF NOT EXISTS govdata_case_of_agency ON govdata_case (machine, agency, state, moved_at);
CREATE INDEX IF NOT EXISTS govdata_case_of_opener ON govdata_case (opened_by, machine);
CREATE INDEX IF NOT EXISTS govdata_case_of_party ON govdata_case (party, machine);
CREATE INDEX IF NOT EXISTS govdata_case_of_dataset ON govdata_case (dataset, machine);
CREATE INDEX IF NOT EXISTS govdata_case_newest ON govdata_case (machine, opened_at DESC);

CREATE TABLE IF NOT EXISTS govdata_case_event (
    case_id text NOT NULL,
    n integer NOT NULL CHECK (n >= 1),
    prev_n integer GENERATED ALWAYS AS (nullif(n - 1, 0)) STORED,
    machine text NOT NULL,
    from_state text NOT NULL,
    command text NOT NULL,
    to_state text NOT NULL,
    role text NOT NULL,
    done_by text NOT NULL CHECK (done_by <> ''),
    done_at timestamp NOT NULL,
    needs text NOT NULL CHECK (needs IN ('none', 'reason', 'basis', 'either', 'both')),
    reason text NOT NULL,
    basis text NOT NULL,
    demands text CHECK (demands IN ('reason', 'basis', 'either', 'both')),
    facts jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
    entry uuid NOT NULL UNIQUE,
    PRIMARY KEY (case_id, n),
    UNIQUE (case_id, n, to_state),
    CONSTRAINT govdata_case_event_first CHECK ((n = 1) = (from_state = '')),
    CONSTRAINT govdata_case_event_words CHECK (
        CASE needs
            WHEN 'reason' THEN reason ~ '\\S'
            WHEN 'basis' THEN basis ~ '\\S'
            WHEN 'either' THEN reason ~ '\\S' OR basis ~ '\\S'
            WHEN 'both' THEN reason ~ '\\S' AND basis ~ '\\S'
            ELSE true
        END
    ),
    CONSTRAINT govdata_case_event_case FOREIGN KEY (case_id, machine) REFERENCES govdata_case (id, machine),
    CONSTRAINT govdata_case_event_chain FOREIGN KEY (case_id, prev_n, from_state)
        REFERENCES govdata_case_event (case_id, n, to_state),
    CONSTRAINT govdata_case_event_transition FOREIGN KEY (machine, from_state, command, to_state, role)
        REFERENCES govdata_transition (machine, from_state, command, to_state, role)
);
CREATE INDEX IF NOT EXISTS govdata_case_event_of_person ON govdata_case_event (done_by);

-- The row of a case stands where its last event has left it; a case without an event is not committed.
ALTER TABLE govdata_case ADD CONSTRAINT govdata_case_stands FOREIGN KEY (id, n, state)
    REFERENCES govdata_case_event (case_id, n, to_state) DEFERRABLE INITIALLY DEFERRED;
"""

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION govdata_case_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'cases keep their history: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'Take a step of the case instead.';
END $body$;

-- Transitions come with the entry of the ledger that says so, in the same transaction.
CREATE OR REPLACE FUNCTION govdata_transition_recorded() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM govdata_ledger.intake
        WHERE intake.xmin::text = (txid_current() % 4294967296)::text
        AND convert_from(entry, 'UTF8')::jsonb #>> '{event,action}' = 'machine-installed'
    ) THEN
        RAISE EXCEPTION 'a machine is changed by the portal''s code, on record; % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $body$;

CREATE OR REPLACE FUNCTION govdata_case_begin() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.n <> 0 OR NEW.state <> '' OR NEW.demands IS NOT NULL THEN
        RAISE EXCEPTION 'case % has to begin before its first event', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION govdata_case_follow() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    e govdata_case_event;
BEGIN
    IF (NEW.id, NEW.machine, NEW.dataset, NEW.party, NEW.opened_by, NEW.opened_at)
        IS DISTINCT FROM (OLD.id, OLD.machine, OLD.dataset, OLD.party, OLD.opened_by, OLD.opened_at) THEN
        RAISE EXCEPTION 'what case % is about does not change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.n, NEW.state, NEW.moved_at, NEW.demands) IS NOT DISTINCT FROM (OLD.n, OLD.state, OLD.moved_at, OLD.demands) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO e FROM govdata_case_event WHERE case_id = NEW.id AND n = NEW.n;
    IF NOT FOUND OR NEW.n <> OLD.n + 1 OR NEW.state <> e.to_state OR NEW.moved_at <> e.done_at
        OR NEW.demands IS DISTINCT FROM coalesce(OLD.demands, e.demands) THEN
        RAISE EXCEPTION 'case % moves by its events alone', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION govdata_case_step() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    c govdata_case;
    t govdata_transition;
    document jsonb;
BEGIN
    SELECT * INTO c FROM govdata_case WHERE id = NEW.case_id FOR UPDATE;
    IF NOT FOUND OR NEW.n <> c.n + 1 OR NEW.from_state <> c.state OR NEW.machine <> c.machine THEN
        RAISE EXCEPTION 'event % does not follow where case % stands', NEW.n, NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO t FROM govdata_transition WHERE machine = NEW.machine AND from_state = NEW.from_state
        AND command = NEW.command AND to_state = NEW.to_state AND role = NEW.role AND in_force;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no transition of % leads from % by % to % for %',
            NEW.machine, NEW.from_state, NEW.command, NEW.to_state, NEW.role USING ERRCODE = 'check_violation';
    END IF;
    IF (t.apart = 'opener' AND NEW.done_by = c.opened_by)
        OR (t.apart = 'last' AND NEW.done_by =
            (SELECT done_by FROM govdata_case_event WHERE case_id = NEW.case_id AND n = c.n))
        OR (t.apart = 'all' AND EXISTS
            (SELECT 1 FROM govdata_case_event WHERE case_id = NEW.case_id AND done_by = NEW.done_by)) THEN
        RAISE EXCEPTION '% of case % takes another person', NEW.command, NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.n = 1 AND NEW.done_by <> c.opened_by THEN
        RAISE EXCEPTION 'case % is opened by somebody else', NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.demands IS NOT NULL AND c.demands IS NOT NULL AND NEW.demands <> c.demands THEN
        RAISE EXCEPTION 'what case % demands is said once', NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    -- Whatever the writer says, the step needs what its machine and its case demand.
    NEW.needs := CASE t.needs WHEN 'pack' THEN coalesce(c.demands, 'either') ELSE t.needs END;
    SELECT convert_from(entry, 'UTF8')::jsonb INTO document FROM govdata_ledger.intake WHERE id = NEW.entry;
    IF document IS NULL OR document #>> '{event,action}' <> NEW.machine || '-' || NEW.command
        OR document #>> '{govdata,case,id}' IS DISTINCT FROM NEW.case_id
        OR document #>> '{govdata,case,n}' IS DISTINCT FROM NEW.n::text THEN
        RAISE EXCEPTION 'event % of case % has no entry in the ledger', NEW.n, NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION govdata_case_moved() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    UPDATE govdata_case SET n = NEW.n, state = NEW.to_state, moved_at = NEW.done_at,
        demands = coalesce(demands, NEW.demands) WHERE id = NEW.case_id;
    RETURN NULL;
END $body$;
"""

_TRIGGERS = (
    ("govdata_machine", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_case_refuse"),
    ("govdata_machine", "recorded", "AFTER INSERT OR UPDATE", "STATEMENT", "govdata_transition_recorded"),
    ("govdata_transition", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_case_refuse"),
    ("govdata_transition", "recorded", "AFTER INSERT OR UPDATE", "STATEMENT", "govdata_transition_recorded"),
    ("govdata_case", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_case_refuse"),
    ("govdata_case", "begin", "BEFORE INSERT", "ROW", "govdata_case_begin"),
    ("govdata_case", "follow", "BEFORE UPDATE", "ROW", "govdata_case_follow"),
    ("govdata_case_event", "keep", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "govdata_case_refuse"),
    ("govdata_case_event", "step", "BEFORE INSERT", "ROW", "govdata_case_step"),
    ("govdata_case_event", "moved", "AFTER INSERT", "ROW", "govdata_case_moved"),
)


def upgrade():
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    create_always(_TRIGGERS)


def downgrade():
    op.execute("ALTER TABLE govdata_case DROP CONSTRAINT govdata_case_stands")
    for table in ("govdata_case_event", "govdata_case", "govdata_transition", "govdata_machine"):
        op.drop_table(table)
    for name in ("step", "moved", "follow", "begin", "refuse"):
        op.execute(f"DROP FUNCTION govdata_case_{name}()")
    op.execute("DROP FUNCTION govdata_transition_recorded()")
