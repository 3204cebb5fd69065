"""Applications and their attachments.

Revision ID: 070
Revises: 068
"""

from alembic import op

revision = "070"
down_revision = "068"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE govdata_application (
    id text PRIMARY KEY REFERENCES govdata_case (id),
    kind text NOT NULL CHECK (kind IN ('open', 'sharing')),
    package_id text NOT NULL,
    title text NOT NULL,
    agency_title text NOT NULL,
    party_id text,
    party_kind text NOT NULL,
    applicant_agency text,
    sharing_tier text NOT NULL,
    content jsonb NOT NULL,
    conditions jsonb NOT NULL,
    offered jsonb NOT NULL,
    missing jsonb NOT NULL,
    pack text NOT NULL,
    received_at timestamp,
    decided_at timestamp,
    days integer,
    changed_at timestamp NOT NULL,
    CONSTRAINT govdata_application_applicant CHECK (
        kind = 'open' AND party_id IS NOT NULL AND applicant_agency IS NULL
        OR kind = 'sharing' AND (party_id IS NULL) <> (applicant_agency IS NULL)
    )
);
CREATE INDEX govdata_application_of_package ON govdata_application (package_id);
CREATE INDEX govdata_application_of_party ON govdata_application (party_id);
CREATE INDEX govdata_application_of_applicant ON govdata_application (applicant_agency);
CREATE INDEX govdata_application_received ON govdata_application (received_at DESC);

CREATE TABLE govdata_application_file (
    id text PRIMARY KEY,
    application_id text NOT NULL REFERENCES govdata_application (id),
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    sha256 text NOT NULL,
    added_by text NOT NULL,
    added_at timestamp NOT NULL
);
CREATE INDEX govdata_application_file_of ON govdata_application_file (application_id);
CREATE TABLE govdata_application_bytes (sha256 text PRIMARY KEY, content bytea NOT NULL);

-- What was submitted stays as it was, whoever writes.
CREATE OR REPLACE FUNCTION govdata_application_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF (NEW.content, NEW.conditions, NEW.offered, NEW.package_id, NEW.party_id, NEW.applicant_agency, NEW.kind)
        IS DISTINCT FROM
        (OLD.content, OLD.conditions, OLD.offered, OLD.package_id, OLD.party_id, OLD.applicant_agency, OLD.kind)
        AND NOT EXISTS (SELECT 1 FROM govdata_case WHERE id = OLD.id AND state IN ('draft', 'returned')) THEN
        RAISE EXCEPTION 'application % was submitted and does not change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER govdata_application_kept BEFORE UPDATE ON govdata_application
    FOR EACH ROW EXECUTE FUNCTION govdata_application_kept();
ALTER TABLE govdata_application ENABLE ALWAYS TRIGGER govdata_application_kept;
"""


def upgrade():
    op.execute(_TABLES)


def downgrade():
    for table in ("govdata_application_bytes", "govdata_application_file", "govdata_application"):
        op.drop_table(table)
    op.execute("DROP FUNCTION govdata_application_kept()")
