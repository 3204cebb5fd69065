"""Notes on cases, sealed; and an index for the desk of all cases.

Revision ID: 079
Revises: 078
"""

import sqlalchemy as sa
from alembic import op

revision = "079"
down_revision = "078"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "govdata_case_note",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("case_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("by", sa.UnicodeText, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("govdata_case_waiting", "govdata_case", ["machine", "state"])


def downgrade():
    op.drop_index("govdata_case_waiting", "govdata_case")
    op.drop_table("govdata_case_note")
