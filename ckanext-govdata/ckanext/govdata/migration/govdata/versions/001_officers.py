"""Officers: who acts for the authority and the operator, since when, by whose appointment.

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
    op.create_table(
        "govdata_officer",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("user_id", sa.UnicodeText, nullable=False),
        sa.Column("role", sa.UnicodeText, nullable=False),
        sa.Column("appointed_by", sa.UnicodeText, nullable=False),
        sa.Column("appointed_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("ended_by", sa.UnicodeText),
        sa.CheckConstraint("role IN ('authority', 'operator')", name="govdata_officer_role"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_officer_end"),
    )
    op.create_index(
        "govdata_officer_in_office",
        "govdata_officer",
        ["user_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade():
    op.drop_table("govdata_officer")
