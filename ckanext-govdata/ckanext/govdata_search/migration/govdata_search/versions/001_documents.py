"""The table of search documents that every index is built from.

Revision ID: 001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE SEQUENCE IF NOT EXISTS govdata_search_number AS bigint")
    # The plugin makes the table itself when it is used before this migration ran.
    if sa.inspect(op.get_bind()).has_table("govdata_search_document"):
        return
    op.create_table(
        "govdata_search_document",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("number", sa.BigInteger, nullable=True),
        sa.Column("index_id", sa.UnicodeText, nullable=True),
        sa.Column("site_id", sa.UnicodeText, nullable=False),
        sa.Column("document", sa.UnicodeText, nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_index(
        "govdata_search_document_waiting",
        "govdata_search_document",
        ["id"],
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_index("govdata_search_document_key", "govdata_search_document", ["index_id"])
    op.create_index("govdata_search_document_number", "govdata_search_document", ["number"], unique=True)


def downgrade():
    op.drop_table("govdata_search_document")
    op.execute("DROP SEQUENCE IF EXISTS govdata_search_number")
