"""Model texts, agreements' documents, the signatures that were asked for, and who has read to the end.

Revision ID: 065
Revises: 056
"""

from alembic import op

from ckanext.govdata.migration.triggers import create_always

revision = "065"
down_revision = "056"
branch_labels = None
depends_on = None

# Whom and what a document names stands in it as copies: nothing here hangs on datasets, parties, users or model texts.
_TABLES = """
CREATE TABLE govdata_agreement_text (
    id text PRIMARY KEY,
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('draft', 'in_force', 'retired')),
    body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'),
    note text NOT NULL,
    made_by text NOT NULL,
    made_at timestamp NOT NULL,
    decided_by text,
    in_force_at timestamp,
    retired_at timestamp,
    UNIQUE (key, version),
    CHECK ((state = 'draft') = (in_force_at IS NULL)),
    CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX govdata_agreement_text_in_force ON govdata_agreement_text (key) WHERE state = 'in_force';
CREATE UNIQUE INDEX govdata_agreement_text_draft ON govdata_agreement_text (key) WHERE state = 'draft';

CREATE SEQUENCE IF NOT EXISTS govdata_agreement_number;
CREATE TABLE govdata_agreement_document (
    id text PRIMARY KEY,
    number text NOT NULL UNIQUE,
    step text NOT NULL CHECK (step IN ('presented', 'signed', 'sealed', 'void')),
    text_key text NOT NULL,
    text_version integer NOT NULL,
    agency text NOT NULL,
    party text NOT NULL,
    dataset text NOT NULL,
    application text,
    supersedes text,
    canonical bytea NOT NULL,
    content_sha256 text NOT NULL CHECK (content_sha256 = encode(sha256(canonical), 'hex')),
    pdf bytea NOT NULL,
    sha256 text NOT NULL CHECK (sha256 = encode(sha256(pdf), 'hex')),
    sm3 text NOT NULL,
    evidence bytea,
    presented_by text NOT NULL,
    presented_at timestamp NOT NULL,
    signed_at timestamp,
    sealed_at timestamp,
    void_at timestamp,
    reason text NOT NULL,
    entry uuid,
    CHECK ((step = 'sealed') = (entry IS NOT NULL)),
    CHECK (step <> 'signed' OR signed_at IS NOT NULL),
    CHECK (step <> 'sealed' OR signed_at IS NOT NULL AND sealed_at IS NOT NULL),
    CHECK ((step = 'void') = (void_at IS NOT NULL))
);
CREATE INDEX govdata_agreement_document_party ON govdata_agreement_document (party, presented_at);
CREATE INDEX govdata_agreement_document_agency ON govdata_agreement_document (agency, presented_at);
CREATE INDEX govdata_agreement_document_application ON govdata_agreement_document (application);
CREATE INDEX govdata_agreement_document_sha256 ON govdata_agreement_document (sha256);

CREATE TABLE govdata_agreement_act (
    id text PRIMARY KEY,
    document text NOT NULL REFERENCES govdata_agreement_document (id),
    field text NOT NULL CHECK (field IN ('User', 'Agency')),
    level text NOT NULL CHECK (level IN ('agreed', 'own_certificate', 'seal')),
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'dropped')),
    done_by text NOT NULL,
    evidence bytea NOT NULL,
    prepared bytea,
    cms bytea,
    asked_at timestamp NOT NULL,
    done_at timestamp,
    tries integer NOT NULL CHECK (tries >= 0),
    trouble text NOT NULL,
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE UNIQUE INDEX govdata_agreement_act_one ON govdata_agreement_act (document, field) WHERE state <> 'dropped';
CREATE INDEX govdata_agreement_act_waiting ON govdata_agreement_act (asked_at) WHERE state = 'waiting';

CREATE TABLE govdata_agreement_reading (
    document text NOT NULL REFERENCES govdata_agreement_document (id),
    done_by text NOT NULL,
    read_at timestamp NOT NULL,
    PRIMARY KEY (document, done_by)
);
"""

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION govdata_agreement_keep() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'agreements are kept: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $body$;

CREATE OR REPLACE FUNCTION govdata_agreement_text_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.state = 'draft' AND NEW.state <> 'retired' AND (OLD.id, OLD.key, OLD.version) = (NEW.id, NEW.key, NEW.version)
        OR OLD.state = 'in_force' AND NEW.state = 'retired'
        AND (OLD.id, OLD.key, OLD.version, OLD.body) = (NEW.id, NEW.key, NEW.version, NEW.body) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a model text that was in force does not change; write the next version'
        USING ERRCODE = 'check_violation';
END $body$;

-- A document goes on by signatures alone, what was agreed never changes, and a sealed one not at all.
CREATE OR REPLACE FUNCTION govdata_agreement_document_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF (OLD.id, OLD.number, OLD.text_key, OLD.text_version, OLD.agency, OLD.party, OLD.dataset, OLD.application,
        OLD.supersedes, OLD.canonical, OLD.presented_by, OLD.presented_at)
        IS DISTINCT FROM (NEW.id, NEW.number, NEW.text_key, NEW.text_version, NEW.agency, NEW.party, NEW.dataset,
        NEW.application, NEW.supersedes, NEW.canonical, NEW.presented_by, NEW.presented_at) THEN
        RAISE EXCEPTION 'what agreement % says does not change', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.step, NEW.step) NOT IN (('presented', 'signed'), ('signed', 'sealed'), ('presented', 'void'), ('signed', 'void')) THEN
        RAISE EXCEPTION 'agreement % does not go from % to %', OLD.number, OLD.step, NEW.step USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.step <> 'void' AND (substring(NEW.pdf FOR length(OLD.pdf)) <> OLD.pdf OR length(NEW.pdf) <= length(OLD.pdf)) THEN
        RAISE EXCEPTION 'a signature of % is added behind what was there', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.step = 'void' AND NEW.pdf <> OLD.pdf THEN
        RAISE EXCEPTION 'the file of % does not change', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION govdata_agreement_act_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.state <> 'waiting' OR (OLD.id, OLD.document, OLD.field, OLD.level, OLD.done_by, OLD.evidence, OLD.asked_at)
        IS DISTINCT FROM (NEW.id, NEW.document, NEW.field, NEW.level, NEW.done_by, NEW.evidence, NEW.asked_at) THEN
        RAISE EXCEPTION 'what somebody signed does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $body$;
"""

_TRIGGERS = (
    ("govdata_agreement_text", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_agreement_keep"),
    ("govdata_agreement_text", "step", "BEFORE UPDATE", "ROW", "govdata_agreement_text_step"),
    ("govdata_agreement_document", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_agreement_keep"),
    ("govdata_agreement_document", "step", "BEFORE UPDATE", "ROW", "govdata_agreement_document_step"),
    ("govdata_agreement_act", "keep", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_agreement_keep"),
    ("govdata_agreement_act", "step", "BEFORE UPDATE", "ROW", "govdata_agreement_act_step"),
    ("govdata_agreement_reading", "keep", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "govdata_agreement_keep"),
)


def upgrade():
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    create_always(_TRIGGERS)


def downgrade():
    for table in ("reading", "act", "document", "text"):
        op.execute(f"DROP TABLE govdata_agreement_{table} CASCADE")
    op.execute("DROP SEQUENCE govdata_agreement_number")
    for name in ("act_step", "document_step", "text_step", "keep"):
        op.execute(f"DROP FUNCTION govdata_agreement_{name}()")
