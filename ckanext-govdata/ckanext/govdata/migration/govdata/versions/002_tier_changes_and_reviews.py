"""Changes of tier with who, when and why; reviews of entries before they are published.

Revision ID: 002
Revises: 001
"""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_tier_change",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("from_tier", sa.UnicodeText, nullable=False),
        sa.Column("to_tier", sa.UnicodeText, nullable=False),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("proof_kind", sa.UnicodeText, nullable=False),
        sa.Column("proof", sa.UnicodeText, nullable=False),
        sa.Column("status", sa.UnicodeText, nullable=False, index=True),
        sa.Column("proposed_by", sa.UnicodeText, nullable=False),
        sa.Column("proposed_at", sa.DateTime, nullable=False),
        sa.Column("decided_by", sa.UnicodeText),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("decision_reason", sa.UnicodeText, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'applied', 'refused', 'taken_back')", name="govdata_tier_change_status"
        ),
        # A looser tier takes two persons, whatever code writes the row: unconditional < conditional < not open or none.
        sa.CheckConstraint(
            "status <> 'applied' OR decided_by <> proposed_by OR from_tier = '' OR from_tier = to_tier"
            " OR to_tier IN ('', 'not_open') OR (from_tier = 'unconditional')",
            name="govdata_tier_change_two_persons",
        ),
    )
    op.create_table(
        "govdata_review",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("reviewer", sa.UnicodeText, nullable=False),
        sa.Column("digest", sa.UnicodeText, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("note", sa.UnicodeText, nullable=False),
        sa.Column("decided_by", sa.UnicodeText, nullable=False),
        sa.Column("decided_at", sa.DateTime, nullable=False),
    )


def downgrade():
    op.drop_table("govdata_review")
    op.drop_table("govdata_tier_change")
