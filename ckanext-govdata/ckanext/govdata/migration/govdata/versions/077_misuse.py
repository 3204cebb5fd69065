"""Reports of misuse: how each stands, and the sealed words. No column is for an address, an account or a name.

Revision ID: 077
Revises: 076
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "077"
down_revision = "076"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_misuse_report",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("number", sa.UnicodeText, nullable=False, unique=True),
        sa.Column("code", sa.UnicodeText, nullable=False),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("party_id", sa.UnicodeText, index=True),
        sa.Column("agreements", JSONB, nullable=False),
    )
    op.create_table(
        "govdata_misuse_words",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade():
    op.drop_table("govdata_misuse_words")
    op.drop_table("govdata_misuse_report")
