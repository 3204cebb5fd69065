"""Versions of files that are held here.

Revision ID: 080
Revises: 079
"""

import sqlalchemy as sa
from alembic import op

revision = "080"
down_revision = "079"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_file_version",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("resource_id", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha256", sa.UnicodeText, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("name", sa.UnicodeText, nullable=False),
        sa.Column("way", sa.UnicodeText, nullable=False),
        sa.Column("address", sa.UnicodeText, nullable=False),
        sa.Column("stored_by", sa.UnicodeText, nullable=False),
        sa.Column("stored_at", sa.DateTime, nullable=False),
        sa.Column("replaced_at", sa.DateTime),
        sa.Column("released_at", sa.DateTime),
        sa.UniqueConstraint("resource_id", "number", name="govdata_file_version_number"),
    )


def downgrade():
    op.drop_table("govdata_file_version")
