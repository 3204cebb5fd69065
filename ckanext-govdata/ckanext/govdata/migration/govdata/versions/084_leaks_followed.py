"""Whoever reports a leak follows it by number and code; of an objection the register says what became of it, once it is settled.

Revision ID: 084
Revises: 083
"""

import sqlalchemy as sa
from alembic import op

revision = "084"
down_revision = "083"
branch_labels = None
depends_on = None


def upgrade():
    # Reports from before, scans and withdrawals without a report have neither number nor code.
    op.add_column("govdata_withdrawal", sa.Column("number", sa.UnicodeText, unique=True))
    op.add_column("govdata_withdrawal", sa.Column("code", sa.UnicodeText))
    op.add_column("govdata_withdrawal", sa.Column("objection", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("govdata_withdrawal", sa.Column("settled_at", sa.DateTime))
    op.add_column("govdata_withdrawal", sa.Column("shut_by", sa.UnicodeText))
    op.add_column("govdata_withdrawal", sa.Column("again", sa.LargeBinary))
    op.create_check_constraint("govdata_withdrawal_followed", "govdata_withdrawal", "(number IS NULL) = (code IS NULL)")
    op.create_check_constraint(
        "govdata_withdrawal_settled", "govdata_withdrawal", "shut_by IS NULL OR settled_at IS NOT NULL"
    )


def downgrade():
    op.drop_constraint("govdata_withdrawal_settled", "govdata_withdrawal")
    op.drop_constraint("govdata_withdrawal_followed", "govdata_withdrawal")
    for column in ("again", "shut_by", "settled_at", "objection", "code", "number"):
        op.drop_column("govdata_withdrawal", column)
