"""Agreements with their duties; a grant under an agreement hangs on an effective one, inside its term, and alone.

Revision ID: 071
Revises: 070
"""

from alembic import op

revision = "071"
down_revision = "070"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE govdata_agreement (
    id text PRIMARY KEY REFERENCES govdata_case (id),
    application_id text,
    package_id text NOT NULL,
    party_id text NOT NULL,
    title text NOT NULL,
    state text NOT NULL,
    live boolean GENERATED ALWAYS AS (state IN ('effective', 'noticed', 'expired')) STORED,
    starts_at timestamp NOT NULL,
    ends_at timestamp NOT NULL,
    items jsonb NOT NULL,
    files jsonb NOT NULL,
    modes jsonb NOT NULL,
    addresses jsonb NOT NULL,
    quota integer CHECK (quota > 0),
    conditions jsonb NOT NULL,
    clauses jsonb NOT NULL,
    operation boolean NOT NULL,
    supersedes text,
    document text NOT NULL UNIQUE,
    sha256 text NOT NULL,
    created_at timestamp NOT NULL,
    CHECK (starts_at < ends_at),
    -- GY-c6: authorised operation lasts at most three years.
    CONSTRAINT govdata_agreement_operation CHECK (NOT operation OR ends_at <= starts_at + interval '3 years 1 day'),
    UNIQUE (id, package_id, party_id, live)
);
CREATE INDEX govdata_agreement_of_application ON govdata_agreement (application_id);
CREATE INDEX govdata_agreement_of_package ON govdata_agreement (package_id);
CREATE INDEX govdata_agreement_of_party ON govdata_agreement (party_id);
CREATE INDEX govdata_agreement_ending ON govdata_agreement (state, ends_at);

CREATE TABLE govdata_agreement_obligation (
    id text PRIMARY KEY,
    agreement_id text NOT NULL REFERENCES govdata_agreement (id),
    duty text NOT NULL CHECK (duty IN ('report_use', 'destroy')),
    due date NOT NULL,
    met_at timestamp,
    met_by text,
    words text NOT NULL,
    CHECK ((met_at IS NULL) = (met_by IS NULL)),
    UNIQUE (agreement_id, duty, due)
);
CREATE INDEX govdata_agreement_obligation_due ON govdata_agreement_obligation (due) WHERE met_at IS NULL;

-- The row's state is the case's, and the terms are those that were presented.
CREATE OR REPLACE FUNCTION govdata_agreement_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM govdata_case WHERE id = NEW.id AND machine = 'agreement' AND state = NEW.state
        AND dataset = NEW.package_id AND party = NEW.party_id
    ) THEN
        RAISE EXCEPTION 'agreement % stands where its case does', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'presented' THEN
            RAISE EXCEPTION 'agreement % begins when it is presented', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.package_id, NEW.party_id, NEW.starts_at, NEW.ends_at, NEW.items, NEW.files, NEW.modes, NEW.addresses,
            NEW.quota, NEW.conditions, NEW.clauses, NEW.operation, NEW.supersedes, NEW.application_id, NEW.document)
        IS DISTINCT FROM
        (OLD.id, OLD.package_id, OLD.party_id, OLD.starts_at, OLD.ends_at, OLD.items, OLD.files, OLD.modes, OLD.addresses,
            OLD.quota, OLD.conditions, OLD.clauses, OLD.operation, OLD.supersedes, OLD.application_id, OLD.document)
        OR (OLD.sha256 <> '' AND NEW.sha256 <> OLD.sha256) THEN
        RAISE EXCEPTION 'the terms of agreement % do not change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'expired' AND OLD.state <> 'expired' AND (now() AT TIME ZONE 'UTC') < NEW.ends_at THEN
        RAISE EXCEPTION 'the term of agreement % is not over', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER govdata_agreement_kept BEFORE INSERT OR UPDATE ON govdata_agreement
    FOR EACH ROW EXECUTE FUNCTION govdata_agreement_kept();
ALTER TABLE govdata_agreement ENABLE ALWAYS TRIGGER govdata_agreement_kept;

CREATE OR REPLACE FUNCTION govdata_agreement_moved() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    UPDATE govdata_agreement SET state = NEW.state WHERE id = NEW.id;
    RETURN NULL;
END $body$;
CREATE TRIGGER govdata_agreement_moved AFTER UPDATE OF state ON govdata_case
    FOR EACH ROW WHEN (NEW.machine = 'agreement') EXECUTE FUNCTION govdata_agreement_moved();
