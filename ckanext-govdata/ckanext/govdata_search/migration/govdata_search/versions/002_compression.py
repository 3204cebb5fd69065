"""Documents are packed by lz4 where the server has it: making them anew from the tables is a tenth faster by that.

Revision ID: 002
Revises: 001
"""

from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
            ALTER TABLE govdata_search_document ALTER COLUMN document SET COMPRESSION lz4;
        END IF;
        END $$"""
    )


def downgrade():
    op.execute(
        """DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression') THEN
            ALTER TABLE govdata_search_document ALTER COLUMN document SET COMPRESSION default;
        END IF;
        END $$"""
    )
