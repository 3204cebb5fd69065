"""Marks in deliveries: what agencies say of their tables, and the register of marked deliveries.

Revision ID: 052
Revises: 050
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "052"
down_revision = "050"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_marking",
        sa.Column("resource_id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False),
        sa.Column("order_meaningless", sa.Boolean, nullable=False),
        sa.Column("tolerances", JSONB, nullable=False),
        sa.Column("declared_by", sa.UnicodeText, nullable=False),
        sa.Column("declared_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "govdata_marked_delivery",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("resource_id", sa.UnicodeText, nullable=False),
        sa.Column("source_sha256", sa.UnicodeText, nullable=False),
        sa.Column("grant_id", sa.UnicodeText, nullable=False),
        sa.Column("party_id", sa.UnicodeText),
        sa.Column("delivered_sha256", sa.UnicodeText, nullable=False),
        sa.Column("content_sha256", sa.UnicodeText, nullable=False),
        sa.Column("entry", sa.UnicodeText, nullable=False),
        sa.Column("delivered_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("resource_id", "source_sha256", "grant_id", "delivered_sha256"),
    )


def downgrade():
    op.drop_table("govdata_marked_delivery")
    op.drop_table("govdata_marking")