ALTER TABLE govdata_case ENABLE ALWAYS TRIGGER govdata_agreement_moved;

-- A running grant under an agreement: an effective agreement of that party on that dataset, checked when a transaction ends.
ALTER TABLE govdata_grant ADD COLUMN rests_on_live boolean
    GENERATED ALWAYS AS (CASE WHEN kind = 'agreement' AND state = 'running' THEN true END) STORED;
ALTER TABLE govdata_grant ADD CONSTRAINT govdata_grant_agreement
    FOREIGN KEY (agreement, package_id, party_id, rests_on_live)
    REFERENCES govdata_agreement (id, package_id, party_id, live) DEFERRABLE INITIALLY DEFERRED NOT VALID;

-- Data shared between agencies belongs to an agency, and hangs on its supplied application.
ALTER TABLE govdata_grant ADD COLUMN agency_id text;
CREATE INDEX ix_govdata_grant_agency_id ON govdata_grant (agency_id);
ALTER TABLE govdata_grant DROP CONSTRAINT govdata_grant_holder;
ALTER TABLE govdata_grant ADD CONSTRAINT govdata_grant_holder CHECK (
    kind = 'agreement' AND party_id IS NOT NULL AND user_id IS NULL AND agency_id IS NULL AND agreement <> ''
    OR kind = 'sharing' AND agency_id IS NOT NULL AND party_id IS NULL AND user_id IS NULL AND agreement <> ''
    OR kind = 'inspection' AND user_id IS NOT NULL AND party_id IS NULL AND agency_id IS NULL
);

-- Inside the agreement's term.
CREATE OR REPLACE FUNCTION govdata_grant_inside() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.kind = 'agreement' AND NOT EXISTS (
        SELECT 1 FROM govdata_agreement
        WHERE id = NEW.agreement AND starts_at <= NEW.starts_at AND ends_at >= NEW.ends_at
    ) THEN
        RAISE EXCEPTION 'grant % is not inside the term of an agreement', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'sharing' AND NOT EXISTS (
        SELECT 1 FROM govdata_application a JOIN govdata_case c ON c.id = a.id
        WHERE a.id = NEW.agreement AND a.kind = 'sharing' AND a.applicant_agency = NEW.agency_id
        AND a.package_id = NEW.package_id AND c.state = 'supplied'
    ) THEN
        RAISE EXCEPTION 'grant % has no supplied application of that agency', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER govdata_grant_inside BEFORE INSERT OR UPDATE OF agreement, starts_at, ends_at, kind, agency_id, package_id
    ON govdata_grant FOR EACH ROW EXECUTE FUNCTION govdata_grant_inside();
ALTER TABLE govdata_grant ENABLE ALWAYS TRIGGER govdata_grant_inside;

-- One party has one grant of a dataset at a time. Texts have no operator for this index in PostgreSQL itself, ranges have.
ALTER TABLE govdata_grant ADD CONSTRAINT govdata_grant_alone EXCLUDE USING gist (
    int8range(hashtextextended(party_id || ' ' || package_id, 0), hashtextextended(party_id || ' ' || package_id, 0), '[]')
        WITH &&,
    tsrange(starts_at, ends_at) WITH &&
) WHERE (kind = 'agreement' AND state IN ('running', 'suspended')) DEFERRABLE INITIALLY DEFERRED;
"""


def upgrade():
    op.execute(_TABLES)


def downgrade():
    op.execute("ALTER TABLE govdata_grant DROP CONSTRAINT govdata_grant_alone")
    op.execute("ALTER TABLE govdata_grant DROP CONSTRAINT govdata_grant_agreement")
    op.execute("DROP TRIGGER govdata_grant_inside ON govdata_grant")
    op.execute("ALTER TABLE govdata_grant DROP COLUMN rests_on_live")
    op.execute("ALTER TABLE govdata_grant DROP CONSTRAINT govdata_grant_holder")
    op.execute("ALTER TABLE govdata_grant DROP COLUMN agency_id")
    op.execute("DROP TRIGGER govdata_agreement_moved ON govdata_case")
    for table in ("govdata_agreement_obligation", "govdata_agreement"):
        op.drop_table(table)
    for name in ("govdata_agreement_kept", "govdata_agreement_moved", "govdata_grant_inside"):
        op.execute(f"DROP FUNCTION {name}()")
