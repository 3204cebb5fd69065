"""Applications, agreements and their duties are not deleted, by whatever statement; random histories found that they could be.

Revision ID: 074
Revises: 073
"""

from alembic import op

from ckanext.govdata.migration.triggers import create_always

revision = "074"
down_revision = "073"
branch_labels = None
depends_on = None

_TABLES = ("govdata_application", "govdata_agreement", "govdata_agreement_obligation")
_REFUSE = """
CREATE OR REPLACE FUNCTION govdata_row_stays() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'rows of % stay', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $body$;
"""


def upgrade():
    op.execute(_REFUSE)
    create_always((table, "stays", "BEFORE DELETE OR TRUNCATE", "STATEMENT", "govdata_row_stays") for table in _TABLES)


def downgrade():
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_stays ON {table}")
    op.execute("DROP FUNCTION govdata_row_stays()")
