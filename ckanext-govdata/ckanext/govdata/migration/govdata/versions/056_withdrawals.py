"""Withdrawals: how far each is, holders and their answers, sealed evidence, drills.

Revision ID: 056
Revises: 054
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "056"
down_revision = "054"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_withdrawal",
        sa.Column("case_id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("report", sa.LargeBinary),
        sa.Column("personal", sa.Boolean, nullable=False),
        sa.Column("what", sa.UnicodeText, nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("withdrawn_at", sa.DateTime),
        sa.Column("grants", JSONB, nullable=False),
        sa.Column("done", JSONB, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("drill", sa.Boolean, nullable=False),
    )
    op.create_table(
        "govdata_withdrawal_holder",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("case_id", sa.UnicodeText, nullable=False),
        sa.Column("party_id", sa.UnicodeText),
        sa.Column("user_id", sa.UnicodeText),
        sa.Column("first_at", sa.DateTime, nullable=False),
        sa.Column("last_at", sa.DateTime, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("told_at", sa.DateTime, nullable=False),
        sa.Column("confirmed_at", sa.DateTime),
        sa.Column("confirmed_by", sa.UnicodeText),
        sa.Column("answer", sa.UnicodeText, nullable=False),
        sa.Column("escalated_at", sa.DateTime),
    )
    # One row a holder, on PostgreSQL of any version: a party, or a person where there is none.
    op.execute(
        "CREATE UNIQUE INDEX govdata_withdrawal_holder_once ON govdata_withdrawal_holder"
        " (case_id, coalesce(party_id, ''), coalesce(user_id, ''))"
    )
    op.create_table(
        "govdata_sealed_evidence",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("case_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("kind", sa.UnicodeText, nullable=False),
        sa.Column("name", sa.UnicodeText, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("sealed_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "govdata_drill",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False),
        sa.Column("case_id", sa.UnicodeText, nullable=False),
        sa.Column("seconds", JSONB, nullable=False),
        sa.Column("holders", sa.Integer, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("by", sa.UnicodeText, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def downgrade():
    for table in ("govdata_drill", "govdata_sealed_evidence", "govdata_withdrawal_holder", "govdata_withdrawal"):
        op.drop_table(table)
