"""Applications, agreements and their duties are not deleted, by whatever statement; random histories found that they could be.

Revision ID: 074
Revises: 073
"""

from alembic import op

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
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION govdata_row_stays()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays")


def downgrade():
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_stays ON {table}")
    op.execute("DROP FUNCTION govdata_row_stays()")
