"""Files that lists name as data of their entries, and sources whose data is held here; entries of two agencies that were merged.

Revision ID: 004
Revises: 003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "govdata_harvest_source", sa.Column("takes_data", sa.Boolean, nullable=False, server_default=sa.false())
    )
    texts = ("state", "key", "address", "file", "title", "format", "resource_id", "cause", "detail")
    op.create_table(
        "govdata_harvest_file",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("source_id", sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False),
        sa.Column("job_id", sa.UnicodeText, nullable=False, index=True),
        *(sa.Column(name, sa.UnicodeText, nullable=False) for name in texts),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("seen", JSONB, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.DateTime),
        sa.Column("due_at", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.CheckConstraint("state in ('named', 'wanted', 'dropped')", name="govdata_harvest_file_state"),
    )
    op.create_index("govdata_harvest_file_due", "govdata_harvest_file", ["source_id", "due_at"])
    merged = ("gone_id", "publication", "tier", "reason", "merged_by", "undone_by")
    op.create_table(
        "govdata_harvest_merge",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("kept_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("agency_id", sa.UnicodeText, nullable=False, index=True),
        *(sa.Column(name, sa.UnicodeText, nullable=False) for name in merged),
        sa.Column("merged_at", sa.DateTime, nullable=False),
        sa.Column("undone_at", sa.DateTime),
    )
    op.create_index(
        "govdata_harvest_merge_gone",
        "govdata_harvest_merge",
        ["gone_id"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )


def downgrade():
    op.drop_table("govdata_harvest_merge")
    op.drop_table("govdata_harvest_file")
    op.drop_column("govdata_harvest_source", "takes_data")
