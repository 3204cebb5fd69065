"""Doubts about shared data, who was told of a correction, and how the persons concerned by a leak were told.

Revision ID: 075
Revises: 074
"""

import sqlalchemy as sa
from alembic import op

revision = "075"
down_revision = "074"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("govdata_objection", sa.Column("sharing", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("govdata_objection", sa.Column("by_agency", sa.UnicodeText))
    # A doubt about shared data is an agency's, and an agency's is none of anybody else.
    op.create_check_constraint("govdata_objection_doubt", "govdata_objection", "sharing = (by_agency IS NOT NULL)")
    op.create_table(
        "govdata_correction_holder",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("case_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("party_id", sa.UnicodeText),
        sa.Column("user_id", sa.UnicodeText),
        sa.Column("told_at", sa.DateTime, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime),
        sa.Column("acknowledged_by", sa.UnicodeText),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="govdata_correction_holder_by"
        ),
    )
    once = "CREATE UNIQUE INDEX govdata_correction_holder_once ON govdata_correction_holder"
    op.execute(f"{once} (case_id, coalesce(party_id, ''), coalesce(user_id, ''))")
    op.add_column("govdata_withdrawal", sa.Column("persons_told", sa.UnicodeText))
    op.add_column("govdata_withdrawal", sa.Column("persons_told_at", sa.DateTime))
    op.create_check_constraint(
        "govdata_withdrawal_persons", "govdata_withdrawal", "(persons_told IS NULL) = (persons_told_at IS NULL)"
    )


def downgrade():
    op.drop_column("govdata_withdrawal", "persons_told_at")
    op.drop_column("govdata_withdrawal", "persons_told")
    op.drop_table("govdata_correction_holder")
    op.drop_column("govdata_objection", "by_agency")
    op.drop_column("govdata_objection", "sharing")
