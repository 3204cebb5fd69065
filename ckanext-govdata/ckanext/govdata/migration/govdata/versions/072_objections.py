"""Objections: what is public of each, and the sealed words beside it.

Revision ID: 072
Revises: 071
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "072"
down_revision = "071"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_objection",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("number", sa.UnicodeText, nullable=False, unique=True),
        sa.Column("code", sa.UnicodeText, nullable=False),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("resource_id", sa.UnicodeText),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("filed_at", sa.DateTime, nullable=False),
        sa.Column("marked_at", sa.DateTime),
        sa.Column("lifted_at", sa.DateTime),
        sa.Column("settled_at", sa.DateTime),
        sa.Column("old_version", sa.UnicodeText, nullable=False),
        sa.Column("new_version", sa.UnicodeText, nullable=False),
        sa.Column("reply", sa.UnicodeText, nullable=False),
        # What is looked into as a leak never stands in the register.
        sa.CheckConstraint("reason NOT IN ('personal', 'secret')", name="govdata_objection_no_leak"),
        sa.CheckConstraint("lifted_at IS NULL OR marked_at IS NOT NULL", name="govdata_objection_mark"),
    )
    op.create_index(
        "govdata_objection_marked",
        "govdata_objection",
        ["package_id"],
        postgresql_where=sa.text("marked_at IS NOT NULL AND lifted_at IS NULL"),
    )
    op.create_table(
        "govdata_objection_words",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("case_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("media_type", sa.UnicodeText, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade():
    op.drop_table("govdata_objection_words")
    op.drop_table("govdata_objection")
