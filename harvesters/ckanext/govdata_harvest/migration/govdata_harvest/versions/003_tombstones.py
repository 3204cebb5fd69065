"""What other portals withdrew and was shut here because of it; the weeks that were announced.

Revision ID: 003
Revises: 002
"""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_harvest_tombstone",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("source_id", sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False),
        sa.Column("remote_id", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("withdrawn_at", sa.DateTime, nullable=False),
        sa.Column("shutting_id", sa.UnicodeText, nullable=False),
        sa.Column("ours", sa.Boolean, nullable=False),
        sa.Column("proposed_at", sa.DateTime),
        sa.Column("obeyed_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("source_id", "remote_id", name="govdata_harvest_tombstone_one"),
    )
    op.create_table(
        "govdata_harvest_announcement",
        sa.Column("week", sa.UnicodeText, primary_key=True),
        sa.Column("made_at", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("govdata_harvest_announcement")
    op.drop_table("govdata_harvest_tombstone")
